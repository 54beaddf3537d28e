"""Webhooks in a database, and what waits for them."""

import base64
import itertools
import json
import time
from dataclasses import dataclass
from typing import Any

from tests.support.postgres import Connection

TYPE = "experiment.started"
PATIENCE = 60
SECRET, OLD_SECRET = (
    "whsec_" + base64.b64encode(text * 2).decode() for text in (b"only for the tests", b"the one before it.")
)
# Says so whenever something became of a delivery.
TELL = (
    "drop function if exists private.tell_test cascade",
    "create function private.tell_test() returns trigger language plpgsql as"
    " 'begin notify webmacs_test; return null; end'",
    "create trigger tell_test after update on private.webhook_deliveries execute function private.tell_test()",
    "listen webmacs_test",
)
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Row:
    """What the outbox says of a delivery. `due_in` is in seconds."""

    message_id: str
    state: str
    attempt: int
    status: int | None
    response: str | None
    error: str | None
    due_in: float | None


class Webhooks:
    """Makes webhooks and deliveries as a superuser. One of these for each database."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        for statement in TELL:
            connection.execute(statement)

    def add(self, url: str, **columns: Any) -> int:
        """The id of a new webhook."""
        values = {"name": f"webhook {next(_numbers)}", "url": url, "secret": SECRET, "types": [TYPE], **columns}
        names = ", ".join(values)
        places = ", ".join(["%s"] * len(values))
        row = self._connection.execute(
            f"insert into private.webhooks ({names}) values ({places}) returning id".encode(), list(values.values())
        ).fetchone()
        assert row is not None
        return int(row[0])

    def remove_all(self) -> None:
        """With their deliveries."""
        self._connection.execute("delete from private.webhooks")

    def emit(self, count: int = 1) -> None:
        """So many things happen in one transaction; each is a delivery for each webhook."""
        self._connection.execute(
            "select private.emit(array_agg(%s::text), array_agg(null::int), array_agg(null::text), array_agg(now()),"
            " array_agg(jsonb_build_object('n', n))) from generate_series(1, %s) n",
            (TYPE, count),
        )

    def queue_for_later(self, webhook: int, seconds: float) -> None:
        """A delivery that is due in so many seconds."""
        self._connection.execute(
            "insert into private.webhook_deliveries (webhook_id, type, content_type, body, due_at)"
            " values (%s, %s, 'application/json', %s, now() + %s * interval '1 second')",
            (webhook, TYPE, json.dumps({"later": True}), seconds),
        )

    def rows(self, webhook: int) -> list[Row]:
        """Its deliveries, in the order in which they were queued."""
        rows = self._connection.execute(
            "select 'msg_' || public_id, state, attempt, response_status, response, error,"
            " extract(epoch from due_at - now())::float8"
            " from private.webhook_deliveries where webhook_id = %s order by id",
            (webhook,),
        )
        return [Row(*row) for row in rows]

    def until(self, webhook: int, *states: str) -> list[Row]:
        """Wait until all its deliveries are in one of these states."""
        deadline = time.monotonic() + PATIENCE
        while not all(row.state in states for row in self.rows(webhook)):
            next(self._connection.notifies(timeout=deadline - time.monotonic(), stop_after=1), None)
            assert time.monotonic() < deadline, [row for row in self.rows(webhook) if row.state not in states]
        return self.rows(webhook)
