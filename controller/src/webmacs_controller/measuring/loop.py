"""Keeps one instance measuring: evenly, again after a failure, and its outputs safe when nobody controls them."""

import asyncio
import logging
import math
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from enum import StrEnum

from webmacs_controller.backoff import Backoff
from webmacs_controller.configuration.settings import ChannelSettings
from webmacs_controller.measuring.instance import Instance, describe, legible
from webmacs_controller.measuring.making_safe import MakingSafe
from webmacs_controller.measuring.point import Point
from webmacs_controller.measuring.ticker import Ticker
from webmacs_controller.safety.outputs import RETRY_SECONDS
from webmacs_controller.safety.safeguard import Safeguard
from webmacs_controller.safety.wellness import Station
from webmacs_controller.sdk import Channel, Plugin

log = logging.getLogger(__name__)

FEED_SECONDS = 0.5
"""Between two feedings of a watchdog, at least."""

ENDS = "the instance ends"

Deliver = Callable[[Sequence[Point]], None]


class State(StrEnum):
    """`releasing` lets go of the device; `failed` is waiting for its next try."""

    CONNECTING = "connecting"
    RUNNING = "running"
    RELEASING = "releasing"
    FAILED = "failed"
    STOPPED = "stopped"


class Loop:
    """`run` until cancelled. `state`, and `problem` from a failure until it runs again, tell how the instance is;
    `health` is what the plugin itself says. Made in the event loop: the time-outs of its outputs count from then, or
    from what `safeguard` knows of an earlier process. `phase` (0 to 1) says where its beats lie, see `Ticker`."""

    def __init__(
        self,
        instance: Instance,
        deliver: Deliver,
        backoff: Backoff | None = None,
        safeguard: Safeguard | None = None,
        phase: float = 0.0,
    ) -> None:
        self.instance = instance
        self.deliver = deliver
        self.state = State.CONNECTING
        self.problem = ""
        self.health = ""
        self.phase = phase
        self.safety = instance.safety
        self._safeguard = safeguard or Safeguard()
        self._making_safe = MakingSafe(instance, self._safeguard)
        self._changed = asyncio.Event()
        self._woken = asyncio.Event()
        self._other_beat = False
        self._meal_at = 0.0
        self._feeds = type(instance.plugin).alive is not Plugin.alive
        self._touched = self._safeguard.heritage.touched
        self._given_up = False
        self._backoff = backoff or Backoff(1.0, 60.0)
        self._heritage = self._safeguard.heritage
        now = asyncio.get_running_loop().time()
        self.safety.bind(self._safeguard.server, self._heritage.devices.get(instance.name, now))

    async def run(self) -> None:
        """Hands the points of every reading to `deliver`. A failure is logged and tried again, it never ends this."""
        self._safeguard.server.breaks.add(self._woken.set)
        self._safeguard.server.returns.add(self.safety.look)
        self._heritage.leave_to(self.instance.name, self.safety)
        try:
            await self._stand_back()
            while True:
                await self._try()
        except asyncio.CancelledError:
            if self._touched:  # by us, or on our behalf; and nobody knows what the device does meanwhile
                self.safety.owe_all(ENDS)
            raise
        finally:
            self._safeguard.server.breaks.discard(self._woken.set)
            self._safeguard.server.returns.discard(self.safety.look)
            self.end()

    def end(self) -> None:
        """It has stopped, or will not even begin."""
        self._enter(State.STOPPED)

    async def settle(self) -> None:
        """After `run`: again and again, until all outputs that have to be are safe, or it is given up."""
        unsafe = ", ".join(self.safety.owed)
        if unsafe:
            what = "nothing is tried" if self._given_up else "it is tried until it is"
            log.error("%s ends, and is not at its safe values: %s; %s", self.instance.name, unsafe, what)
        while self.safety.owed and not self._given_up:
            self._woken.clear()
            with suppress(Exception):  # it is said which outputs are not at their safe values
                async with self.instance.connected():
                    await self._release()
            if self.safety.owed:
                await self._pause(RETRY_SECONDS)
        if unsafe and not self.safety.owed:
            log.warning("%s: is at its safe values now", self.instance.name)

    def give_up(self) -> None:
        """No more tries of `settle` after that which is under way."""
        self._given_up = True
        self._woken.set()

    def tune(self, interval: float, channels: Iterable[ChannelSettings]) -> list[str]:
        """As `Instance.tune`, beginning with the next reading, which is due now if the rate has changed."""
        self._other_beat = self._other_beat or interval != self.instance.interval
        problems = self.instance.tune(interval, channels)
        self._woken.set()
        return problems

    def hurry(self) -> None:
        """The next reading is due now, and the beat goes on from there."""
        self._other_beat = True
        self._woken.set()

    def owe(self, channel_id: str, why: str) -> None:
        """This output has to be made safe, now or as soon as its device is there."""
        self.safety.owe(channel_id, why)
        self._woken.set()

    async def until(self, condition: Callable[[State], bool]) -> None:
        """Wait for a state that fulfils it."""
        while not condition(self.state):
            self._changed.clear()
            await self._changed.wait()

    def station(self) -> Station:
        """For the judgement whether all is well."""
        age = asyncio.get_running_loop().time() - self.safety.device.seen_at
        works = self.state is State.RUNNING
        owed = tuple(self.safety.owed)
        return Station(self.instance.name, bool(self.instance.outputs), works, age, self.instance.interval, owed)

    def _enter(self, state: State, problem: str | None = None) -> None:
        if state is not self.state or problem not in (None, self.problem):
            self.state, self.problem = state, self.problem if problem is None else problem
            self.instance.changed()
        self._changed.set()

    async def _stand_back(self) -> None:
        """What has held up all others must not do so before these are at work, nor while they end."""
        trouble = self._heritage.troubles.of(self.instance.name, self.instance.plugin)
        if trouble is None:
            return
        log.error("%s: %s", self.instance.name, trouble.words)
        self._enter(State.FAILED, trouble.words)
        before, self._given_up = self._given_up, trouble.blamed
        await asyncio.sleep(trouble.seconds)
        self._given_up = before

    async def _try(self) -> None:
        self._enter(State.CONNECTING)
        self.safety.look()
        await self._making_safe.tell()
        try:
            async with self.instance.connected():
                await self._measure_on()
        except Exception as error:  # whatever a plugin raises: it is the plugin that has failed, not the controller
            await self._rest_after(describe(error))

    async def _rest_after(self, problem: str) -> None:
        """Not for long where there are outputs: the device should be back before they have to be safe, or soon."""
        level = logging.DEBUG if problem == self.problem else logging.WARNING
        self._enter(State.FAILED, problem)
        self.deliver(self.instance.lost())
        wait = min(self._backoff.next(), RETRY_SECONDS if self.instance.outputs else math.inf)
        log.log(level, "%s: %s; next try in %.1f s", self.instance.name, self.problem, wait)
        await asyncio.sleep(wait)

    async def _measure_on(self) -> None:
        log.info("%s: connected, %d channels", self.instance.name, len(self.instance.channels))
        self._touched = True
        try:
            while True:
                await self._measure_evenly()
        except asyncio.CancelledError:
            self._touched = False
            self.safety.owe_all(ENDS)
            raise
        finally:
            self.safety.device.lost()
            self._enter(State.RELEASING)  # before anything is made safe: no command may follow
            await self._release()
            self.safety.forget()

    async def _measure_evenly(self) -> None:
        """Until the rate is another one."""
        self._other_beat = False
        clock = asyncio.get_running_loop().time
        ticker = Ticker(self.instance.interval, clock(), self.phase)
        while True:
            await self._until(clock() + ticker.wait(clock()))
            if self._other_beat:
                return
            await self._measure()
            self._note_health()
            self._enter(State.RUNNING, "")
            self._backoff.reset()

    async def _until(self, moment: float) -> None:
        """The next reading is due, or the rate has changed. Meanwhile outputs are made safe, watchdogs are fed."""
        clock = asyncio.get_running_loop().time
        while not self._other_beat:
            self._woken.clear()
            await self._make_safe()
            await self._feed(clock())
            if (now := clock()) >= moment:
                return
            await self._pause(min(moment, self.safety.next_due(), self._next_meal()) - now)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()

    def _next_meal(self) -> float:
        return self._meal_at if self._feeds and self.state is State.RUNNING else math.inf

    async def _feed(self, now: float) -> None:
        if now >= self._next_meal():
            self._meal_at = now + FEED_SECONDS
            if self._safeguard.is_well():
                await self.instance.alive()

    def _note_health(self) -> None:
        health = legible(self.instance.plugin.health())
        if health != self.health:
            self.health = health
            self.instance.changed()

    async def _measure(self) -> None:
        self.deliver(await self.instance.read())
        self.safety.device.seen()

    async def _make_safe(self) -> None:
        if channels := self.safety.due():
            self._making_safe.compare(await self._make_these_safe(channels))
        elif self._safeguard.begun:
            await self._making_safe.tell()

    async def _make_these_safe(self, channels: Sequence[Channel]) -> Sequence[Point]:
        """And a reading that shows it."""
        await self._making_safe.write(channels)
        points = await self.instance.read()
        self.deliver(points)
        return points

    async def _release(self) -> None:
        """What has to be safe, before the device is let go; that waits for nothing that moves slowly. Failures are only
        logged."""
        try:
            if channels := self.safety.owing():
                await self._make_these_safe(channels)
        except Exception as error:  # whatever a plugin raises
            log.error("%s: the safe state is not certain: %s", self.instance.name, describe(error))
