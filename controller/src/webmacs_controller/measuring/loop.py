"""Keeps one instance measuring: at an even rate, again after a failure, and safe when it ends."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from enum import StrEnum

from webmacs_controller.backoff import Backoff
from webmacs_controller.configuration.settings import ChannelSettings
from webmacs_controller.measuring.instance import Instance, describe
from webmacs_controller.measuring.point import Point
from webmacs_controller.measuring.ticker import Ticker
from webmacs_controller.sdk import Channel

log = logging.getLogger(__name__)

SAFE_SECONDS = 3.0
"""For the way to the safe state, all in all: whoever stops the controller is waiting."""

Deliver = Callable[[Sequence[Point]], None]


class State(StrEnum):
    """`releasing` sets outputs to their safe values; `failed` is waiting for its next try."""

    CONNECTING = "connecting"
    RUNNING = "running"
    RELEASING = "releasing"
    FAILED = "failed"
    STOPPED = "stopped"


class Loop:
    """`run` until cancelled. `state`, and `problem` from a failure until it runs again, tell how the instance is;
    `health` is what the plugin itself says."""

    def __init__(self, instance: Instance, deliver: Deliver, backoff: Backoff | None = None) -> None:
        self.instance = instance
        self.deliver = deliver
        self.state = State.CONNECTING
        self.problem = ""
        self.health = ""
        self._changed = asyncio.Event()
        self._hurry = asyncio.Event()
        self._backoff = backoff or Backoff(1.0, 60.0)

    async def run(self) -> None:
        """Hands the points of every reading to `deliver`. A failure is logged and tried again, it never ends this."""
        try:
            while True:
                await self._try()
        finally:
            self.end()

    def end(self) -> None:
        """It has stopped, or will not even begin."""
        self._enter(State.STOPPED)

    def tune(self, interval: float, channels: Iterable[ChannelSettings]) -> list[str]:
        """As `Instance.tune`, beginning with the next reading, which is due now if the rate has changed."""
        if interval != self.instance.interval:
            self._hurry.set()
        return self.instance.tune(interval, channels)

    async def until(self, condition: Callable[[State], bool]) -> None:
        """Wait for a state that fulfils it."""
        while not condition(self.state):
            self._changed.clear()
            await self._changed.wait()

    def _enter(self, state: State, problem: str | None = None) -> None:
        if state is not self.state or problem not in (None, self.problem):
            self.state, self.problem = state, self.problem if problem is None else problem
            self.instance.changed()
        self._changed.set()

    async def _try(self) -> None:
        self._enter(State.CONNECTING)
        try:
            async with self.instance.connected():
                await self._measure_on()
        except Exception as error:  # whatever a plugin raises: it is the plugin that has failed, not the controller
            self._enter(State.FAILED, describe(error))
            self.deliver(self.instance.lost())
            wait = self._backoff.next()
            log.warning("%s: %s; next try in %.1f s", self.instance.name, self.problem, wait)
            await asyncio.sleep(wait)

    async def _measure_on(self) -> None:
        log.info("%s: connected, %d channels", self.instance.name, len(self.instance.channels))
        try:
            while True:
                await self._measure_evenly()
        finally:
            self._enter(State.RELEASING)  # before anything is made safe: no command may follow
            await self._make_safe()

    async def _measure_evenly(self) -> None:
        """Until the rate is another one."""
        self._hurry.clear()
        clock = asyncio.get_running_loop().time
        ticker = Ticker(self.instance.interval, clock())
        while True:
            await self._pause(ticker.wait(clock()))
            if self._hurry.is_set():
                return
            await self._measure()
            self._note_health()
            await self.instance.alive()
            self._enter(State.RUNNING, "")
            self._backoff.reset()

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._hurry.wait()

    def _note_health(self) -> None:
        health = self.instance.plugin.health()
        if health != self.health:
            self.health = health
            self.instance.changed()

    async def _measure(self) -> None:
        self.deliver(await self.instance.read())

    async def _make_safe(self) -> None:
        """Outputs to their safe values, and a last reading that shows it."""
        outputs = self.instance.outputs
        if not outputs:
            return
        try:
            async with asyncio.timeout(SAFE_SECONDS):
                for channel in outputs:
                    await self._write_safe(channel)
                await self._measure()
        except Exception as error:  # as above; whatever led here is reported too
            log.error("%s: the safe state is not certain: %s", self.instance.name, describe(error))

    async def _write_safe(self, channel: Channel) -> None:
        """One output that fails does not keep the others from their safe values."""
        try:
            async with self.instance.turn() as turn:
                await turn.make_safe(channel)
        except Exception as error:  # as above
            log.error("%s: %s is not at its safe value: %s", self.instance.name, channel.id, describe(error))
