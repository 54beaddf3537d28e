"""How often somebody may ask: attempts to get in, counted in the database, and requests, counted in each process."""
