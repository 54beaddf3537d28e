"""Settings for tests: what they leave out is as good as anything else."""

from typing import Any

from webmacs_controller.plugins.modbus import ChannelSettings, ModbusConfig
from webmacs_controller.sdk.config import read_config


def channel(**settings: Any) -> ChannelSettings:
    """An unsigned holding register at 0."""
    return read_config(ChannelSettings, table(**settings), "channel")


def table(**settings: Any) -> dict[str, Any]:
    """The same, as it is configured."""
    given = {"unit": "1", "table": "holding_register", "address": 0, "type": "uint16"} | settings
    return {"id": f"{given['table']}{given['address']}"} | given


def config(*channels: dict[str, Any], **settings: Any) -> ModbusConfig:
    """Of a device on this machine."""
    return read_config(ModbusConfig, {"host": "127.0.0.1", "channels": list(channels)} | settings, "config")
