"""Measured values in from controllers: the telemetry socket and the group commit."""
