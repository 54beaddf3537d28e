"""A controller through days of faults, in minutes: it is the real one, and everything around it is simulated."""
