"""A small fluidised-bed reactor that exists only as equations."""

from webmacs_controller.plugins.simulated.plugin import SimulatedConfig, SimulatedPlugin

__all__ = ["SimulatedConfig", "SimulatedPlugin"]
