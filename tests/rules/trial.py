"""A history lived twice: by the database, in a transaction that is taken back, and by the reference."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from tests.db.ingest import Ingest, at
from tests.rules.doors import Sent, send_points
from tests.rules.outcome import difference, told_by_database, told_by_reference
from tests.rules.planting import latches, plant
from tests.rules.random_rules import RULES_AN_EVENT, Act, Arrives, Changes, Passes
from tests.rules.reference import Event, Machine, Rule
from tests.support.postgres import Connection


class Trial:
    """Rules at events. Time goes on only when told to."""

    def __init__(self, superuser: Connection, rules: Sequence[Rule]) -> None:
        self._superuser = superuser
        self._ingest = Ingest(superuser)
        self.planted = plant(superuser, rules, RULES_AN_EVENT)
        self._begin: datetime = self._value("select now()")
        self._wall = at(0)
        self._since_now([planted.rule_id for planted in self.planted])
        machines = [Machine(rule, self._wall) for rule in rules]
        self.events = [
            Event(machines[first : first + RULES_AN_EVENT]) for first in range(0, len(rules), RULES_AN_EVENT)
        ]
        self._batch: list[Sent] = []

    def live(self, acts: Sequence[Act]) -> None:
        """One after the other, and what is in the batch at the end is sent."""
        for act in acts:
            if isinstance(act, Arrives):
                self._arrive(act)
            else:
                self._send()
            if isinstance(act, Passes):
                self._pass(act.seconds)
            elif isinstance(act, Changes):
                self._change(act.rule)
        self._send()

    def differences(self) -> list[object]:
        """Each rule of which the database says something else than the reference."""
        machines = [machine for event in self.events for machine in event.machines]
        told = told_by_database(self._superuser, self.planted)
        expected = [told_by_reference(machine, latches(place)) for place, machine in enumerate(machines)]
        return [
            (machine.rule, difference(mine, theirs))
            for machine, mine, theirs in zip(machines, expected, told, strict=True)
            if mine != theirs
        ]

    def _arrive(self, act: Arrives) -> None:
        self._batch += self.planted[act.event * RULES_AN_EVENT].sent([act.point])
        self.events[act.event].arrive(act.point, self._wall)

    def _send(self) -> None:
        if self._batch:
            send_points(self._ingest, self._batch)
        self._batch = []
        for place, event in enumerate(self.events):
            # the transaction knows only one present
            self._superuser.execute(
                "update private.latest set received_at = %s where event_id = %s",
                (event.received, self.planted[place * RULES_AN_EVENT].event_id),
            )

    def _pass(self, seconds: float) -> None:
        self._wall += timedelta(seconds=seconds)
        self._superuser.execute("select private.tick_rules(%s)", (self._wall,))
        for event in self.events:
            event.tick(self._wall)

    def _change(self, place: int) -> None:
        rule = self.planted[place].rule_id
        for enabled in (False, True):
            self._superuser.execute("update private.rules set enabled = %s where id = %s", (enabled, rule))
        self._since_now([rule])
        event = self.events[place // RULES_AN_EVENT]
        machine = event.machines[place % RULES_AN_EVENT]
        value = event.newest.value if event.newest else None
        event.machines[place % RULES_AN_EVENT] = machine.anew(self._wall, self._begin, value)

    def _since_now(self, rules: list[int]) -> None:
        """These rules begin to watch at what is the present here; the transaction knows another, which stands still."""
        self._superuser.execute(
            "update private.rule_states set reset_at = %s where rule_id = any (%s)", (self._wall, rules)
        )

    def test_rule(self, event: int, rule: int) -> list[tuple[datetime, float | None, datetime | None, float | None]]:
        """The firings that rpc/test_rule finds from the first to the newest point: fired, value, cleared, value."""
        times = [point.ts for point in self.events[event].stored]
        planted = self.planted[event * RULES_AN_EVENT + rule]
        rows = self._superuser.execute(
            "select f.fired_at, f.value, f.cleared_at, f.value_at_end"
            " from api.test_rule(json_build_object('id', %s::int), %s, %s) tested,"
            " json_to_recordset(tested -> 'firings') f (fired_at timestamptz, value float8, cleared_at timestamptz,"
            " value_at_end float8)",
            (planted.rule_id, min(times), max(times) + timedelta(microseconds=1)),
        )
        return [(row[0], row[1], row[2], row[3]) for row in rows]

    def _value(self, statement: str) -> datetime:
        row = self._superuser.execute(statement.encode()).fetchone()
        assert row is not None
        value: datetime = row[0]
        return value


@contextmanager
def trial(superuser: Connection, rules: Sequence[Rule]) -> Iterator[Trial]:
    """Leaves nothing behind."""
    with superuser.transaction(force_rollback=True):
        yield Trial(superuser, rules)
