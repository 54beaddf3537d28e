"""Newer bundles at a configured source: found there, and fetched into the way of an upload."""
