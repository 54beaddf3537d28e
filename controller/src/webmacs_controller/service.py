"""The controller at work: all instances measure, the client sends, until it is told to stop."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from webmacs_controller.commands.desk import Desk
from webmacs_controller.commands.journal import Journal
from webmacs_controller.configuration.configurator import Configurator
from webmacs_controller.configuration.fleet import Fleet, Make
from webmacs_controller.configuration.saved import Saved
from webmacs_controller.configuration.settings import Configuration, InstanceSettings
from webmacs_controller.guard.pulse import Pulse
from webmacs_controller.measuring.loop import State
from webmacs_controller.measuring.newest import Newest
from webmacs_controller.packages.keeper import Hooks, Keeper
from webmacs_controller.safety.beginning import begin
from webmacs_controller.safety.record import Record
from webmacs_controller.safety.safeguard import Heritage
from webmacs_controller.safety.troubles import Troubles
from webmacs_controller.safety.wellness import complaints
from webmacs_controller.sdk import Plugin
from webmacs_controller.sdk.worker import Worker
from webmacs_controller.sequences.services import bind
from webmacs_controller.transport.buffer import Buffer
from webmacs_controller.transport.client import Client
from webmacs_controller.transport.token import TokenStore
from webmacs_controller.updates.updater import Updater
from webmacs_controller.updates.watch import Health, Watch

log = logging.getLogger(__name__)

RELEASE_SECONDS = 8.0
"""For all devices at once to reach their safe state and be let go."""

FLUSH_SECONDS = 3.0
"""For the server to acknowledge what is under way."""

SAVE_SECONDS = 5.0
"""For the disk to take what the server did not."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What there is to measure at first, where it is kept when the server wants something else, what makes plugins of
    it, what installs packages with more of them, what judges a new version of all this, and what brings one about."""

    first: Configuration
    saved: Saved
    make: Make
    packages: Callable[[Hooks], Keeper] | None = None
    watch: Watch = field(default_factory=Watch)
    updates: Callable[[Callable[[], None]], Updater] = Updater


async def serve(
    url: str,
    tokens: TokenStore,
    setup: Setup,
    buffer: Buffer,
    journal: Journal,
    stop: asyncio.Event,
    pulse: Pulse | None = None,
) -> bool:
    """Runs until `stop`; then outputs go to their safe values, and what has been measured is sent, or on disk. The same
    happens, and is raised, when a part of it fails that must not. Whether it stopped by itself, to begin in a process
    that has loaded nothing yet, because there is other code now."""

    def make(settings: InstanceSettings) -> Plugin[Any]:
        return bind(setup.make(settings), settings.name, desk.sequences)

    newest, disk = Newest(asyncio.get_running_loop().time), Worker("journal")
    record = Record(journal, disk)
    past, troubles = (pulse.past, Troubles(pulse.blames, pulse.falls)) if pulse else (None, None)
    safeguard = begin(await record.start(), past, record, troubles)
    fleet = Fleet(newest, buffer.put, make, buffer.clock, safeguard)
    safeguard.complaints = lambda: complaints(fleet.stations(), _disk_complaints(buffer, journal))
    configurator = Configurator(fleet, setup.saved)
    desk = Desk(journal, fleet.loops, newest, disk)
    anew = asyncio.Event()

    def begin_anew() -> None:
        anew.set()
        stop.set()

    hooks = Hooks(fleet.changed.set, configurator.look_again, begin_anew)
    keeper = setup.packages(hooks) if setup.packages else None
    updater = setup.updates(fleet.changed.set)
    client = Client(url, tokens, configurator, buffer, desk, keeper=keeper, updater=updater)

    def health() -> Health:
        working = frozenset(name for name, loop in fleet.loops.items() if loop.state is State.RUNNING)
        return Health(client.connected, client.rejections.stored, working)

    beating = asyncio.create_task(pulse.run(fleet.past, stop)) if pulse else None
    keeping = asyncio.create_task(buffer.run())
    await configurator.start(setup.first)
    safeguard.heritage = Heritage()
    await desk.start()
    configuring, sending = asyncio.create_task(configurator.run()), asyncio.create_task(client.run())
    installing = [asyncio.create_task(keeper.run())] if keeper else []
    installing += [asyncio.create_task(setup.watch.run(health)), asyncio.create_task(updater.run())]
    lasting = [task for task in (beating, keeping, configuring, sending, *installing) if task is not None]
    for task in lasting:
        task.add_done_callback(lambda _: stop.set())
    await stop.wait()
    setup.watch.leave(health())
    failure = _failure(lasting)
    log.info("stopping")
    await desk.finish()  # first: nothing may move an output that has been made safe
    await _cancel([configuring, *installing], RELEASE_SECONDS)
    if await fleet.release(RELEASE_SECONDS):
        await record.stop()
    await _flush(client, buffer)
    await _cancel([sending], FLUSH_SECONDS)
    await _save(buffer, keeping)
    await desk.close()
    configurator.stop()
    updater.stop()
    if keeper is not None:
        keeper.stop()
    if beating is not None:
        await _cancel([beating], FLUSH_SECONDS)
    log.info("stopped; %d points refused, %d dropped", client.rejections.total, buffer.dropped)
    if failure is not None:
        raise failure
    return anew.is_set()


def _failure(tasks: Sequence[asyncio.Task[Any]]) -> BaseException | None:
    """Of one that should not have ended."""
    failures = [failure for task in tasks if task.done() and (failure := task.exception()) is not None]
    for failure in failures:
        log.critical("the controller fails", exc_info=failure)
    return failures[0] if failures else None


def _disk_complaints(buffer: Buffer, journal: Journal) -> list[str]:
    values = [] if buffer.is_well else ["the disk does not take values"]
    return values if journal.works else [*values, "the journal of commands cannot be written"]


async def _cancel(tasks: Sequence[asyncio.Task[Any]], seconds: float) -> None:
    for task in tasks:
        task.cancel()
    _, late = await asyncio.wait(tasks, timeout=seconds)
    if late:
        log.error("%d of %d do not end within %g s and are left behind", len(late), len(tasks), seconds)


async def _flush(client: Client, buffer: Buffer) -> None:
    try:
        async with asyncio.timeout(FLUSH_SECONDS):
            await client.drained()
    except TimeoutError:
        log.warning("the server did not acknowledge everything within %g s", FLUSH_SECONDS)


async def _save(buffer: Buffer, keeping: asyncio.Task[None]) -> None:
    """Whatever the server does not have yet is to be on disk."""
    buffer.close()
    await asyncio.wait([keeping], timeout=SAVE_SECONDS)
    await _cancel([keeping], SAVE_SECONDS)
    if not keeping.cancelled() and (error := keeping.exception()):
        log.error("%s", error)
    if buffer.unsaved:
        log.error("%d points were not acknowledged, are not on disk, and are lost", buffer.unsaved)
    elif len(buffer):
        log.info("%d points wait on disk for the next start", len(buffer))
