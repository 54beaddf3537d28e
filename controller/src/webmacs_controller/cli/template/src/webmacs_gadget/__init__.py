"""New gadget for WebMACS."""

from .plugin import Gadget, GadgetConfig

__all__ = ["Gadget", "GadgetConfig"]
