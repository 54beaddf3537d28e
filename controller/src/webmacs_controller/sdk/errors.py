"""The ways in which a plugin fails."""


class ConfigError(Exception):
    """A setting is wrong; the message names the key and what is allowed."""


class PluginError(Exception):
    """A device cannot be reached, read or written; the message is for the person who looks after it."""


class OutcomeUnknownError(PluginError):
    """What was to be set may be set or not, and nobody can tell: it was sent, and no answer came."""
