"""Rules that raise alarms, fired and cleared by hand."""

import itertools
from collections.abc import Sequence
from typing import Any

from psycopg.rows import dict_row

from tests.db.ingest import at
from tests.db.plant import Plant
from tests.support.sql import Sql

RULE_ALARMS = "select private.rule_alarms(%s::int[], %s::text[], %s::timestamptz[], %s::float8[], %s::text[])"

_numbers = itertools.count(1)


class Alarms:
    """Makes rules and drives them; every step that is not given a time comes a second after the one before."""

    def __init__(self, sql: Sql, plant: Plant) -> None:
        self._sql = sql
        self._plant = plant
        self._seconds = itertools.count(1)

    def rule(self, severity: str = "medium", latched: bool = False, suppressed_by: str | None = None) -> int:
        """A rule with an action that raises an alarm."""
        rule = self.rule_without_alarm(severity, latched, suppressed_by)
        self._sql.superuser.execute("insert into private.rule_actions (rule_id, kind) values (%s, 'alarm')", (rule,))
        return rule

    def rule_without_alarm(
        self, severity: str = "medium", latched: bool = False, suppressed_by: str | None = None
    ) -> int:
        """A rule that does nothing."""
        row = self._sql.superuser.execute(
            "insert into private.rules (name, event_id, operator, threshold, severity, latched, suppressed_by)"
            " values (%s, %s, 'gt', 10, %s, %s, %s) returning id",
            (f"rule {next(_numbers)}", self._plant.event(), severity, latched, suppressed_by),
        ).fetchone()
        assert row is not None
        return int(row[0])

    def fire(self, rule: int, seconds: float | None = None, value: float = 11) -> dict[str, Any]:
        """The rule fires; its alarm."""
        self.happen((rule, "fired"), seconds=seconds, value=value)
        return self.newest(rule)

    def clear(self, rule: int, seconds: float | None = None, value: float = 9) -> dict[str, Any]:
        """The rule is cleared; its alarm."""
        self.happen((rule, "cleared"), seconds=seconds, value=value)
        return self.newest(rule)

    def happen(self, *steps: tuple[int, str], seconds: float | None = None, value: float = 11) -> None:
        """All these steps of rules in one call, in this order."""
        start = next(self._seconds) if seconds is None else seconds
        self.happen_at([(rule, step, start, value) for rule, step in steps])

    def happen_at(self, steps: Sequence[tuple[int, str, float, float]]) -> None:
        """All these (rule, step, seconds, value) in one call."""
        columns = [list(column) for column in zip(*steps, strict=True)] or [[], [], [], []]
        rules, names, seconds, values = columns
        messages = [f"{name} at {value:g}" for name, value in zip(names, values, strict=True)]
        times = [at(second) for second in seconds]
        self._sql.superuser.execute(RULE_ALARMS.encode(), (rules, names, times, values, messages))

    def of(self, rule: int) -> list[dict[str, Any]]:
        """All alarms that a rule raised, as api.alarms has them."""
        return self.rows("select * from api.alarms where rule_id = %s order by id", rule)

    def newest(self, rule: int) -> dict[str, Any]:
        """The alarm that a rule raised last."""
        return self.of(rule)[-1]

    def get(self, alarm: int) -> dict[str, Any]:
        """One alarm."""
        (row,) = self.rows("select * from api.alarms where id = %s", alarm)
        return row

    def journal(self, alarm: int) -> list[dict[str, Any]]:
        """The journal of an alarm, in order."""
        return self.rows("select * from api.alarm_journal where alarm_id = %s order by id", alarm)

    def steps(self, alarm: int) -> list[str]:
        """What an alarm went through."""
        return [line["step"] for line in self.journal(alarm)]

    def acknowledge(self, alarm: int) -> None:
        """An operator acknowledges it."""
        self._sql.as_role("operator").execute("select api.acknowledge_alarm(array[%s]::bigint[])", (alarm,))

    def reset(self, alarm: int) -> None:
        """An operator resets it."""
        self._sql.as_role("operator").execute("select api.reset_alarm(%s)", (alarm,))

    def tick(self, after: str = "0 seconds") -> None:
        """The clock ticks, as if so much time had passed."""
        self._sql.superuser.execute("select private.tick_alarms(clock_timestamp() + %s::interval)", (after,))

    def in_state(self, state: str) -> int:
        """A new alarm in this state, latched if only latched ones have it; its number."""
        rule = self.rule(latched=state.startswith("latched"))
        alarm = int(self.fire(rule)["id"])
        if state == "normal" or (state.endswith("_acknowledged")):
            self.acknowledge(alarm)
        if not state.startswith("active"):
            self.clear(rule)
        assert self.get(alarm)["state"] == state
        return alarm

    def rows(self, statement: str, *parameters: object) -> list[dict[str, Any]]:
        """What the superuser reads."""
        with self._sql.superuser.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(statement.encode(), parameters).fetchall()
