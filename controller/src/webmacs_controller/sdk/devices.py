"""Names of what plugins hold (`Plugin.holds`): the same for the same thing, whoever holds it."""

import os


def serial_line(path: str) -> str:
    """`path` may be a link, as those in /dev/serial/by-id are."""
    return f"the serial line {os.path.realpath(path)}"
