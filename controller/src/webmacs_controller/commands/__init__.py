"""Carries out what the server commands: each command at most once, whenever this process is killed."""
