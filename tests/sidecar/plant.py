"""Events and their values for tests of export and import."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tests.support.postgres import Connection

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Event:
    """An event."""

    id: int
    public_id: str
    name: str


class Plant:
    """Makes events, stores values, and reads what is stored."""

    def __init__(self, superuser: Connection) -> None:
        self.superuser = superuser

    def event(self, name: str | None = None, unit: str = "°C") -> Event:
        """A new event."""
        name = name or f"plant {next(_numbers)}"
        row = self.superuser.execute(
            "insert into private.events (name, unit, min_value, max_value) values (%s, %s, 0, 100)"
            " returning id, public_id::text",
            (name, unit),
        ).fetchone()
        assert row is not None
        return Event(row[0], row[1], name)

    def store(self, event: Event, *points: tuple[str | datetime, float] | tuple[str | datetime, float, int]) -> None:
        """Points (time, value) or (time, value, quality) through the pipeline; all of them are new."""
        whole = [(*point, 192)[:3] for point in points]
        refused = self.superuser.execute(
            "select reason from private.ingest(%s::int[], %s::int[], %s::smallint[], %s::timestamptz[], %s::float8[])",
            (
                [None] * len(whole),
                [event.id] * len(whole),
                [point[2] for point in whole],
                [str(point[0]) for point in whole],
                [float(point[1]) for point in whole],
            ),
        ).fetchall()
        assert refused == []

    def stored(self, event: Event) -> Sequence[tuple[datetime, float, int]]:
        """(time, value, quality) of all its points, in the order of time."""
        return self.superuser.execute(
            "select ts, value, quality from private.datapoints where event_id = %s order by ts", (event.id,)
        ).fetchall()

    def fill(self, event: Event, points: int) -> None:
        """So many points a second apart, the last of them now."""
        self.superuser.execute(
            "select private.make_partitions_for(array(select now() - n * interval '1 day'"
            " from generate_series(0, %(n)s / 86400 + 1) n))",
            {"n": points},
        )
        self.superuser.execute(
            "insert into private.datapoints (event_id, quality, ts, value)"
            " select %s, 192, date_trunc('second', now()) - n * interval '1 second', sin(n)"
            " from generate_series(1, %s) n",
            (event.id, points),
        )
