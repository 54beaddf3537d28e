"""Measures the machine that the controller runs on."""

from webmacs_controller.plugins.system.plugin import SystemConfig, SystemPlugin

__all__ = ["SystemConfig", "SystemPlugin"]
