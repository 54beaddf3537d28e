"""What a plugin measures or drives, and one measured value of it."""

import math
from dataclasses import dataclass
from enum import StrEnum

from webmacs_controller.sdk.quality import Quality
from webmacs_controller.sdk.simulation import Simulation

LONGEST = {"id": 100, "name": 255, "unit": 255}
"""Characters; the server takes no more."""


class EventType(StrEnum):
    """What a channel's event is to people, where its direction does not say it: a number that they choose (`RANGE`),
    the button of a sequence, and for how many seconds it is open and closed."""

    RANGE = "range"
    CMD_BUTTON = "cmd_button"
    CMD_OPENED = "cmd_opened"
    CMD_CLOSED = "cmd_closed"


SET_POINTS = (EventType.RANGE, EventType.CMD_OPENED, EventType.CMD_CLOSED)


class Direction(StrEnum):
    """Seen from the controller: an input is measured, an output is driven (and read back)."""

    INPUT = "input"
    OUTPUT = "output"


@dataclass(frozen=True, slots=True)
class Channel:
    """One quantity of a device.

    `id` is unique in the plugin and stays the same for ever; `name` is for people. `min` and `max` are the range that
    the quantity can have, in `unit`. `safe_value` is what an output is set to whenever nobody controls it. `simulation`
    is how the demo mode moves it (none: as something that drifts about the middle of its range). `event_type` says what
    it is beyond its direction; a set point moves nothing by itself, so it is an output without a safe value.
    """

    id: str
    name: str
    unit: str
    min: float
    max: float
    direction: Direction = Direction.INPUT
    safe_value: float | None = None
    simulation: Simulation | None = None
    event_type: EventType | None = None

    def __post_init__(self) -> None:
        """Raises ValueError where a wrong channel would otherwise be found only on the plant."""
        for key, longest in LONGEST.items():
            text: str = getattr(self, key)
            if not (text.strip() == text and text.isprintable() and 1 <= len(text) <= longest):
                raise ValueError(f"channel {self.id!r}: {key} must be 1 to {longest} characters, no blanks around them")
        if not (math.isfinite(self.min) and math.isfinite(self.max) and self.min < self.max):
            raise ValueError(f"channel {self.id!r}: min {self.min} must be below max {self.max}, both finite")
        if self.direction is Direction.OUTPUT:
            self._check_safe_value()
        elif self.event_type is not None:
            raise ValueError(f"channel {self.id!r}: an input cannot be a {self.event_type}")

    def _check_safe_value(self) -> None:
        if self.event_type in SET_POINTS:
            if self.safe_value is not None:
                raise ValueError(f"channel {self.id!r}: a {self.event_type} moves nothing, so it has no safe_value")
        elif self.safe_value is None or not self.allows(self.safe_value):
            raise ValueError(f"channel {self.id!r}: an output needs a safe_value between {self.min} and {self.max}")

    def allows(self, value: float) -> bool:
        """Whether `value` lies in the channel's range; never true for NaN."""
        return self.min <= value <= self.max


@dataclass(frozen=True, slots=True)
class Sample:
    """One value as the device gave it, in the unit of its channel. NaN and infinity mean: no value; a bad `quality`
    says why (else it counts as a sensor fault)."""

    channel_id: str
    value: float
    quality: int = Quality.GOOD
