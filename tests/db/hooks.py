"""Webhooks, what is queued for them, and their targets' answers."""

import itertools
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import class_row, dict_row

from tests.db.ingest import START
from tests.support.postgres import Connection
from tests.support.sql import Sql

_numbers = itertools.count(1)
Row = dict[str, Any]

INSERT = "insert into api.webhooks ({}) values ({}) returning id"
EMIT = "select private.emit(%s, %s, %s, %s::timestamptz[], %s::jsonb[])"


@dataclass(frozen=True)
class Claimed:
    """A delivery that a sidecar has to send."""

    id: int
    message_id: str
    webhook_id: int
    url: str
    body: str
    content_type: str
    secrets: list[str]
    attempt: int


@dataclass(frozen=True)
class Happening:
    """Something that webhooks may want to hear about."""

    type: str = "alarm.raised"
    event: int | None = None
    severity: str | None = None
    data: Row | None = None
    at: datetime = START


class Hooks:
    """Makes webhooks as an administrator, emits, and plays the sidecar."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql
        self.superuser = sql.superuser
        self.admin = sql.as_role("admin")
        self.sidecar = sql.as_login("webmacs_sidecar")

    def add(self, types: Iterable[str] = ("alarm.raised",), **columns: object) -> int:
        """A webhook; its name and address are made up if they are not given."""
        name = f"hook {next(_numbers)}"
        row = {"name": name, "url": "https://hooks.example.org/", "types": list(types)} | columns
        statement = INSERT.format(", ".join(row), ", ".join(["%s"] * len(row)))
        return self.number(self.admin, statement, *row.values())

    def change(self, hook: int, **columns: object) -> None:
        """Change a webhook as an administrator."""
        settings = ", ".join(f"{column} = %s" for column in columns)
        self.admin.execute(f"update api.webhooks set {settings} where id = %s".encode(), (*columns.values(), hook))

    def hook(self, hook: int) -> Row:
        """What an administrator sees of it."""
        return self.rows("select * from api.webhooks where id = %s", hook)[0]

    def emit(self, *happenings: Happening) -> None:
        """Say that these happened, in one call."""
        names = ("type", "event", "severity", "at")
        columns = [[getattr(happening, name) for happening in happenings] for name in names]
        data = [None if happening.data is None else json.dumps(happening.data) for happening in happenings]
        self.sidecar.execute(EMIT, (*columns, data))

    def queue(self, hook: int, count: int = 1) -> list[int]:
        """So many deliveries for one webhook, due in the order of their numbers."""
        rows = self.superuser.execute(
            "insert into private.webhook_deliveries (webhook_id, type, content_type, body)"
            " select %s, 'alarm.raised', 'application/json', '{}' from generate_series(1, %s) returning id",
            (hook, count),
        )
        return [number for (number,) in rows]

    def bodies(self, hook: int | None = None) -> list[Any]:
        """What is queued, parsed; of one webhook, or of all."""
        statement = "select body from api.webhook_deliveries where coalesce(webhook_id = %s, true) order by id"
        return [json.loads(row["body"]) for row in self.rows(statement, hook)]

    def delivery(self, number: int) -> Row:
        """What an administrator sees of a delivery."""
        return self.rows("select * from api.webhook_deliveries where id = %s", number)[0]

    def states(self, hook: int) -> list[str]:
        """The states of the deliveries of a webhook."""
        statement = "select state from api.webhook_deliveries where webhook_id = %s order by id"
        return [row["state"] for row in self.rows(statement, hook)]

    def claim(self, most: int = 100, lease_seconds: int = 30, connection: Connection | None = None) -> list[Claimed]:
        """What a sidecar gets."""
        with (connection or self.sidecar).cursor(row_factory=class_row(Claimed)) as cursor:
            return cursor.execute("select * from private.claim_deliveries(%s, %s)", (most, lease_seconds)).fetchall()

    def finish(self, claimed: Iterable[Claimed], **result: object) -> None:
        """Give the same result for all of these."""
        self.report({"id": one.id, "attempt": one.attempt, "status": 500, **result} for one in claimed)

    def report(self, results: Iterable[Row]) -> None:
        """Give these results."""
        self.sidecar.execute("select private.finish_deliveries(%s)", (json.dumps(list(results)),))

    def attempt(self, number: int, **result: object) -> Row:
        """Send a delivery now, whenever it is due; returns it after this result."""
        self.superuser.execute(
            "update private.webhook_deliveries set due_at = '-infinity' where id = %s and state <> 'sending'", (number,)
        )
        self.superuser.execute(
            "update private.webhook_breakers set retry_at = now() - interval '1 second' where retry_at is not null"
        )
        claimed = self.claim(most=1)
        assert [one.id for one in claimed] == [number]
        self.finish(claimed, **result)
        return self.delivery(number)

    def seconds_to_next(self) -> float | None:
        """How long a sidecar may sleep."""
        row = self.sidecar.execute("select extract(epoch from private.next_delivery_at() - now())::float8").fetchone()
        assert row is not None
        seconds: float | None = row[0]
        return seconds

    def open_breaker(self, hook: int, until: str = "now() + interval '1 minute'") -> None:
        """So many calls have failed that it waits until then."""
        self.superuser.execute(
            "insert into private.webhook_breakers (webhook_id, failures, retry_at)"
            f" values (%s, 5, {until}) on conflict (webhook_id) do update set retry_at = excluded.retry_at".encode(),
            (hook,),
        )

    def rows(self, statement: str, *parameters: object) -> list[Row]:
        """What an administrator reads."""
        with self.admin.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(statement.encode(), parameters).fetchall()

    def number(self, connection: Connection, statement: str, *parameters: object) -> int:
        """The number that a statement answers."""
        row = connection.execute(statement.encode(), parameters).fetchone()
        assert row is not None
        return int(row[0])

    def clear(self) -> None:
        """Remove all webhooks and what is queued."""
        self.superuser.execute("delete from private.webhooks")
