"""WebMACS: the sidecar beside PostgreSQL and PostgREST, and the `webmacs` command."""

from importlib.metadata import version

__version__ = version("webmacs")
