"""Rules on events, and what came of them."""

import itertools
import json
from typing import Any

from psycopg.rows import dict_row

from tests.db.ingest import Ingest, Point, at
from tests.support.sql import Sql

_numbers = itertools.count(1)
Row = dict[str, Any]


class Rules:
    """Makes rules, lets points arrive and time pass, and tells what happened."""

    def __init__(self, sql: Sql) -> None:
        self.superuser = sql.superuser
        self._ingest = Ingest(sql.as_login("webmacs_sidecar"))

    def event(self, event_type: str = "sensor") -> int:
        """An event from 0 to 100 bar."""
        return self.number(
            "insert into private.events (name, event_type, unit, min_value, max_value)"
            " values (%s, %s, 'bar', 0, 100) returning id",
            f"pressure {next(_numbers)}",
            event_type,
        )

    def save(self, event: int | None = None, **fields: Any) -> int:
        """A rule that logs; above 10 without cooldown, if nothing else is said."""
        wanted = {
            "name": f"rule {next(_numbers)}",
            "event_id": event,
            "cooldown_seconds": 0,
            "actions": [{"kind": "log"}],
        }
        if fields.get("kind") != "no_data":
            wanted |= {"operator": "gt", "threshold": 10}
        return int(self.ask("select api.save_rule(%s)", json.dumps(wanted | fields))["id"])

    def change(self, rule: int, **fields: Any) -> Row:
        """Change these of its columns."""
        return self.ask("select api.save_rule(%s)", json.dumps({"id": rule, "version": self.version(rule)} | fields))

    def version(self, rule: int) -> int:
        """How often it has been changed, and one."""
        found = self.rows("select version from api.rules where id = %s", rule)
        return int(found[0]["version"]) if found else 1

    def arrive(self, event: int, *points: tuple[float, float]) -> None:
        """Points (seconds, value) in one batch."""
        assert self._ingest(*[Point(event, float(value), at(seconds)) for seconds, value in points]) == {}

    def wait(self, seconds: float) -> None:
        """So many seconds from now."""
        self.superuser.execute("select private.tick_rules(clock_timestamp() + %s * interval '1 second')", (seconds,))

    def test(self, rule: Row, begin: float, end: float) -> Row:
        """rpc/test_rule."""
        return self.ask("select api.test_rule(%s, %s, %s)", json.dumps(rule), at(begin), at(end))

    def state(self, rule: int) -> Row:
        """Its row of api.rule_states."""
        return self.rows("select * from api.rule_states where rule_id = %s", rule)[0]

    def messages(self, rule: int) -> list[str]:
        """What it wrote into the log."""
        rows = self.rows("select message from api.log_entries where source = %s order by id", f"rule {rule}")
        return [row["message"] for row in rows]

    def log(self) -> list[str]:
        """What was logged about rules."""
        rows = self.rows("select message from api.log_entries where source = 'rules' order by id")
        return [row["message"] for row in rows]

    def alarm_states(self, rule: int) -> list[str]:
        """The states of its alarms."""
        return [row["state"] for row in self.rows("select state from api.alarms where rule_id = %s order by id", rule)]

    def ask(self, statement: str, *parameters: object) -> Row:
        """The JSON object that a function answers with."""
        row = self.superuser.execute(statement.encode(), parameters).fetchone()
        assert row is not None
        answer: Row = row[0]
        return answer

    def number(self, statement: str, *parameters: object) -> int:
        """The number that a statement returns."""
        row = self.superuser.execute(statement.encode(), parameters).fetchone()
        assert row is not None
        return int(row[0])

    def rows(self, statement: str, *parameters: object) -> list[Row]:
        """What a query finds."""
        with self.superuser.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(statement.encode(), parameters).fetchall()
