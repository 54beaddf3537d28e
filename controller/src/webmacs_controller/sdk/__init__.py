"""What a plugin's author needs, and all of it."""

from webmacs_controller.sdk.blocking import BlockingPlugin
from webmacs_controller.sdk.channel import BAD, GOOD, Channel, Direction, Sample
from webmacs_controller.sdk.errors import ConfigError, PluginError
from webmacs_controller.sdk.plugin import NoConfig, Plugin, PluginMeta

__all__ = [
    "BAD",
    "GOOD",
    "BlockingPlugin",
    "Channel",
    "ConfigError",
    "Direction",
    "NoConfig",
    "Plugin",
    "PluginError",
    "PluginMeta",
    "Sample",
]
