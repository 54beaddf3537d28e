"""No question touches a partition that it need not, however often it is asked: after five times PostgreSQL may keep a
plan for all values. Two years are a hundred partitions; PostgreSQL counts what a transaction scans."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.db.plant import Plant
from tests.support.postgres import Connection
from tests.support.sql import Sql
from webmacs.export import pages

TIMES = 12
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = datetime.now(UTC)
FIRST = NOW - 728 * DAY

# Two points a day for two years, and one every 20 seconds of the last five days: those hours keep minutes.
FILL = """
    with instant as (
        select generate_series(%(from)s::timestamptz, %(to)s, '12 hours') as ts
        union
        select generate_series(%(to)s - interval '5 days', %(to)s, '20 seconds')
    )
    insert into private.datapoints (event_id, quality, ts, value)
    select event_id, 192, ts, 1 from instant, unnest(%(events)s::int[]) event_id
"""
SCANS = """
    select relname, seq_scan + coalesce(idx_scan, 0) from pg_stat_xact_user_tables where schemaname = 'private'
"""
SERIES = "select api.series(%(events)s::int[], %(from)s, %(to)s, %(buckets)s)"
STATISTICS = "select api.statistics(%(event_id)s, %(from)s, %(to)s)"
FIGURES = "select private.experiment_figures(%(events)s, %(from)s, %(to)s)"
# As PostgREST asks.
DATAPOINTS = """
    with pgrst_source as (
        select d.* from api.datapoints d
        where d.{event} and d.ts >= %(from)s and d.ts < %(to)s
        order by d.ts asc limit %(limit)s offset %(offset)s)
    select null, count(*), coalesce(json_agg(t), '[]') from (select * from pgrst_source) t
"""


class Plot:
    """Two years of ten events, rolled up, and which partitions are where."""

    def __init__(self, sql: Sql) -> None:
        self._superuser = sql.superuser
        self._viewer = sql.as_role("viewer")
        self.events = [Plant(sql.superuser).event() for _ in range(10)]
        self._fill()
        self.public_id: UUID = self._one(f"select public_id from private.events where id = {self.events[0]}")
        self.computed_to: datetime = self._one("select computed_to from private.settings")

    def _fill(self) -> None:
        days = "select private.make_partitions(array(select generate_series(%s::timestamptz, %s, '1 day')))"
        self._superuser.execute(days.encode(), (FIRST, NOW))
        self._superuser.execute(FILL.encode(), {"from": FIRST, "to": NOW, "events": self.events})
        self._superuser.execute("update private.settings set rolled_to = '-infinity', computed_to = '-infinity'")
        self._superuser.execute("select private.move_rollups(%s)", (NOW,))
        while self._one("select private.compute_rollups('100 days')"):
            pass
        self._superuser.execute("analyze")

    def _one(self, statement: str) -> Any:
        (value,) = self._superuser.execute(statement.encode()).fetchone() or (None,)
        return value

    def partitions(self, unit: str, begin: datetime, end: datetime) -> set[str]:
        """Those that have something of this range."""
        statement = "select name from private.history_partitions() where unit = %s and lower < %s and upper > %s"
        return {name for (name,) in self._superuser.execute(statement, (unit, end, begin)).fetchall()}

    def touched(self, question: str, **values: Any) -> set[str]:
        """By a viewer who asks often: the partitions that are scanned in any of these times."""
        return self.touched_by(self._viewer, question, values)

    def touched_inside(self, question: str, **values: Any) -> set[str]:
        """The same, by what only functions may call."""
        return self.touched_by(self._superuser, question, values)

    def touched_by(self, connection: Connection, question: str, values: dict[str, Any]) -> set[str]:
        connection.prepare_threshold = 0
        found: set[str] = set()
        for _ in range(TIMES):
            with connection.transaction():
                before = _scans(connection)
                connection.execute(question.encode(), values)
                found |= {name for name, scans in _scans(connection).items() if scans != before.get(name, 0)}
        rows = self._superuser.execute("select name from private.history_partitions()").fetchall()
        return found & {name for (name,) in rows}


def _scans(connection: Connection) -> dict[str, int]:
    return dict(connection.execute(SCANS.encode()).fetchall())


@pytest.fixture(scope="module")
def plot(sql: Sql) -> Plot:
    return Plot(sql)


@pytest.mark.parametrize(
    ("unit", "length", "buckets", "events"),
    [
        ("hour", NOW - FIRST, 1000, 1),
        ("hour", 365 * DAY, 1000, 10),
        ("hour", 40 * DAY, 900, 10),
        ("day", NOW - FIRST, 100, 10),
        ("minute", 4 * DAY, 1000, 10),
    ],
)
def test_series_from_rollups(unit: str, length: timedelta, buckets: int, events: int, plot: Plot) -> None:
    begin = NOW - length
    values = {"events": plot.events[:events], "from": begin, "to": NOW, "buckets": buckets}
    finished = plot.computed_to.replace(hour=0) if unit == "day" else plot.computed_to
    needed = plot.partitions(unit, begin - DAY, finished)
    of_the_present = plot.partitions("raw", finished, NOW + 10 * DAY)
    # which hours keep minutes, and what was written to late, is asked of hours
    asked_for = plot.partitions("hour", begin - DAY, NOW) if unit == "minute" else set()
    touched = plot.touched(SERIES, **values)
    assert touched >= plot.partitions(unit, begin + DAY, finished - DAY)
    assert touched <= needed | of_the_present | asked_for


def test_series_of_the_last_hour(plot: Plot) -> None:
    touched = plot.touched(SERIES, **{"events": plot.events[:1], "from": NOW - HOUR, "to": NOW, "buckets": 1000})
    begin_of_hour = (NOW - HOUR).replace(minute=0, second=0, microsecond=0)
    # of hours it is asked how much there is to read
    assert touched == plot.partitions("raw", NOW - HOUR, NOW) | plot.partitions("hour", begin_of_hour, NOW)


def test_statistics_of_an_hour(plot: Plot) -> None:
    """The value before is in the same partition, or in the one before it."""
    begin = FIRST + 100 * DAY
    touched = plot.touched(STATISTICS, **{"event_id": plot.events[0], "from": begin, "to": begin + HOUR})
    assert touched
    assert touched <= plot.partitions("raw", begin - DAY, begin + HOUR)


def test_figures_of_an_experiment(plot: Plot) -> None:
    begin = FIRST + timedelta(days=200, hours=3, minutes=20, seconds=7)
    end = begin + 60 * DAY
    touched = plot.touched_inside(FIGURES, **{"events": plot.events, "from": begin, "to": end})
    assert touched >= plot.partitions("day", begin, end)
    edges = plot.partitions("raw", begin, begin + HOUR) | plot.partitions("raw", end - HOUR, end)
    coarser = set().union(*[plot.partitions(unit, begin, end) for unit in ("minute", "hour", "day")])
    assert touched <= edges | coarser


@pytest.mark.parametrize("event", ["event_id = %(event_id)s", "event_public_id = %(event_public_id)s"])
def test_datapoints_of_an_hour(event: str, plot: Plot) -> None:
    begin = FIRST + 300 * DAY
    values = {"from": begin, "to": begin + HOUR, "limit": 10000, "offset": 0}
    touched = plot.touched(
        DATAPOINTS.format(event=event), **values, event_id=plot.events[0], event_public_id=plot.public_id
    )
    assert touched == plot.partitions("raw", begin, begin + HOUR)


@pytest.mark.parametrize("question", [pages.LONG, pages.WIDE, pages.FIRST])
def test_export_of_an_hour(question: str, plot: Plot) -> None:
    begin, end = FIRST + 300 * DAY, FIRST + 300 * DAY + HOUR
    texts = dict.fromkeys(("before", "middle", "after", "end", "nothing"), "") | {"point": "."}
    one = {"event_id": plot.events[0], "rows": 2000}
    all_events = {"event_ids": plot.events, "keys": [""] * 10, "grid": 60, "last": end - timedelta(minutes=1)}
    values = texts | one | all_events | {"from": begin, "after": begin, "to": end}
    touched = plot.touched(question, **values)
    assert touched == plot.partitions("raw", begin - timedelta(minutes=1), end)
