"""Every plugin that is shipped keeps the rules."""

from typing import Any

from webmacs_controller.plugins.simulated import SimulatedConfig, SimulatedPlugin
from webmacs_controller.plugins.system import SystemConfig, SystemPlugin
from webmacs_controller.plugins.valve_cycling import ValveCycling, ValveCyclingConfig
from webmacs_controller.sdk import Output, Plugin
from webmacs_controller.sdk.conformance import PluginConformance


class TestSystem(PluginConformance):
    def make_plugin(self) -> Plugin[Any]:
        return SystemPlugin(SystemConfig())


class TestSimulated(PluginConformance):
    def make_plugin(self) -> Plugin[Any]:
        return SimulatedPlugin(SimulatedConfig(program=False))


class TestValveCycling(PluginConformance):
    def make_plugin(self) -> Plugin[Any]:
        return ValveCycling(ValveCyclingConfig(Output("Reactor", "valve_position")))
