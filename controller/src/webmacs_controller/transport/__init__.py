"""Brings points to the server: kept until acknowledged, sent again after a lost connection."""
