"""Brings about the update that the server wants, and says how far it is, across the processes that this takes."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Protocol

import msgspec

from webmacs_controller.backoff import Backoff
from webmacs_controller.packages.download import DownloadError
from webmacs_controller.packages.package import Digest
from webmacs_controller.sdk import system_words
from webmacs_controller.sdk.worker import Worker
from webmacs_controller.updates import launcher
from webmacs_controller.updates.errors import BundleError, Reason
from webmacs_controller.updates.installation import Installation
from webmacs_controller.updates.launcher import CURRENT, OUTCOME

log = logging.getLogger(__name__)

FIRST_WAIT_SECONDS = 10.0
LONGEST_WAIT_SECONDS = 600.0
LOOK_SECONDS = 1.0
"""Between two looks at what has to come about elsewhere, or how much has arrived."""

AT_WORK = "update.json"
NOT_SET_UP = "This controller is not set up to be updated: updates.folder is empty in its controller.toml."


class Wanted(msgspec.Struct, frozen=True):
    """An update, as the server tells of it. `roll_back`: it was completed, and the version before is wanted."""

    id: Annotated[int, msgspec.Meta(ge=1)]
    version: Annotated[str, msgspec.Meta(pattern="^[0-9A-Za-z.!+-]{1,50}$")]
    counter: Annotated[int, msgspec.Meta(ge=1)]
    size: Annotated[int, msgspec.Meta(ge=1)]
    sha256: Digest
    roll_back: bool = False

    def is_that(self, name: object) -> bool:
        """Whether a version of this name came of it."""
        return str(name).startswith(f"{self.counter}-{self.version}-")


@dataclass(frozen=True, slots=True)
class Report:
    """How far an update is."""

    id: int
    state: str
    detail: str = ""
    received: int = 0


class Fetching(Protocol):
    """Where bundles come from."""

    def fetch(self, wanted: Wanted, path: Path) -> None:
        """The whole bundle, in this file. Raises DownloadError, OSError."""


class Updater:
    """`run` until cancelled. Without an installation it says that it can do nothing. `changed` is called when there is
    another report."""

    def __init__(
        self, changed: Callable[[], None], installation: Installation | None = None, source: Fetching | None = None
    ) -> None:
        self._changed = changed
        self._installation = installation
        self._source = source
        self._worker = Worker("updates")  # it downloads and unpacks: nothing else waits
        self._wanted: Wanted | None = None
        self._report: Report | None = None
        self._backoff = Backoff(FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS)
        self._asked = asyncio.Event()

    def want(self, told: dict[str, Any] | None) -> None:
        """The server wants this one, or none."""
        try:
            wanted = msgspec.convert(told, Wanted | None)
        except msgspec.ValidationError as error:
            log.error("the update that the server wants is not understood: %s", error)
            wanted = None
        if wanted != self._wanted:
            self._wanted = wanted
            self._asked.set()

    def report(self) -> Report | None:
        """How far it is; None: nothing is wanted."""
        return self._report if self._wanted and self._report and self._report.id == self._wanted.id else None

    async def run(self) -> None:
        """What failed for a reason that may pass is tried again."""
        patience = None
        if self._installation is not None:
            await self._worker.call(self._installation.clear)
        while True:
            try:
                async with asyncio.timeout(patience):
                    await self._asked.wait()
            except TimeoutError:
                pass
            self._asked.clear()
            patience = await self._bring_about(self._wanted) if self._wanted else None

    def stop(self) -> None:
        """Nothing is wanted any more."""
        self._worker.stop()

    async def _bring_about(self, wanted: Wanted) -> float | None:
        """Seconds until it has to be looked at again; None: it is over."""
        if self._installation is None or self._source is None:
            self._say(wanted, "failed", NOT_SET_UP)
            return None
        try:
            return await self._go_on(self._installation, self._source, wanted)
        except BundleError as error:
            if error.reason == Reason.BUSY:
                return self._backoff.next()
            log.error("the update to %s is refused: %s", wanted.version, error)
            self._say(wanted, "failed", f"{error.reason}: {error}")
            return None
        except (DownloadError, OSError) as error:
            wait = self._backoff.next()
            words = system_words(error) if isinstance(error, OSError) else str(error)
            log.warning("the update to %s: %s; next try in %.0f s", wanted.version, words, wait)
            self._say(wanted, "downloading", words, _arrived(_part(self._installation, wanted)))
            return wait

    async def _go_on(self, installation: Installation, source: Fetching, wanted: Wanted) -> float | None:
        state, detail = await self._worker.call(lambda: _found(installation.folder, wanted))
        if state == "completed" and wanted.roll_back:
            await self._worker.call(installation.go_back)
            return LOOK_SECONDS
        if state:
            self._say(wanted, state, detail, wanted.size)
            return LOOK_SECONDS if state == "probation" else None
        if wanted.roll_back:
            self._say(wanted, "rolled_back", "somebody wanted it", wanted.size)
            return None
        await self._install(installation, source, wanted)
        return LOOK_SECONDS

    async def _install(self, installation: Installation, source: Fetching, wanted: Wanted) -> None:
        path, loop = _part(installation, wanted), asyncio.get_running_loop()
        for other in set(installation.folder.glob(".*.part")) - {path}:
            other.unlink(missing_ok=True)  # of one that was wanted before
        installation.check_size(wanted.size)
        counting = asyncio.create_task(self._count(path, wanted))
        try:
            await self._worker.call(lambda: source.fetch(wanted, path))
        finally:
            counting.cancel()
        if self._wanted != wanted:  # it was withdrawn meanwhile
            path.unlink(missing_ok=True)
            return

        def verified() -> None:
            loop.call_soon_threadsafe(self._say, wanted, "installing", "", wanted.size)

        self._say(wanted, "downloading", received=wanted.size)
        try:
            await self._worker.call(lambda: installation.install(path, verified))
        finally:
            path.unlink(missing_ok=True)

    async def _count(self, path: Path, wanted: Wanted) -> None:
        """While it arrives."""
        while True:
            self._say(wanted, "downloading", received=_arrived(path))
            await asyncio.sleep(LOOK_SECONDS)

    def _say(self, wanted: Wanted, state: str, detail: str = "", received: int | None = None) -> None:
        if received is None:  # no more than before
            received = self._report.received if self._report and self._report.id == wanted.id else 0
        report = Report(wanted.id, state, detail, received)
        if report != self._report:
            self._report = report
            self._changed()


def _part(installation: Installation, wanted: Wanted) -> Path:
    """What has come of it."""
    return installation.folder / f".{wanted.sha256}.part"


def _arrived(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _found(folder: Path, wanted: Wanted) -> tuple[str, str]:
    """The state of this update by what lies on the disk, and why; empty: it has not begun."""
    noted = launcher.read(folder / AT_WORK)
    if noted is None or noted.get("id") != wanted.id:
        launcher.remove(folder / OUTCOME)  # of another one
        launcher.write(folder / AT_WORK, {"id": wanted.id})
    if wanted.is_that(launcher.link_target(folder, CURRENT)):
        return ("probation" if launcher.probation(folder) else "completed"), ""
    outcome = launcher.read(folder / OUTCOME) or {}
    if wanted.is_that(outcome.get("version")) and outcome.get("state") != "completed":
        return str(outcome.get("state")), str(outcome.get("why") or "")
    return "", ""
