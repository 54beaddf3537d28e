"""`webmacs install`: the whole of docs/production.md on Debian and Raspberry Pi OS, step by step (see steps.py)."""
