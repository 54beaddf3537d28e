"""Brings the instances to what is wanted, whoever wants it."""

import asyncio
import logging
from collections.abc import Mapping, Sequence

from webmacs_controller.configuration.fleet import Fleet
from webmacs_controller.configuration.saved import Saved, SavedError
from webmacs_controller.configuration.settings import Configuration, InstanceSettings, Refusal
from webmacs_controller.sdk.description import Description
from webmacs_controller.sdk.discovery import survey
from webmacs_controller.sdk.worker import Worker

log = logging.getLogger(__name__)


class Configurator:
    """`start`, then `run` until cancelled. `version` is that of the configuration which `fleet` has, `plugins` is what
    could be configured. `former` has the names of the instances by what another server calls them."""

    def __init__(self, fleet: Fleet, saved: Saved) -> None:
        self.fleet = fleet
        self.version = 0
        self.plugins: Sequence[Description] = ()
        self.former: Mapping[str, str] = {}
        self._controller_id = ""
        self._saved = saved
        self._kept = Configuration()
        self._worker = Worker("configuration")  # plugins are loaded and made, a file is written: nothing else waits
        self._wish: tuple[int, Sequence[InstanceSettings | Refusal]] | None = None
        self._asked = asyncio.Event()

    async def start(self, configuration: Configuration) -> None:
        """With what was known last, or with a proposal."""
        self._kept = configuration
        self._controller_id = configuration.controller_id
        await self._apply(configuration.version, configuration.instances)
        await self._survey()

    def meet(self, controller_id: str) -> bool:
        """A server calls us this. Returns False where we are configured by another: then what we have is a proposal,
        which it has to be told before it is asked what it wants."""
        known = self._controller_id in ("", controller_id) or self.version == 0
        self._controller_id = controller_id
        if not known:
            self.version = 0
            self.former = {member.settings.public_id: name for name, member in self.fleet.members.items()}
        return known

    async def look_again(self) -> None:
        """There are other plugins than before: the server is told, and its welcome says what becomes of them."""
        await self._survey()
        self.fleet.channels_changed.set()

    def want(self, version: int, instances: Sequence[InstanceSettings | Refusal]) -> None:
        """The server wants this, and nothing that it wanted before."""
        self._wish = version, instances
        self._asked.set()

    async def run(self) -> None:
        """Carries out the newest wish, and keeps what came of it for the next start."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            if self._wish is not None:
                await self._apply(*self._wish)
                await self._save()

    def stop(self) -> None:
        """Nothing is wanted any more."""
        self._worker.stop()

    async def _apply(self, version: int, instances: Sequence[InstanceSettings | Refusal]) -> None:
        steps = await self._worker.call(lambda: self.fleet.plan(instances))
        self.version = version
        self.fleet.carry_out(steps)

    async def _survey(self) -> None:
        installed = await self._worker.call(survey)
        self.plugins = installed.usable
        for plugin_id, problem in installed.broken.items():
            log.warning("the plugin %s is of no use: %s", plugin_id, problem)

    async def _save(self) -> None:
        """What works, not what was refused: at the next start there is nothing else that could stay."""
        instances = [member.settings for member in self.fleet.members.values()]
        configuration = Configuration(version=self.version, controller_id=self._controller_id, instances=instances)
        if configuration == self._kept:
            return
        try:
            await self._worker.call(lambda: self._saved.save(configuration))
        except SavedError as error:
            log.error("the configuration is not kept for the next start: %s", error)
        else:
            self._kept = configuration
