"""Revolution Pi: the modules of a rail, as piCtory has configured them."""

from webmacs_controller.plugins.revpi.plugin import RevPiPlugin
from webmacs_controller.plugins.revpi.settings import ChannelSettings, RevPiConfig

__all__ = ["ChannelSettings", "RevPiConfig", "RevPiPlugin"]
