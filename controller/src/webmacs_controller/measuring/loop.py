"""Keeps one instance measuring: at an even rate, again after a failure, and safe when it ends."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from enum import StrEnum

from webmacs_controller.backoff import Backoff
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
    """`run` until cancelled. `state`, and `problem` while it has failed, tell how the instance is."""

    def __init__(self, instance: Instance, deliver: Deliver, backoff: Backoff | None = None) -> None:
        self.instance = instance
        self.deliver = deliver
        self.state = State.CONNECTING
        self.problem = ""
        self._changed = asyncio.Event()
        self._backoff = backoff or Backoff(1.0, 60.0)

    async def run(self) -> None:
        """Hands the points of every reading to `deliver`. A failure is logged and tried again, it never ends this."""
        try:
            while True:
                await self._try()
        finally:
            self._enter(State.STOPPED)

    async def until(self, condition: Callable[[State], bool]) -> None:
        """Wait for a state that fulfils it."""
        while not condition(self.state):
            self._changed.clear()
            await self._changed.wait()

    def _enter(self, state: State, problem: str = "") -> None:
        self.state, self.problem = state, problem
        self._changed.set()

    async def _try(self) -> None:
        self._enter(State.CONNECTING)
        try:
            async with self.instance.connected():
                await self._measure_on()
        except Exception as error:  # whatever a plugin raises: it is the plugin that has failed, not the controller
            self._enter(State.FAILED, describe(error))
            wait = self._backoff.next()
            log.warning("%s: %s; next try in %.1f s", self.instance.name, self.problem, wait)
            await asyncio.sleep(wait)

    async def _measure_on(self) -> None:
        log.info("%s: connected, %d channels", self.instance.name, len(self.instance.channels))
        clock = asyncio.get_running_loop().time
        ticker = Ticker(self.instance.interval, clock())
        try:
            while True:
                await asyncio.sleep(ticker.wait(clock()))
                await self._measure()
                self._enter(State.RUNNING)
                self._backoff.reset()
        finally:
            self._enter(State.RELEASING)  # before anything is made safe: no command may follow
            await self._make_safe()

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
        if channel.safe_value is None:
            return
        try:
            await self.instance.write(channel.id, channel.safe_value)
        except Exception as error:  # as above
            log.error("%s: %s is not at its safe value: %s", self.instance.name, channel.id, describe(error))
