"""Opens a valve for some seconds, closes it for some, at the press of a button."""

from webmacs_controller.plugins.valve_cycling.plugin import ValveCycling, ValveCyclingConfig

__all__ = ["ValveCycling", "ValveCyclingConfig"]
