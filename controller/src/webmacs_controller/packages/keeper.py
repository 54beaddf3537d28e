"""Brings the packages to what the server wants, while all else goes on."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, TypeAlias

from webmacs_controller.backoff import Backoff
from webmacs_controller.packages.download import DownloadError
from webmacs_controller.packages.errors import WheelError
from webmacs_controller.packages.installer import Installer
from webmacs_controller.packages.package import Package
from webmacs_controller.packages.shelf import Kept, Shelf
from webmacs_controller.sdk import system_words
from webmacs_controller.sdk.worker import Worker

log = logging.getLogger(__name__)

FIRST_WAIT_SECONDS = 10.0
LONGEST_WAIT_SECONDS = 600.0

State: TypeAlias = Literal["installing", "installed", "failed"]


@dataclass(frozen=True, slots=True)
class Report:
    """What has become of a wanted package; `problem` says why it failed."""

    package: Package
    state: State
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Hooks:
    """Who is told: `changed` that a state is another, `added` that there are new plugins, `restart` that what was
    loaded is replaced or removed, which only another process can be without."""

    changed: Callable[[], None]
    added: Callable[[], Awaitable[None]]
    restart: Callable[[], None]


class Keeper:
    """`run` until cancelled. What fails leaves what is there as it is. `left_out`: why none of them is at work."""

    def __init__(self, shelf: Shelf, installer: Installer, hooks: Hooks, left_out: str = "") -> None:
        self._shelf = shelf
        self._installer = installer
        self._hooks = hooks
        self._left_out = left_out
        self._worker = Worker("packages")  # it downloads, unpacks and tries: nothing else waits
        self._kept: Sequence[Kept] = shelf.read()
        self._wanted: Sequence[Package] = ()
        self._problems: dict[Package, str] = {}
        self._refused: dict[Package, str] = {}  # for good: the code of the reason
        self._backoff = Backoff(FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS)
        self._asked = asyncio.Event()

    def want(self, packages: Sequence[Package]) -> None:
        """The server wants these, and no others."""
        self._wanted = packages
        self._asked.set()

    def report(self) -> list[Report]:
        """How those that are wanted are."""
        return [self._report(package) for package in self._wanted]

    async def run(self) -> None:
        """What failed for a reason that may pass is tried again."""
        patience = None
        if self._left_out:
            log.error("%s", self._left_out)
        elif self._is_stale():  # it may have been forked from a process that was older
            self._restart()
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self._asked.wait()
            self._asked.clear()
            patience = None if await self._bring_about() else self._backoff.next()

    def stop(self) -> None:
        """Nothing is wanted any more."""
        self._worker.stop()

    def _report(self, package: Package) -> Report:
        active = self._shelf.active()
        if any(each.sha256 == package.sha256 and each.folder in active for each in self._kept):
            return Report(package, "installed")
        problem = self._left_out or self._problems.get(package, "")
        return Report(package, "failed" if problem else "installing", problem)

    async def _bring_about(self) -> bool:
        """Whether nothing is left to be tried again."""
        wanted = self._wanted
        self._forget_all_but(wanted)
        kept = await self._install_all(wanted)
        settled = await self._settle(kept)
        parts = [package.sha256 for package in wanted]
        await self._worker.call(lambda: self._shelf.sweep([*kept, *self._kept], parts))
        return settled and self._refused.keys() >= self._problems.keys()

    async def _install_all(self, wanted: Sequence[Package]) -> list[Kept]:
        """What there is then; one that failed leaves its older version in place."""
        names = {package.name for package in wanted}
        kept: list[Kept] = [each for each in self._kept if each.name in names]
        progress = True
        while progress:  # one may be what another requires
            progress = False
            for package in wanted:
                if self._is_open(package, kept) and (made := await self._install(package, kept)):
                    kept = [*(each for each in kept if each.name != made.name), made]
                    progress = True
                    self._forget_missing()
        return kept

    def _is_open(self, package: Package, kept: Sequence[Kept]) -> bool:
        return package not in self._refused and all(each.sha256 != package.sha256 for each in kept)

    async def _install(self, package: Package, kept: Sequence[Kept]) -> Kept | None:
        self._note(package, "")
        others = [each for each in kept if each.name != package.name]
        try:
            made = await self._worker.call(lambda: self._installer.install(package, others))
        except WheelError as error:
            self._refused[package] = error.code
            self._note(package, str(error))
        except DownloadError as error:
            self._note(package, str(error))
        except OSError as error:
            self._note(package, system_words(error))
        except Exception as error:  # what others have written must not end what is ours
            self._refused[package] = "failed"
            self._note(package, repr(error))
        else:
            log.info("the package %s %s is installed", package.name, package.version)
            return made
        return None

    def _note(self, package: Package, problem: str) -> None:
        self._problems.pop(package, None)
        if problem:
            log.error("the package %s %s is not installed: %s", package.name, package.version, problem)
            self._problems[package] = problem
        self._hooks.changed()

    async def _settle(self, kept: Sequence[Kept]) -> bool:
        """From now on these count; whether that could be noted."""
        if kept == self._kept:
            return True
        try:
            await self._worker.call(lambda: self._shelf.replace(kept))
        except OSError as error:
            log.error("what packages are installed cannot be noted: %s", system_words(error))
            return False
        self._kept = kept
        if self._is_stale():
            self._restart()
        else:
            await self._worker.call(lambda: self._shelf.activate(kept))
            self._hooks.changed()
            await self._hooks.added()
        return True

    def _is_stale(self) -> bool:
        """Whether this process has loaded what does not count any more, or left out what may count again."""
        return bool(self._left_out or self._shelf.active() - {each.folder for each in self._kept})

    def _restart(self) -> None:
        log.info("packages were replaced or removed: it begins anew in a process that has loaded nothing")
        self._hooks.restart()

    def _forget_all_but(self, wanted: Sequence[Package]) -> None:
        """Who is assigned again, or signed since, gets another chance."""
        self._problems = {package: problem for package, problem in self._problems.items() if package in wanted}
        self._refused = {package: code for package, code in self._refused.items() if package in wanted}

    def _forget_missing(self) -> None:
        """What was required may be there now."""
        self._refused = {package: code for package, code in self._refused.items() if code != "missing_requirement"}
