"""The one exception for what a person at the command line can mend."""


class Problem(Exception):
    """One clear sentence on what is wrong and what to do; the command prints it and exits with 1."""
