"""Settings for tests: what they leave out is as good as anything else."""

from typing import Any

from webmacs_controller.plugins.mqtt import ChannelSettings, MqttConfig
from webmacs_controller.sdk.config import read_config


def table(**settings: Any) -> dict[str, Any]:
    """An input of a topic with its name, as it is configured."""
    given = {"id": "t", "unit": "°C", "min": -50, "max": 150} | settings
    return given if "topic" in given or "command_topic" in given else given | {"topic": f"plant/{given['id']}"}


def channel(**settings: Any) -> ChannelSettings:
    """The same, checked."""
    return read_config(ChannelSettings, table(**settings), "channel")


def output(**settings: Any) -> dict[str, Any]:
    """A valve in % that tells its position itself."""
    given = {"id": "valve", "unit": "%", "min": 0, "max": 100, "direction": "output", "safe_value": 0}
    return given | {"topic": "plant/valve", "command_topic": "plant/valve/set"} | settings


def config(*channels: dict[str, Any], **settings: Any) -> MqttConfig:
    """Of a broker on this machine."""
    return read_config(MqttConfig, {"host": "127.0.0.1", "channels": list(channels)} | settings, "config")
