"""How the disk fails."""


class StoreError(Exception):
    """The file cannot be read or written; the message says why. Nothing has changed, later it may work."""
