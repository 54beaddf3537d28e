"""Makes the parts that the settings ask for."""

from webmacs_controller.clock.clock import Clock
from webmacs_controller.measuring.instance import Instance
from webmacs_controller.sdk.discovery import create
from webmacs_controller.settings import Settings
from webmacs_controller.transport.token import TokenStore


def make_instances(settings: Settings, clock: Clock | None = None) -> list[Instance]:
    """Every configured instance, not connected. Raises ConfigError."""
    return [
        Instance(entry.name, create(entry.plugin, entry.config, f"instances[{number}]"), entry.interval_seconds, clock)
        for number, entry in enumerate(settings.instances, 1)
    ]


def make_tokens(settings: Settings) -> TokenStore:
    """The token, wherever it is."""
    return TokenStore(settings.server.token, settings.token_file)
