"""The ways in which a plugin fails."""

import os


class ConfigError(Exception):
    """A setting is wrong; the message names the key and what is allowed."""


class PluginError(Exception):
    """A device cannot be reached, read or written; the message is for the person who looks after it."""


class OutcomeUnknownError(PluginError):
    """What was to be set may be set or not, and nobody can tell: it was sent, and no answer came."""


def system_words(error: OSError) -> str:
    """What the system calls it, as "Connection refused"; asyncio adds addresses, which who tells it knows better."""
    if error.errno is not None and (type(error) is OSError or isinstance(error, ConnectionError)):
        return os.strerror(error.errno)
    return error.strerror or str(error) or type(error).__name__
