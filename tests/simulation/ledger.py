"""What was measured, and what became of each value: stored once, still to come, or excused by what was promised."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from webmacs_controller.clock.clock import SET_SINCE
from webmacs_controller.measuring.point import Point
from webmacs_controller.sdk.quality import USABLE, Quality

from tests.simulation.database import ID_OF, Source, Stored
from tests.simulation.machine import Machine, day
from tests.simulation.plant import READINGS
from tests.simulation.world import World

FLUSH_SECONDS = 2.0
RECOVERY_SECONDS = 8.0
"""After trouble with the disk: until it is tried again, and all that waited is written."""

SETTLED_SECONDS = 200.0
"""After the time service was reached: until a clock that was ahead is right."""

EXACT, ROUGH = timedelta(seconds=0.2), timedelta(seconds=35)
"""How far a time may be off: by a synchronised clock, and by the answer of a server that was slow."""

Reading = int
"""Twice the number that its value tells, and one more if it is bad: a lost device's last value is told again so."""


@dataclass(slots=True)
class Put:
    """When a value was given to the buffer, by which process; `exact`: the clock was synchronised; `dated`: it had a
    time of the day."""

    at: float
    life: int
    exact: bool
    dated: bool


@dataclass
class Ledger:
    """Fails the world as soon as something is wrong. `complete` are the instances of which no value may be missing."""

    world: World
    machine: Machine
    complete: Collection[str]
    measured: int = 0
    stored: int = 0
    repeated: int = 0
    lost_in_crashes: int = 0
    corrected: int = 0
    waiting: dict[Source, dict[Reading, Put]] = field(default_factory=lambda: defaultdict(dict))
    excused: dict[Source, dict[Reading, Put]] = field(default_factory=lambda: defaultdict(dict))
    known: dict[Source, set[Reading]] = field(default_factory=lambda: defaultdict(set))
    _newest: dict[tuple[int, Source], datetime] = field(default_factory=dict)
    _lanes: dict[tuple[object, Source], tuple[Reading, Reading]] = field(default_factory=dict)

    def put(self, life: int, points: Sequence[Point]) -> None:
        """The controller has measured them, and its buffer has them now."""
        now, since = self.world.now, self.machine.synchronised_since
        exact = since is not None and now - since > SETTLED_SECONDS
        for point in points:
            source = point.source[0].removeprefix(ID_OF), point.source[1]
            self._check_clock(life, source, point)
            dated = point.timestamp >= SET_SINCE
            self.waiting[source][_reading(point.value, point.quality)] = Put(now, life, exact, dated)
        self.measured += len(points)

    def arrived(self, point: Stored) -> None:
        """The database has it now, or had it already."""
        reading = _reading(point.value, point.quality)
        self._check_lanes(point, reading)
        if not point.fresh:
            self.repeated += 1
        elif reading in self.known[point.source]:
            self._fail(point.source, reading, f"is stored twice, now at {point.time}")
        else:
            self._note(point, reading)

    def refused(self, source: Source, time: datetime, value: float, reason: str) -> None:
        """The database does not take it."""
        if reason != "disabled" or source[0] in self.complete:
            self._fail(source, _reading(value, USABLE), f"of {time} is refused: {reason}")

    def crashed(self, life: int, *, at: float) -> None:
        """What that process had measured just before may be lost, but nothing else."""
        began, ended = self.machine.trouble
        since = (began if at - ended < RECOVERY_SECONDS else at) - FLUSH_SECONDS
        for source, waiting in self.waiting.items():
            for reading in [reading for reading, put in waiting.items() if put.life == life and put.at >= since]:
                self.excused[source][reading] = waiting.pop(reading)

    def missing(self) -> list[tuple[Source, Reading, Put]]:
        """What has neither come nor is excused."""
        return [
            (source, reading, put)
            for source, waiting in self.waiting.items()
            if source[0] in self.complete
            for reading, put in waiting.items()
        ]

    @property
    def lost(self) -> int:
        """In crashes, of what may be lost there."""
        return sum(map(len, self.excused.values()))

    def _note(self, point: Stored, reading: Reading) -> None:
        put = self.waiting[point.source].pop(reading, None) or self.excused[point.source].pop(reading, None)
        if put is None:
            self._fail(point.source, reading, "was never measured")
            return
        self.stored += 1
        self.known[point.source].add(reading)
        self._check_time(point, reading, put)

    def _check_time(self, point: Stored, reading: Reading, put: Put) -> None:
        off = abs(point.time - day(put.at))
        uncertain = point.quality == Quality.CLOCK_NOT_SET
        if uncertain and put.dated:
            self._fail(point.source, reading, "has an uncertain time, although the clock was set")
        elif not uncertain and off > (EXACT if put.exact else ROUGH):
            self._fail(point.source, reading, f"has the time {point.time}, but was measured at {day(put.at)}")
        self.corrected += not put.dated

    def _check_clock(self, life: int, source: Source, point: Point) -> None:
        before = self._newest.get((life, source))
        if before is not None and point.timestamp <= before:
            self._fail(source, _reading(point.value, point.quality), f"is of {point.timestamp}, after {before}")
        self._newest[life, source] = point.timestamp

    def _check_lanes(self, point: Stored, reading: Reading) -> None:
        """Two lanes, each in order: over a connection the numbers are those of two rising sequences."""
        key = point.connection, point.source
        high, low = self._lanes.get(key, (-1, -1))
        if reading > high:
            self._lanes[key] = reading, low
        elif reading > low:
            self._lanes[key] = high, reading
        else:
            self._fail(point.source, reading, f"comes after {high // 2} and {low // 2}: neither lane is in order")

    def _fail(self, source: Source, reading: Reading, words: str) -> None:
        bad = " (bad)" if reading % 2 else ""
        self.world.fail(f"{'/'.join(source)}: reading {reading // 2}{bad} {words}")


def _reading(value: float, quality: int) -> Reading:
    return 2 * round(value % 1 * READINGS) + (quality < USABLE)
