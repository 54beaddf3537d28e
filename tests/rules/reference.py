"""What rules do, told plainly: one point at a time, one small machine a rule, no SQL. The measure of the engine.

Written from the semantics in words. Slow, and meant to be read beside them.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

GOOD_ENOUGH = 64  # below it a value is bad and not judged
EQUAL = 1e-9


@dataclass(frozen=True)
class Rule:
    """What is watched, named as the columns of private.rules."""

    kind: str = "threshold"
    operator: str | None = "gt"
    threshold: float | None = 10.0
    threshold_high: float | None = None
    deadband: float = 0.0
    window_seconds: float | None = None
    timeout_seconds: float | None = None
    on_delay_seconds: float = 0.0
    off_delay_seconds: float = 0.0
    cooldown_seconds: float = 0.0


@dataclass(frozen=True)
class Point:
    """A measured value."""

    ts: datetime
    value: float
    quality: int = 192


@dataclass(frozen=True)
class Step:
    """What a rule did: 'fired' or 'cleared', when by the time of measurement, and with which value."""

    what: str
    at: datetime
    value: float | None


def decision(rule: Rule, v: float) -> bool | None:
    """Whether this value sets the signal, clears it, or (None, inside the deadband) leaves it."""
    low, high, band = rule.threshold or 0.0, rule.threshold_high or 0.0, rule.deadband
    sets, clears = {
        "gt": (v > low, v <= low - band),
        "gte": (v >= low, v < low - band),
        "lt": (v < low, v >= low + band),
        "lte": (v <= low, v > low + band),
        "eq": (abs(v - low) <= EQUAL, abs(v - low) > EQUAL + band),
        "between": (low <= v <= high, v < low - band or v > high + band),
        "not_between": (v < low or v > high, low + band <= v <= high - band),
    }[rule.operator or ""]
    return True if sets else False if clears else None


@dataclass
class Machine:
    """One rule on its way through the points that are in order."""

    rule: Rule
    watching_since: datetime | None = None  # since it was made or changed, by the clock of the wall
    signal: bool = False  # the last decision, held
    since: datetime | None = None  # when the signal became what it is
    value: float | None = None  # with which it did
    active: bool = False  # the signal after its delays
    active_since: datetime | None = None
    active_value: float | None = None  # of the island that made it active
    fired: bool = False  # during this activity
    last_fired: datetime | None = None
    steps: list[Step] = field(default_factory=list)

    def decide(self, decided: bool, at: datetime, value: float | None) -> None:
        """Sample and hold; only a change begins an island. What is due at this instant comes after it."""
        at = self.not_before(at)
        self.let_pass_until_before(at)
        if decided != self.signal:
            self.signal, self.since, self.value = decided, at, value

    def not_before(self, at: datetime) -> datetime:
        """The clock may have ruled already that there is no value; one that comes from before that ends it then."""
        return at if self.since is None else max(at, self.since)

    def anew(self, wall: datetime, cleared_at: datetime, value: float | None) -> "Machine":
        """The rule after it was changed: what had fired is cleared, and it begins from nothing."""
        open_since = self.last_fired if self.fired else None
        cleared = [] if open_since is None else [Step("cleared", max(cleared_at, open_since), value)]
        return Machine(self.rule, wall, steps=self.steps + cleared)

    def let_pass_until(self, clock: datetime) -> None:
        """Whatever is due when the clock has reached this instant."""
        clock = self.not_before(clock)
        while (due := self._next_due()) is not None and due <= clock:
            self._happen(due)

    def let_pass_until_before(self, clock: datetime) -> None:
        """Whatever is due before this instant: what a point at this instant can no longer change."""
        while (due := self._next_due()) is not None and due < clock:
            self._happen(due)

    def _next_due(self) -> datetime | None:
        dues = [due for due in (self._turns_at(), self._fires_at()) if due is not None]
        return min(dues, default=None)

    def _turns_at(self) -> datetime | None:
        """When the signal, if it stays, will have outlasted its delay."""
        if self.signal == self.active or self.since is None:
            return None
        delay = self.rule.on_delay_seconds if self.signal else self.rule.off_delay_seconds
        return self.since + timedelta(seconds=delay)

    def _fires_at(self) -> datetime | None:
        if not self.active or self.fired or self.active_since is None:
            return None
        if self.last_fired is None:
            return self.active_since
        return max(self.active_since, self.last_fired + timedelta(seconds=self.rule.cooldown_seconds))

    def _happen(self, due: datetime) -> None:
        # an activity that ends when the cooldown does has not outlasted it, so turning comes first
        if self._turns_at() == due:
            self._turn(due)
        else:
            self.fired, self.last_fired = True, due
            self.steps.append(Step("fired", due, self.active_value))

    def _turn(self, due: datetime) -> None:
        if self.active and self.fired and self.last_fired is not None:
            # a backlog may end what the clock made fire before it began; nothing is cleared before it fired
            self.steps.append(Step("cleared", max(due, self.last_fired), self.value))
        self.active, self.fired = self.signal, False
        self.active_since, self.active_value = due, self.value


@dataclass
class Event:
    """What is stored of an event, in the order of arrival, and the rules that watch it."""

    machines: list[Machine]
    received: datetime | None = None  # when the newest point was, by the clock of the wall
    stored: list[Point] = field(default_factory=list)
    late: list[Point] = field(default_factory=list)

    @property
    def newest(self) -> Point | None:
        return max(self.stored, key=lambda point: point.ts, default=None)

    def arrive(self, point: Point, received: datetime | None = None) -> str | None:
        """Store it and let the rules see it, if it is in order. The reason, if it is refused."""
        for known in self.stored:
            if known.ts == point.ts:
                return "duplicate" if known == point else "conflict"
        before, newest = list(self.stored), self.newest
        self.stored.append(point)
        if newest is not None and point.ts < newest.ts:
            self.late.append(point)
            return None
        for machine in self.machines:
            if machine.rule.kind == "no_data":
                missed = None if newest is None else self._misses_at(machine, newest)
                # a gap before the clock had ruled that there are no data tells nothing new
                if newest is not None and missed is not None and missed == machine.not_before(missed) < point.ts:
                    machine.decide(True, missed, newest.value)
                machine.decide(False, point.ts, point.value)
            elif point.quality >= GOOD_ENOUGH:
                _judge(machine, point, before)
            machine.let_pass_until(point.ts)
        self.received = received
        return None

    def tick(self, wall: datetime) -> None:
        """Time passes without a point."""
        newest = self.newest
        # the event's clock goes on from its newest point; before the first there is only the wall's
        clock = wall if newest is None or self.received is None else newest.ts + (wall - self.received)
        for machine in self.machines:
            missed = self._misses_at(machine, newest)
            if missed is not None and missed <= clock:
                machine.decide(True, missed, newest.value if newest else None)
            machine.let_pass_until(clock)

    def _misses_at(self, machine: Machine, newest: Point | None) -> datetime | None:
        """When a no_data rule has waited enough: since the newest point or, if that is later, since it was made."""
        if machine.rule.kind != "no_data":
            return None
        waiting_from = machine.watching_since if newest is None else newest.ts
        if waiting_from is None:
            return None
        if newest is not None and machine.watching_since is not None and self.received is not None:
            waiting_from += max(machine.watching_since - self.received, timedelta(0))
        return waiting_from + timedelta(seconds=machine.rule.timeout_seconds or 0)


def _judge(machine: Machine, point: Point, before: list[Point]) -> None:
    """What a point that is good enough decides."""
    rule = machine.rule
    watched = point.value if rule.kind == "threshold" else _rate(rule, point, before)
    decided = None if watched is None else decision(rule, watched)
    if decided is not None:
        machine.decide(decided, point.ts, watched)


def _rate(rule: Rule, point: Point, before: list[Point]) -> float | None:
    """Units per second since the oldest good point inside the window; None if there is none."""
    begin = point.ts - timedelta(seconds=rule.window_seconds or 0)
    window = [old for old in before if begin <= old.ts < point.ts and old.quality >= GOOD_ENOUGH]
    if not window:
        return None
    oldest = min(window, key=lambda old: old.ts)
    return (point.value - oldest.value) / (point.ts - oldest.ts).total_seconds()
