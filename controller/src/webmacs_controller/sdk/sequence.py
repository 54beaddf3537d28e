"""The base class of plugins that drive outputs of other instances step by step, which needs no network."""

import asyncio
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import fields

from webmacs_controller.sdk.channel import Channel, Direction, EventType, Sample
from webmacs_controller.sdk.errors import PluginError
from webmacs_controller.sdk.plugin import ConfigT, Plugin
from webmacs_controller.sdk.services import Hold, NoServices, Output, Services
from webmacs_controller.sdk.simulation import ON_OFF

BUTTON = Channel("button", "Button", "on/off", 0, 1, Direction.OUTPUT, 0, ON_OFF, EventType.CMD_BUTTON)


class SequencePlugin(Plugin[ConfigT]):
    """Set to 1, its button starts the course, and is 1 until that has ended; set to 0, it ends the course at once.

    Each setting that is an `Output` is driven by the course. Whatever ends it before its time, its outputs go to their
    safe values, and `health` says why. A course belongs to the event loop: it waits by `Hold.until`, never by blocking.
    """

    def __init__(self, config: ConfigT) -> None:
        super().__init__(config)
        self._services: Services = NoServices()
        self._chosen = {channel.id: value for channel, value in self.set_points().items()}
        self._course: asyncio.Task[None] | None = None
        self._end: asyncio.Task[str] | None = None  # of the course: outputs are let go
        self._stopping = False
        self._why = ""

    @abstractmethod
    def set_points(self) -> Mapping[Channel, float]:
        """Channels for numbers that people choose, with what they are until somebody does; always the same."""

    @abstractmethod
    async def course(self, hold: Hold) -> None:
        """All steps, once. An exception ends it; that of a PluginError is shown as it is."""

    def bind(self, services: Services) -> None:
        """What the controller offers; called before `connect`."""
        self._services = services

    def outputs(self) -> dict[str, Output]:
        """What the course drives, by the setting that names it."""
        values = {field.name: getattr(self.config, field.name) for field in fields(self.config_type)}
        return {name: value for name, value in values.items() if isinstance(value, Output)}

    def set_point(self, channel_id: str) -> float:
        """As it was chosen last."""
        return self._chosen[channel_id]

    def channels(self) -> Sequence[Channel]:
        """The button and the set points."""
        return [BUTTON, *self.set_points()]

    async def connect(self) -> None:
        """Set points are what they were. The course does not begin by itself, whatever it was doing."""
        remembered = await self._services.remembered()
        for channel in self.set_points():
            if channel.allows(value := remembered.get(channel.id, self._chosen[channel.id])):
                self._chosen[channel.id] = value

    async def read(self) -> Sequence[Sample]:
        """Whether the course is under way, and the set points."""
        return [Sample(BUTTON.id, float(self._end is not None)), *(Sample(*chosen) for chosen in self._chosen.items())]

    async def write(self, channel_id: str, value: float) -> None:
        """Start, stop, or choose. Raises PluginError with why the course cannot begin, or has left an output unsafe."""
        if channel_id == BUTTON.id:
            await self._press(value)
        elif channel_id in self._chosen:
            await self._services.remember(channel_id, value)
            self._chosen[channel_id] = value
        else:
            raise PluginError(f"{self.meta.name} has no output {channel_id!r}")

    async def disconnect(self) -> None:
        """Ends the course."""
        await self._stop()

    def health(self) -> str:
        """Why the course has ended before its time, until the next one begins."""
        return self._why

    async def _press(self, value: float) -> None:
        if value not in (0, 1):
            raise PluginError(f"{BUTTON.id} takes 0 or 1, not {value:g}")
        if value == 0:
            await self._stop()
        elif self._end is None:
            hold = self._services.take(list(self.outputs().values()))
            self._why, self._stopping = "", False
            self._course = asyncio.create_task(self.course(hold))
            self._end = asyncio.create_task(self._see_through(self._course, hold))

    async def _stop(self) -> None:
        """Returns when the outputs are let go, and waits no longer than it is let."""
        if self._course is None or self._end is None:
            return
        if not self._stopping:  # by us: while it waits, its own time-outs cancel it, too
            self._course.cancel()
        self._stopping = True
        await asyncio.wait([end := self._end])  # which goes on if this is given up
        if problem := end.result():
            raise PluginError(problem)

    async def _see_through(self, course: asyncio.Task[None], hold: Hold) -> str:
        """Whether outputs are left that are not safe, and why."""
        await asyncio.wait([course])
        error = None if course.cancelled() else course.exception()
        if error is not None:
            self._why = f"stopped: {error if isinstance(error, PluginError) else repr(error)}"
        problem = await _release(hold, finished=not course.cancelled() and error is None)
        self._why = problem or self._why
        self._course = self._end = None
        self._services.read_soon()
        return problem


async def _release(hold: Hold, *, finished: bool) -> str:
    try:
        await hold.release(finished=finished)
    except PluginError as error:
        return str(error)
    return ""
