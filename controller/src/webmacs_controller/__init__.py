"""The WebMACS controller: measures with plugins and sends the values to the server."""

from importlib.metadata import version

__version__ = version("webmacs-controller")
