"""Real servers and people for tests: PostgreSQL, PostgREST, accounts with signed tokens."""
