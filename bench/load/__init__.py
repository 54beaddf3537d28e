"""Programs that make load, each in a process of its own: `python -m bench.load.<name> '<json>'` prints JSON."""
