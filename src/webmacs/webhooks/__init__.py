"""Deliveries: what waits in the outbox of the database is called, signed, and its answer noted there."""
