"""Whoever writes or removes while rollups are moved on or computed: nothing is missed, nobody waits for ever."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from tests.db.ingest import Ingest, Point
from tests.db.plant import Plant
from tests.support.postgres import Connection
from tests.support.rollups import compute_all, different
from tests.support.sql import Sql

HOUR = datetime(2026, 6, 1, 10, tzinfo=UTC)
WAITS = "select from pg_locks where pid = %s and not granted"


class Race:
    """Two connections, of which one is in a transaction, and a third that watches."""

    def __init__(self, sql: Sql) -> None:
        self.watcher = sql.superuser
        self.one, self.other = sql.as_login("postgres"), sql.as_login("postgres")
        self.event = Plant(sql.superuser).event()
        self.watcher.execute(
            "truncate private.datapoints, private.latest, private.rollup_dirty, private.rollup_minutes,"
            " private.rollup_hours, private.rollup_days"
        )
        self.watcher.execute("update private.settings set rolled_to = %s, computed_to = %s", (HOUR, HOUR))
        # its newest value: the hours before are over
        Ingest(self.watcher)(Point(self.event, ts=HOUR + timedelta(days=2)))
        self._threads = ThreadPoolExecutor(1)

    def measure(self, connection: Connection, minute: int, value: float = 1.0, count: int = 30) -> None:
        """Points of the hour from this minute on."""
        begin = HOUR + timedelta(minutes=minute)
        points = [Point(self.event, value, begin + timedelta(seconds=second)) for second in range(count)]
        assert Ingest(connection)(*points) == {}

    def move(self, connection: Connection, hours: int = 3) -> None:
        """Until it succeeds, as the sidecars do."""
        while True:
            try:
                connection.execute("select private.move_rollups(%s)", (HOUR + timedelta(hours=hours),))
            except psycopg.errors.LockNotAvailable:
                continue
            return

    def begin(self, work: Callable[[], object]) -> Future[object]:
        """Let the other connection do this, and return when it waits for a lock."""
        running = self._threads.submit(work)
        while self.watcher.execute(WAITS, (self.other.info.backend_pid,)).fetchone() is None:
            assert not running.done(), running.result()
        return running

    def points(self) -> list[int]:
        """How many points each hour has as it is rolled up; what differs from the raw points is said."""
        compute_all(self.watcher)
        assert self.watcher.execute("select * from private.rollup_dirty").fetchall() == []
        assert different(self.watcher) == {}
        rows = self.watcher.execute("select points::int from private.rollup_hours order by bucket").fetchall()
        return [points for (points,) in rows]


@pytest.fixture
def race(sql: Sql) -> Race:
    return Race(sql)


def test_a_point_on_its_way_while_the_watermark_moves(race: Race) -> None:
    with race.one.transaction():
        race.measure(race.one, 0)
        moving = race.begin(lambda: race.move(race.other))
    moving.result()
    assert race.points() == [30]


def test_a_point_that_waits_for_the_watermark_to_move(race: Race) -> None:
    with race.one.transaction():
        race.move(race.one)
        measuring = race.begin(lambda: race.measure(race.other, 0))
    measuring.result()
    assert race.watcher.execute("select hour from private.rollup_dirty").fetchall() == [(HOUR,)]
    assert race.points() == [30]


def test_a_point_of_an_hour_that_is_just_computed(race: Race) -> None:
    """It is not among those that are counted; its mark stays."""
    race.measure(race.watcher, 0)
    race.move(race.watcher)
    with race.one.transaction():
        race.one.execute("select private.compute_rollups()")
        race.measure(race.other, 5)
    assert race.points() == [60]


def test_a_point_of_an_hour_that_is_just_computed_again(race: Race) -> None:
    """It waits for its mark, which is there again afterwards."""
    race.measure(race.watcher, 0)
    race.move(race.watcher)
    compute_all(race.watcher)
    race.measure(race.watcher, 5)
    with race.one.transaction():
        race.one.execute("select private.compute_rollups()")
        measuring = race.begin(lambda: race.measure(race.other, 10))
    measuring.result()
    assert race.points() == [90]


def test_an_hour_is_left_alone_while_somebody_writes_to_it(race: Race) -> None:
    race.measure(race.watcher, 0)
    race.move(race.watcher)
    compute_all(race.watcher)
    race.measure(race.watcher, 5)
    with race.one.transaction():
        race.measure(race.one, 10)
        race.other.execute("set statement_timeout = '10s'")
        assert race.other.execute("select private.compute_rollups()").fetchone() == (False,)
    assert race.points() == [90]


@pytest.mark.parametrize("marked", [False, True])
def test_points_that_are_removed_while_they_are_counted(marked: bool, race: Race) -> None:
    race.measure(race.watcher, 0)
    race.measure(race.watcher, 70)
    race.move(race.watcher)
    if marked:
        compute_all(race.watcher)
        race.measure(race.watcher, 5)
    remove = "select api.delete_datapoints(%s, %s, %s)"
    span = (race.event, HOUR, HOUR + timedelta(seconds=10))
    with race.one.transaction():
        race.one.execute("select private.compute_rollups()")
        if marked:
            removing = race.begin(lambda: race.other.execute(remove, span))
        else:
            race.other.execute(remove, span)
    if marked:
        removing.result()
    assert race.points() == [50 if marked else 20, 30]


@pytest.mark.parametrize("marked", [False, True])
def test_an_event_that_is_purged_while_it_is_rolled_up(marked: bool, race: Race) -> None:
    race.measure(race.watcher, 0)
    race.move(race.watcher)
    if marked:
        compute_all(race.watcher)
        race.measure(race.watcher, 5)
    with race.one.transaction():
        race.one.execute("select private.compute_rollups()")
        purging = race.begin(lambda: race.other.execute("select api.purge_event(%s)", (race.event,)))
    purging.result()
    assert race.points() == []


@pytest.mark.parametrize("isolation", ["repeatable read", "serializable"])
def test_a_transaction_that_began_before_the_watermark_moved(isolation: str, race: Race) -> None:
    """It would read where the watermark was."""
    race.one.execute(f"begin isolation level {isolation}".encode())
    race.one.execute("select count(*) from private.events")
    race.move(race.watcher)
    with pytest.raises(psycopg.errors.SerializationFailure):
        race.measure(race.one, 0)
    race.one.execute("rollback")
    race.one.execute(f"begin isolation level {isolation}".encode())
    race.measure(race.one, 0)
    race.one.execute("commit")
    assert race.points() == [30]


def test_an_hour_to_which_more_will_come_is_not_computed_again_yet(race: Race) -> None:
    """As of a controller whose clock is behind, or after a clock that was ahead moved the watermark far."""
    race.move(race.watcher, hours=90)
    compute_all(race.watcher)
    newest = HOUR + timedelta(days=3)
    Ingest(race.watcher)(Point(race.event, ts=newest), Point(race.event, ts=newest - timedelta(minutes=1)))
    marked = "select count(*) from private.rollup_dirty"
    compute_all(race.watcher)
    assert race.watcher.execute(marked).fetchone() == (2,)
    series = "select api.series(array[%s], %s, %s, 24) -> 'series' -> 0 -> 'count'"
    day = newest - timedelta(hours=12), newest + timedelta(hours=12)
    assert race.watcher.execute(series, (race.event, *day)).fetchone() == ([1, 1],)
    Ingest(race.watcher)(Point(race.event, ts=newest + timedelta(minutes=66)))
    compute_all(race.watcher)
    assert race.watcher.execute(marked).fetchone() == (1,)
    race.watcher.execute("update private.latest set received_at = now() - interval '11 minutes'")
    assert sum(race.points()) == 4


def test_two_that_compute_at_once(race: Race) -> None:
    for minute in range(0, 600, 7):
        race.measure(race.watcher, minute, minute / 7)
    race.move(race.watcher, hours=12)
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(_compute_by_hours, (race.one, race.other)))
    assert sum(race.points()) == 30 * len(range(0, 600, 7))


def _compute_by_hours(connection: Connection) -> None:
    while connection.execute("select computed_to < rolled_to from private.settings").fetchone() == (True,):
        connection.execute("select private.compute_rollups('1 hour')")
