"""The rules that every plugin keeps, as tests that its author runs with pytest."""

from webmacs_controller.sdk.conformance.suite import PluginConformance

__all__ = ["PluginConformance"]
