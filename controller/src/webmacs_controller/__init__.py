"""The WebMACS controller: measures with plugins and sends the values to the server."""

__version__ = "0.1.0"
