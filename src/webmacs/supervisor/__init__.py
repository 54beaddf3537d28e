"""`webmacs up`: starts, watches and stops all parts in order."""

from webmacs.supervisor.run import run

__all__ = ["run"]
