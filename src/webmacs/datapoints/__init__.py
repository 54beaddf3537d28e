"""Measured values in from controllers, and all that runs behind the sockets."""
