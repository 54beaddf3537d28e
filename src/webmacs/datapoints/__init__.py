"""Measured values: in from controllers, out to browsers."""
