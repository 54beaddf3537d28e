"""Whether each part works, found out by using it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """What a check found: `tried` says what was done, `problem` what went wrong (None: it works)."""

    tried: str
    problem: str | None = None


Check = Callable[[], Awaitable[Finding]]


class Health:
    """The checks of all parts, by the name of the part."""

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {}

    def add(self, name: str, check: Check) -> None:
        """Ask `check` whenever somebody wants to know; if it raises, the part does not work."""
        self._checks[name] = check
