"""A history to be dropped: points of many weeks, their rollups, policies."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from tests.db.ingest import Ingest, Point
from tests.db.plant import Plant
from tests.support.database import Database
from tests.support.postgres import Connection

DAY = timedelta(days=1)
FILL = """
    select ordinal, reason
    from (select array_agg(null::int) as sources, array_agg(%(event)s::int) as events,
                 array_agg(192::smallint) as qualities, array_agg(%(begin)s + n * interval '10 minutes') as times,
                 array_agg(n %% 144 / 144.0::float8) as values
          from generate_series(0, %(days)s * 144 - 1) n) p,
         private.ingest(p.sources, p.events, p.qualities, p.times, p.values)
"""


class Past:
    """One event, measured every ten minutes for some weeks until now, and rolled up."""

    def __init__(self, database: Database, days: int = 70) -> None:
        self.database = database
        self.superuser: Connection = database.connect()
        self.event = Plant(self.superuser).event()
        self.now = datetime.now(UTC)
        self.send = Ingest(database.connect("webmacs_sidecar"))
        times = {"event": self.event, "begin": self.now - days * DAY, "days": days}
        assert self.send.connection.execute(FILL, times).fetchall() == []
        self.roll_up()

    def measure(self, begin: datetime, seconds: int = 600, count: int = 144) -> dict[int, str]:
        """Points from `begin` on; what was refused."""
        return self.send(*[Point(self.event, n / count, begin + timedelta(seconds=seconds * n)) for n in range(count)])

    def roll_up(self) -> None:
        """As the sidecar does."""
        self.superuser.execute("select private.move_rollups(%s)", (self.now,))
        while self.one("select private.compute_rollups('30 days')"):
            pass

    def policy(self, unit: str, **values: int | None) -> None:
        """age_days, budget_bytes."""
        for column, value in values.items():
            statement = f"update private.retention set {column} = %s where unit = %s"
            self.superuser.execute(statement.encode(), (value, unit))

    def keep(self, begin: datetime, end: datetime | None) -> None:
        """An experiment that is to be kept."""
        self.superuser.execute(
            "insert into private.experiments (name, started_at, stopped_at, keep) values (%s, %s, %s, true)",
            (f"kept {begin}", begin, end),
        )

    def expire(self, at: datetime | None = None) -> list[str]:
        """Decide, as long as something is to go."""
        return list(iter(lambda: self.one("select private.expire(%s)", at or self.now), None))

    def expired(self) -> list[str]:
        """Names of what is decided to go."""
        names: list[str] = self.one("select array_agg(name order by name) from private.expired_partitions")
        return names

    def step(self) -> str | None:
        """Do the next step."""
        statement: str | None = self.one(
            "select min(statement) from (select * from private.expiry_statements() limit 1) s"
        )
        if statement:
            self.superuser.execute(statement.encode())
        return statement

    def drop(self) -> None:
        """Do every step."""
        while self.step():
            pass

    def partitions(self, unit: str = "raw") -> list[tuple[datetime, datetime]]:
        """Bounds, the oldest first."""
        rows = self.superuser.execute(
            "select lower, upper from private.history_partitions() where unit = %s order by lower", (unit,)
        ).fetchall()
        return [(lower, upper) for lower, upper in rows]

    def series(self, begin: datetime, end: datetime, buckets: int) -> dict[str, Any]:
        """rpc/series."""
        answer: dict[str, Any] = self.one("select api.series(array[%s], %s, %s, %s)", self.event, begin, end, buckets)
        return answer

    def one(self, statement: str, *parameters: object) -> Any:
        """The first column of the first row."""
        row = self.superuser.execute(statement.encode(), parameters).fetchone()
        return row[0] if row else None


def refused(connection: Connection, statement: str) -> str:
    """What was said against it."""
    try:
        connection.execute(statement.encode())
    except psycopg.Error as error:
        return str(error.diag.message_primary)
    raise AssertionError(statement)
