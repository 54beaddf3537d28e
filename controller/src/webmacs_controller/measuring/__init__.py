"""Runs plugins: each in its own task, at its own rate, with its own failures."""
