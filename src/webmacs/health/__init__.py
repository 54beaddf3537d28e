"""Whether each part works, found out by using it."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

log = logging.getLogger(__name__)

PATIENCE = 3.0  # seconds for each check
FRESH = 2.0  # seconds that an answer is used again, so that asking often costs nothing


@dataclass(frozen=True)
class Finding:
    """What a check found: `tried` says what was done, `problem` what went wrong (None: it works)."""

    tried: str
    problem: str | None = None


@dataclass(frozen=True)
class Component:
    """How one part is."""

    ok: bool
    tried: str | None
    problem: str | None
    latency_ms: float


Check = Callable[[], Awaitable[Finding]]


class Health:
    """The checks of all parts, by the name of the part."""

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {}
        self._found: dict[str, Component] = {}
        self._asked_at = float("-inf")
        self._one_at_a_time = asyncio.Lock()

    def add(self, name: str, check: Check) -> None:
        """Ask `check` whenever somebody wants to know; if it raises, the part does not work."""
        self._checks[name] = check

    async def ask(self) -> dict[str, Component]:
        """How every part is; found out now, or a moment ago."""
        async with self._one_at_a_time:
            if time.monotonic() - self._asked_at > FRESH:
                found = await asyncio.gather(*(_ask(name, check) for name, check in self._checks.items()))
                self._found = dict(zip(self._checks, found, strict=True))
                self._asked_at = time.monotonic()
            return self._found


async def _ask(name: str, check: Check) -> Component:
    begin = time.perf_counter()
    try:
        finding = await asyncio.wait_for(check(), PATIENCE)
    except TimeoutError:
        finding = Finding("", f"No answer within {PATIENCE:.0f} s.")
    except Exception as error:  # whatever it is, the part does not work; the log says more than the public answer
        log.warning("health of %s: %s: %s", name, type(error).__name__, error)
        finding = Finding("", f"It failed: {type(error).__name__}.")
    latency = round((time.perf_counter() - begin) * 1000, 1)
    return Component(finding.problem is None, finding.tried or None, finding.problem, latency)
