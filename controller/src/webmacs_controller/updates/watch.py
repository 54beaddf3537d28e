"""The controller's own judgement of a version that has to prove itself: as well as the one before was."""

import asyncio
import logging
import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from webmacs_controller.updates import launcher
from webmacs_controller.updates.installation import Installation
from webmacs_controller.updates.launcher import VERSIONS

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
FLOW_SECONDS = 30.0
"""Within which the server must have stored another value."""

BEFORE = "before.json"


@dataclass(frozen=True, slots=True)
class Health:
    """How the controller is: whether the server is there, how many values it has stored, which instances work."""

    connected: bool
    stored: int
    working: frozenset[str]


class Before(msgspec.Struct, frozen=True):
    """How the version before was when it ended. Where it could not say, the server and its values are demanded."""

    connected: bool = True
    flowing: bool = True
    working: frozenset[str] = frozenset()


class Watch:
    """Of the version that runs, which is one of that installation; without one it judges nothing."""

    def __init__(self, installation: Installation | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._installation = installation
        self._clock = clock
        self._version = running_version(installation.folder) if installation else ""
        self._stored = 0
        self._stored_at = -math.inf
        self._well_since: float | None = None
        self._said: list[str] = []

    async def run(self, health: Callable[[], Health]) -> None:
        """Says of this version that it is well, when it has been for long enough. Never ends by itself."""
        if self._installation is None or not self._version:
            await asyncio.Event().wait()
        else:
            await self._look(self._installation, health)

    def leave(self, health: Health) -> None:
        """This version ends. If another is to take its place, that is to be as well as this is."""
        if self._installation is None or not self._version:
            return
        try:
            note = launcher.probation(self._installation.folder)
            if note is not None and note.get("version") != self._version:
                self._note_flow(health)
                before = Before(health.connected, self.is_flowing, health.working)
                launcher.write(self._installation.folder / BEFORE, msgspec.to_builtins(before))
        except OSError as error:
            log.error("how this version was cannot be noted: %s", error)

    @property
    def is_flowing(self) -> bool:
        """Whether the server has stored something of late."""
        return self._clock() - self._stored_at < FLOW_SECONDS

    async def _look(self, installation: Installation, health: Callable[[], Health]) -> None:
        before = await asyncio.to_thread(_read_before, installation.folder)
        while True:
            now = health()
            self._note_flow(now)
            note = await asyncio.to_thread(launcher.probation, installation.folder)
            if note is not None and note.get("version") == self._version and self._is_proved(note, before, now):
                await asyncio.to_thread(_confirm, installation, note)
            await asyncio.sleep(LOOK_SECONDS)

    def _note_flow(self, health: Health) -> None:
        if health.stored > self._stored:
            self._stored, self._stored_at = health.stored, self._clock()

    def _is_proved(self, note: launcher.Note, before: Before, now: Health) -> bool:
        problems = complaints(before, now, self.is_flowing)
        if problems:
            self._well_since = None
        elif self._well_since is None:
            self._well_since = self._clock()
        if problems != self._said:
            log.warning("this version is on probation; %s", "; ".join(problems) or "all is well now")
            self._said = problems
        return self._well_since is not None and self._clock() - self._well_since >= float(note.get("steady", 60.0))


def _confirm(installation: Installation, note: launcher.Note) -> None:
    try:
        launcher.confirm(installation.folder, note)
    except OSError as error:
        log.error("that this version has proved itself cannot be noted: %s", error)
    else:
        log.info("this version has proved itself")
        installation.sweep()


def _read_before(folder: Path) -> Before:
    try:
        return msgspec.json.decode((folder / BEFORE).read_bytes(), type=Before)
    except (OSError, msgspec.MsgspecError):
        return Before()


def complaints(before: Before, now: Health, flowing: bool) -> list[str]:
    """What was well before and is not now, in words."""
    missing = sorted(before.working - now.working)
    return [
        *(["the server is not reached"] if before.connected and not now.connected else []),
        *(["no values reach the server"] if before.flowing and not flowing else []),
        *(f"{name} does not work" for name in missing),
    ]


def running_version(folder: Path) -> str:
    """The name of the version that runs here; empty, if it is none of this folder."""
    home = Path(sys.prefix).resolve()
    return home.name if home.parent == (folder / VERSIONS).resolve() else ""
