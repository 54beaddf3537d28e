"""Sensors and actuators that speak with an MQTT broker."""

from webmacs_controller.plugins.mqtt.plugin import MqttPlugin
from webmacs_controller.plugins.mqtt.settings import ChannelSettings, MqttConfig

__all__ = ["ChannelSettings", "MqttConfig", "MqttPlugin"]
