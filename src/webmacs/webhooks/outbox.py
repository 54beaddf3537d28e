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
    """Calls the functions of db/webhook_deliveries.sql and webhook_results.sql."""

    def __init__(self, pool: Pool, lease_seconds: int) -> None:
        """After `lease_seconds` without an outcome a claimed delivery is due again."""
        self._pool = pool
        self._lease_seconds = lease_seconds

    async def exchange(self, done: list[tuple[Delivery, Outcome]], most: int) -> tuple[list[Delivery], float | None]:
        """Note what is done, and claim at most so many deliveries that are due; one transaction, one round trip.

        Returns those, for us alone until the lease ends, and the seconds until the next is due: None if nothing waits,
        0 if something is due that may not be claimed. It does no harm to note something twice. Raises psycopg.Error
        and PoolTimeout; then nothing was noted, or it is not known.
        """
        async with self._pool.connection() as connection, connection.pipeline(), connection.transaction():
            if done:
                await connection.execute(FINISH, (_results(done),))
            claimed = await connection.cursor(row_factory=class_row(Delivery)).execute(
                CLAIM, (most, self._lease_seconds)
            )
            due = await connection.execute(NEXT)
        row = await due.fetchone()
        return await claimed.fetchall(), row[0] if row else None


def _results(done: list[tuple[Delivery, Outcome]]) -> str:
    results = [{"id": delivery.id, "attempt": delivery.attempt, **asdict(outcome)} for delivery, outcome in done]
    return json.dumps(results)
