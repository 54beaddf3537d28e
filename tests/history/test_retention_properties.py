"""While raw points go day by day, every answer still equals the one computed from all points that were ever stored."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.db.ingest import Point
from tests.history.history import NOW, History, arrives, asked, compare, computed, moved
from tests.history.reference import Stored
from tests.support.sql import Sql

dropped = st.integers(0, 5).map(lambda days: ("drop", days))
step = st.one_of(arrives, arrives, arrives, moved, computed, dropped)


class ShortHistory(History):
    """Its partitions are of a day, and the old ones go."""

    def __init__(self, sql: Sql) -> None:
        super().__init__(sql)
        self._superuser.execute("update private.retention set gone = '{}', age_days = null")
        self._superuser.execute(
            "select private.make_partitions_for(array_agg(d)) from generate_series(%s, %s, '1 day') d",
            (NOW - timedelta(days=7), NOW),
        )

    def arrive(self, points: list[tuple[int, float, int]]) -> None:
        """A batch, of which nothing is stored that was dropped."""
        sent = [(NOW - timedelta(seconds=ago), value, quality) for ago, value, quality in points]
        refused = self._ingest(*[Point(self.event, value, ts, quality) for ts, value, quality in sent])
        for place, (ts, value, quality) in enumerate(sent, start=1):
            if place not in refused:
                self.points[ts] = Stored(ts, value, quality)

    def drop(self, days: int) -> None:
        """Everything older than these days goes, of what is rolled up."""
        self._superuser.execute("delete from private.late_days")
        self._superuser.execute("update private.retention set age_days = greatest(1, %s) where unit = 'raw'", (days,))
        at = NOW if days else NOW + timedelta(days=1)
        while self._superuser.execute("select private.expire(%s)", (at,)).fetchone() != (None,):
            pass
        steps = "select statement from private.expiry_statements() limit 1"
        while statement := self._superuser.execute(steps).fetchone():
            self._superuser.execute(statement[0].encode())


@pytest.fixture(scope="module")
def daily(sql: Sql) -> Sql:
    sql.superuser.execute("update private.settings set partition_width = '1 day'")
    return sql


@settings(max_examples=40)
@given(steps=st.lists(step, min_size=3, max_size=14), questions=st.lists(asked, min_size=3, max_size=3))
def test_series(steps: list[tuple[str, object]], questions: list[tuple[int, int, int]], daily: Sql) -> None:
    history = ShortHistory(daily)
    for name, argument in steps:
        getattr(history, name)(argument)
    compare(history, questions)
