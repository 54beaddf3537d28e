"""A history of one event: what is stored of it, beside a model of it, and its series beside the plain way."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import strategies as st

from tests.db.ingest import Ingest, Point
from tests.history.reference import Json, Stored, series
from tests.support.sql import Sql

NOW = datetime(2026, 1, 20, 13, 37, 11, tzinfo=UTC)
_numbers = count(1)

# Seconds before NOW: within the present hour, some hours, some days.
seconds_ago = st.one_of(st.integers(0, 3600), st.integers(0, 20_000), st.integers(0, 5 * 86_400))
point = st.tuples(seconds_ago, st.sampled_from([-2.5, 0.0, 1.0, 7.25]), st.sampled_from([192, 64, 0]))
dense = st.tuples(seconds_ago, st.integers(100, 200)).map(
    lambda run: [(max(0, run[0] - second), float(second % 7), 192) for second in range(run[1])]
)
arrives = st.one_of(st.lists(point, min_size=1, max_size=20), dense).map(lambda points: ("arrive", points))
removed = st.tuples(seconds_ago, seconds_ago).map(lambda span: ("remove", [max(span), min(span)]))
moved = seconds_ago.map(lambda seconds: ("move", seconds))
computed = st.just(("compute", None))
step = st.one_of(arrives, arrives, moved, computed, removed)
asked = st.tuples(seconds_ago, st.integers(1, 400_000), st.sampled_from([1, 2, 7, 50, 1000]))


class History:
    """One event and what is stored of it, beside a model of it."""

    def __init__(self, sql: Sql) -> None:
        self._superuser = sql.superuser
        self._ingest = Ingest(sql.superuser)
        self.points: dict[datetime, Stored] = {}
        row = self._superuser.execute(
            "insert into private.events (name, unit, min_value, max_value) values (%s, 'V', 0, 1) returning id",
            (f"history {next(_numbers)}",),
        ).fetchone()
        assert row
        self.event: int = row[0]
        self._superuser.execute(
            "truncate private.rollup_dirty, private.rollup_minutes, private.rollup_hours, private.rollup_days"
        )
        self._superuser.execute("update private.settings set computed_to = '-infinity', rolled_to = '-infinity'")

    def arrive(self, points: list[tuple[int, float, int]]) -> None:
        """A batch."""
        sent = [(NOW - timedelta(seconds=ago), value, quality) for ago, value, quality in points]
        self._ingest(*[Point(self.event, value, ts, quality) for ts, value, quality in sent])
        for ts, value, quality in sent:
            self.points.setdefault(ts, Stored(ts, value, quality))

    def remove(self, span: list[int]) -> None:
        """Delete what lies between."""
        begin, end = (NOW - timedelta(seconds=ago) for ago in span)
        if begin < end:
            self._superuser.execute("select api.delete_datapoints(%s, %s, %s)", (self.event, begin, end))
            self.points = {ts: stored for ts, stored in self.points.items() if not begin <= ts < end}

    def move(self, seconds: int) -> None:
        """The hours that are over then are to be rolled up."""
        self._superuser.execute("select private.move_rollups(%s)", (NOW - timedelta(seconds=seconds),))

    def compute(self, _: None) -> None:
        """A step of the job."""
        self._superuser.execute("select private.compute_rollups('2 days')")

    def ask(self, begin: datetime, end: datetime, buckets: int) -> Json:
        """rpc/series."""
        row = self._superuser.execute(
            "select api.series(array[%s], %s, %s, %s)", (self.event, begin, end, buckets)
        ).fetchone()
        assert row
        answer: Json = row[0]
        return answer


def compare(history: History, questions: list[tuple[int, int, int]]) -> None:
    """Each answer (its end and length in seconds, its buckets) equals the one computed from all points."""
    for ago, length, buckets in questions:
        end = NOW - timedelta(seconds=ago)
        begin = end - timedelta(seconds=length)
        answer = history.ask(begin, end, buckets)
        origin, width = datetime.fromisoformat(answer["origin"]), timedelta(seconds=answer["width_seconds"])
        (found,) = answer["series"]
        expected = series(list(history.points.values()), origin, end, width)
        assert origin <= begin
        assert len(expected["t"]) <= buckets
        means = zip(found.pop("mean"), expected.pop("mean"), strict=True)
        assert all(
            mean == (None if other is None else pytest.approx(other, rel=1e-12, abs=1e-12)) for mean, other in means
        )
        assert {name: found[name] for name in expected} == expected
