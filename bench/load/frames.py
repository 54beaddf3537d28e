"""Telemetry frames of made-up values, each point with its own time."""

import math
import time
from datetime import UTC, datetime

TELEMETRY = "/ws/controller/telemetry"
STREAM = "/ws/datapoints/stream"
STEP_US = 4


class Frames:
    """Frames of `size` points over these events in turn, their times STEP_US apart.

    They begin an hour ago, for each further `connection` an hour earlier.
    All runs together take less, so no two of them send the same points.
    """

    def __init__(self, events: list[str], size: int, connection: int = 0) -> None:
        self._heads = [f'{{"event_public_id":"{event}","value":' for event in events]
        self._size = size
        self._time = time.time_ns() // 1000 - (1 + connection) * 3_600_000_000
        self._count = 0
        self._second = -1
        self._second_text = ""

    def next(self, seq: int) -> bytes:
        """The next frame."""
        points = ",".join([self._point() for _ in range(self._size)])
        return f'{{"seq":{seq},"datapoints":[{points}]}}'.encode()

    def _point(self) -> str:
        self._count += 1
        self._time += STEP_US
        head = self._heads[self._count % len(self._heads)]
        return f'{head}{self._value()},"timestamp":"{self._text()}","quality":192}}'

    def _value(self) -> float:
        return 20 + self._count % 1000 / 10

    def _text(self) -> str:
        second, fraction = divmod(self._time, 1_000_000)
        if second != self._second:
            self._second = second
            self._second_text = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        return f"{self._second_text}.{fraction:06d}Z"


class Waves(Frames):
    """The values of each event rise and fall from 0 to 100 once in `period` seconds of the clock, each at its time."""

    def __init__(self, events: list[str], size: int, period: float) -> None:
        super().__init__(events, size)
        self._period = period
        self._phases = [number * 0.618 for number in range(len(events))]
        self._waves: list[float] = []

    def next(self, seq: int) -> bytes:
        """The next frame."""
        turns = time.time() / self._period
        self._waves = [round(50 + 50 * math.sin(math.tau * (turns + phase)), 3) for phase in self._phases]
        return super().next(seq)

    def _value(self) -> float:
        return self._waves[self._count % len(self._waves)]
