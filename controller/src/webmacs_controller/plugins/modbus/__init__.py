"""Devices that speak Modbus, over TCP or a serial line."""

from webmacs_controller.plugins.modbus.plugin import ModbusPlugin
from webmacs_controller.plugins.modbus.settings import ChannelSettings, ModbusConfig

__all__ = ["ChannelSettings", "ModbusConfig", "ModbusPlugin"]
