"""The plugin `valve_cycling`."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from webmacs_controller import __version__
from webmacs_controller.sdk import (
    Channel,
    Direction,
    EventType,
    Hold,
    Output,
    PluginMeta,
    SequencePlugin,
    Shape,
    Simulation,
    setting,
)

LONGEST = 86_400.0

TEN = Simulation(10.0, shape=Shape.STEADY)
OPENED = Channel(
    "seconds_open", "Seconds open", "s", 0, LONGEST, Direction.OUTPUT, None, TEN, event_type=EventType.CMD_OPENED
)
CLOSED = Channel(
    "seconds_closed", "Seconds closed", "s", 0, LONGEST, Direction.OUTPUT, None, TEN, event_type=EventType.CMD_CLOSED
)

UNTIL_CHOSEN = "Until somebody chooses another time."


@dataclass(frozen=True, slots=True)
class ValveCyclingConfig:
    """Which valve, and its first times."""

    valve: Annotated[Output, setting("The output that is opened and closed.")]
    open_value: Annotated[float, setting("What opens it.")] = 1.0
    closed_value: Annotated[float, setting("What closes it.")] = 0.0
    seconds_open: Annotated[float, setting(UNTIL_CHOSEN, unit="s", ge=0, le=LONGEST)] = 10.0
    seconds_closed: Annotated[float, setting(UNTIL_CHOSEN, unit="s", ge=0, le=LONGEST)] = 10.0


class ValveCycling(SequencePlugin[ValveCyclingConfig]):
    """Once for each press: open, wait, closed, wait; then the button is 0 again."""

    meta = PluginMeta(
        id="valve_cycling",
        name="Valve cycling",
        version=__version__,
        description="Opens an output of another instance for some seconds and closes it for some, without a network.",
    )
    config_type = ValveCyclingConfig

    def set_points(self) -> Mapping[Channel, float]:
        """Both times."""
        return {OPENED: self.config.seconds_open, CLOSED: self.config.seconds_closed}

    async def course(self, hold: Hold) -> None:
        """Each phase is counted from the moment at which it was due, so that a slow valve does not lengthen it."""
        valve, due = self.config.valve, asyncio.get_running_loop().time()
        await hold.set(valve, self.config.open_value)
        await hold.until(due := due + self.set_point(OPENED.id))
        await hold.set(valve, self.config.closed_value)
        await hold.until(due + self.set_point(CLOSED.id))
