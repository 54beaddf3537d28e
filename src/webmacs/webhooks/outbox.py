"""The outbox in the database: what is claimed from it, and what is noted in it. The rules are SQL."""

import json
from dataclasses import asdict

from psycopg.rows import class_row

from webmacs.database import Pool
from webmacs.webhooks.delivery import Delivery, Outcome

CLAIM = (
    "select id, message_id, webhook_id, url, body, content_type, secrets, attempt from private.claim_deliveries(%s, %s)"
)
FINISH = "select private.finish_deliveries(%s::jsonb)"
# By the clock of the database, which decides what is due.
NEXT = "select extract(epoch from private.next_delivery_at() - clock_timestamp())::float8"


class Outbox:
    """Calls the functions of db/webhooks.sql. All of them raise psycopg.Error or PoolTimeout."""

    def __init__(self, pool: Pool, lease_seconds: int) -> None:
        """After `lease_seconds` without an outcome a claimed delivery is due again."""
        self._pool = pool
        self._lease_seconds = lease_seconds

    async def claim(self, most: int) -> list[Delivery]:
        """At most so many deliveries that are due, for us alone until the lease ends."""
        async with self._pool.connection() as connection, connection.cursor(row_factory=class_row(Delivery)) as cursor:
            return await (await cursor.execute(CLAIM, (most, self._lease_seconds))).fetchall()

    async def finish(self, done: list[tuple[Delivery, Outcome]]) -> None:
        """Note what became of them. It does no harm to say so twice."""
        results = [{"id": delivery.id, "attempt": delivery.attempt, **asdict(outcome)} for delivery, outcome in done]
        async with self._pool.connection() as connection:
            await connection.execute(FINISH, (json.dumps(results),))

    async def seconds_to_next(self) -> float | None:
        """How long nothing will be due; None: nothing waits. Below 0: something is due, and may not be claimed."""
        async with self._pool.connection() as connection:
            row = await (await connection.execute(NEXT)).fetchone()
        seconds: float | None = row[0] if row else None
        return seconds
