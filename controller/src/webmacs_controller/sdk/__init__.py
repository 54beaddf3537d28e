"""What a plugin's author needs, and all of it."""

from webmacs_controller.sdk.blocking import BlockingPlugin
from webmacs_controller.sdk.channel import Channel, Direction, EventType, Sample
from webmacs_controller.sdk.errors import ConfigError, OutcomeUnknownError, PluginError, system_words
from webmacs_controller.sdk.plugin import NoConfig, Plugin, PluginMeta
from webmacs_controller.sdk.quality import Quality
from webmacs_controller.sdk.sequence import SequencePlugin
from webmacs_controller.sdk.services import Hold, Output
from webmacs_controller.sdk.setting import setting
from webmacs_controller.sdk.simulation import ON_OFF, Shape, Simulation

__all__ = [
    "ON_OFF",
    "BlockingPlugin",
    "Channel",
    "ConfigError",
    "Direction",
    "EventType",
    "Hold",
    "NoConfig",
    "OutcomeUnknownError",
    "Output",
    "Plugin",
    "PluginError",
    "PluginMeta",
    "Quality",
    "Sample",
    "SequencePlugin",
    "Shape",
    "Simulation",
    "setting",
    "system_words",
]
