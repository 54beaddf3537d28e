"""Points on disk: what the server did not acknowledge in time, in few large rows of one SQLite file."""
