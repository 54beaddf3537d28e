"""The file: what was written is read again, limits, damage, a full disk, starts of the machine."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from webmacs_controller.clock.clock import EPOCH, Clock
from webmacs_controller.measuring.point import Point, Source
from webmacs_controller.sdk import Quality
from webmacs_controller.storage.contents import read_contents
from webmacs_controller.storage.encoding import decode, encode
from webmacs_controller.storage.errors import StoreError
from webmacs_controller.storage.store import Store

from tests.controller.machine import NOON, TurnedKernel, right_clock

LEVEL: Source = ("tank", "level")
DAY = timedelta(days=1)
MEGABYTE = 1_000_000


def points(*values: float, source: Source = LEVEL, start: datetime = NOON) -> list[Point]:
    """One a second."""
    return [Point(source, value, start + timedelta(seconds=place), 192) for place, value in enumerate(values)]


def noise(count: int, start: datetime = NOON) -> list[Point]:
    """What hardly gets smaller: about 7 bytes each."""
    values = random.Random(count)
    return points(*(values.random() for _ in range(count)), start=start)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "buffer"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with closing(Store(path, MEGABYTE, DAY, right_clock())) as store:
        yield store


def everything(store: Store) -> list[Point]:
    found, after = [], 0
    while row := store.read(after):
        found += row.points
        after = row.number
    return found


def reopened(path: Path, clock: Clock | None = None, most_bytes: int = MEGABYTE) -> Store:
    return Store(path, most_bytes, DAY, clock or right_clock())


POINTS = st.builds(
    Point,
    st.tuples(st.text(max_size=3), st.sampled_from(["a", "b", "ü"])),
    st.floats(allow_nan=False),
    st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=st.just(UTC)),
    st.integers(0, 255),
)


def exactly(point: Point) -> tuple[object, ...]:
    return point.source, point.value.hex(), point.timestamp, point.quality


@given(st.lists(POINTS, min_size=1))
def test_what_is_encoded_is_decoded_to_the_last_bit(some: list[Point]) -> None:
    numbers = {source: number for number, source in enumerate({point.source for point in some}, 1)}
    decoded = decode(encode(some, numbers), {number: source for source, number in numbers.items()})
    assert list(map(exactly, decoded)) == list(map(exactly, some))


def test_values_that_repeat_take_little_and_others_no_more_than_they_are() -> None:
    assert len(encode(points(*[20.5] * 10_000), {LEVEL: 1})) < 0.1 * 10_000
    assert len(encode(noise(10_000), {LEVEL: 1})) < 8 * 10_000


@pytest.mark.parametrize("spoilt", [b"", b"\x00", b"\x00nonsense", b"\x02" + encode(points(1), {LEVEL: 1})[1:5]])
def test_what_cannot_be_decoded_is_a_value_error(spoilt: bytes) -> None:
    with pytest.raises(ValueError, match="unreadable"):
        decode(spoilt, {1: LEVEL})


def test_rows_are_read_in_order_also_after_a_restart(store: Store, path: Path) -> None:
    numbers = store.write([points(1, 2), points(3)])
    numbers += store.write([points(4)])
    assert numbers == sorted(set(numbers))
    assert [point.value for point in everything(store)] == [1, 2, 3, 4]
    store.close()
    with closing(reopened(path)) as again:
        assert [point.value for point in everything(again)] == [1, 2, 3, 4]
        assert again.points == 4
        assert again.write([points(5)])[0] > numbers[-1]


def test_only_what_is_removed_goes(store: Store) -> None:
    first, second, third = store.write([points(1), points(2), points(3)])
    store.remove([second])
    assert [point.value for point in everything(store)] == [1, 3]
    store.remove([first, third])
    assert (store.points, store.read(0), store.dropped) == (0, None, 0)


def test_an_empty_file_gives_its_space_back(store: Store, path: Path) -> None:
    numbers = [store.write([noise(10_000)])[0] for _ in range(20)]
    assert disk_use(path) > MEGABYTE
    store.remove(numbers)
    assert disk_use(path) < 100_000


def disk_use(path: Path) -> int:
    return read_contents(path).bytes


def test_at_its_limit_of_bytes_the_oldest_rows_go(store: Store, path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for minute in range(30):
        store.write([noise(10_000, NOON + timedelta(minutes=minute))])
    assert store.points + store.dropped == 300_000
    assert 100_000 < store.points < 200_000
    assert (
        everything(store)
        == [point for minute in range(30) for point in noise(10_000, NOON + timedelta(minutes=minute))][-store.points :]
    )
    assert caplog.text.count("is at its limit of bytes or age") == 1
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
    assert path.stat().st_size < 1.1 * MEGABYTE


def test_what_is_older_than_the_limit_of_age_goes(store: Store) -> None:
    store.write([points(1)])
    store.write([points(2, start=NOON + DAY / 2)])
    store.write([points(3, start=NOON + DAY * 1.1)])
    assert [point.value for point in everything(store)] == [2, 3]
    assert store.dropped == 1


class SmallDisk(Store):
    """A file that cannot grow to more than so many pages, as on a disk that is full."""

    pages = 100

    def _prepare(self, connection: sqlite3.Connection) -> None:
        super()._prepare(connection)
        connection.execute(f"pragma max_page_count = {self.pages}")


def test_a_full_disk_is_an_error_and_harms_nothing(path: Path) -> None:
    with closing(SmallDisk(path, MEGABYTE, DAY, right_clock())) as store:
        store.write([points(1, 2)])
        with pytest.raises(StoreError, match="database or disk is full"):
            store.write([points(3), noise(100_000)])
        assert [point.value for point in everything(store)] == [1, 2]
        store.write([points(4)])
        assert [point.value for point in everything(store)] == [1, 2, 4]
        assert (store.points, store.dropped) == (3, 0)


@pytest.mark.parametrize("spoil", ["all", "head", "page"])
def test_a_damaged_file_is_set_aside(path: Path, spoil: str, caplog: pytest.LogCaptureFixture) -> None:
    with closing(reopened(path)) as store:
        store.write([points(1, 2), noise(5000)])
    whole = bytearray(path.read_bytes())
    start, stop = {"all": (0, len(whole)), "head": (0, 100), "page": (4096, 8192)}[spoil]
    whole[start:stop] = b"x" * (stop - start)
    path.write_bytes(whole)
    with closing(reopened(path)) as store:
        with pytest.raises(StoreError, match="cannot be used"):
            everything(store)
        numbers = store.write([points(4)])
        assert [point.value for point in everything(store)] == [4]
        store.remove(numbers)
    assert path.with_name("buffer.damaged").read_bytes() == whole
    assert "it is set aside as" in caplog.text


def test_a_file_that_is_damaged_while_it_is_used_is_counted_as_lost(path: Path) -> None:
    with closing(reopened(path)) as store:
        store.write([points(*range(50))])
        store.close()
        path.write_bytes(b"x" * 10_000)
        with pytest.raises(StoreError):
            store.write([points(1)])
        number = store.write([points(2)])[0]
        assert number > 1
        assert (store.points, store.dropped) == (1, 50)


def test_one_row_that_is_damaged_is_lost_alone(store: Store, path: Path, caplog: pytest.LogCaptureFixture) -> None:
    numbers = store.write([points(1), points(2), points(3)])
    store.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("update chunks set data = x'0001' where number = ?", (numbers[1],))
    assert [point.value for point in everything(store)] == [1, 3]
    assert (store.points, store.dropped) == (2, 1)
    assert f"row {numbers[1]} is lost" in caplog.text


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="unable to open database file"):
        reopened(tmp_path / "nowhere" / "buffer").write([points(1)])


def test_the_file_can_be_read_beside_its_writer(store: Store, path: Path) -> None:
    store.write([points(1, 2, source=("oven", "heat")) + points(3, 4, 5)])
    store.write([points(6, start=NOON + timedelta(hours=1))])
    contents = read_contents(path)
    assert (contents.rows, contents.points) == (2, 6)
    tank = contents.instances["tank"]
    assert (tank.points, tank.oldest, tank.newest, tank.uncertain) == (4, NOON, NOON + timedelta(hours=1), False)
    assert contents.instances["oven"].points == 2


def unset(boot_id: str, up: float = 30.0, right: datetime = NOON, wrong: float = 0.0) -> TurnedKernel:
    return TurnedKernel(right, wrong, synchronised=False, up=up, boot_id=boot_id)


def measured(kernel: TurnedKernel, clock: Clock, path: Path, *values: float, quality: int = 192) -> list[datetime]:
    """Written by a process of its own; when that was really."""
    right = []
    with closing(reopened(path, clock)) as store:
        for value in values:
            kernel.sleep(1)
            right.append(kernel.right_time())
            store.write([[Point(LEVEL, value, clock.now(), quality)]])
    return right


def test_what_was_measured_before_the_clock_was_set_waits_for_it(path: Path) -> None:
    kernel = unset("a", wrong=-1e9)
    clock = Clock(kernel)
    right = measured(kernel, clock, path, 1, 2)
    with closing(reopened(path, clock)) as store:
        assert store.read(0) is None
        kernel.wrong, kernel.synchronised = 0.0, True
        right += measured(kernel, clock, path, 3)
        assert [(point.timestamp, point.quality) for point in everything(store)] == [(time, 192) for time in right]


def test_its_time_is_the_same_in_the_next_process_of_that_start(path: Path) -> None:
    """Which may think otherwise of the offset: what is sent twice must be the same point."""
    kernel = unset("a")
    clock = Clock(kernel)
    measured(kernel, clock, path, 1)
    clock.told(kernel.right_time(), clock.ask())
    with closing(reopened(path, clock)) as store:
        sent = everything(store)
    other = Clock(kernel)
    kernel.wrong = 50
    other.told(kernel.right_time(), other.ask())
    with closing(reopened(path, other)) as store:
        assert everything(store) == sent


def test_values_of_a_start_whose_clock_was_never_set_are_uncertain(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = unset("a", wrong=-5)
    right = measured(first, Clock(first), path, 1)
    measured(first, Clock(first), path, 2, quality=Quality.SENSOR_FAULT)
    second = TurnedKernel(NOON + timedelta(hours=1), boot_id="b")
    with closing(reopened(path, Clock(second))) as store:
        good, bad = everything(store)
    assert good.timestamp == right[0] - timedelta(seconds=5)
    assert (good.quality, bad.quality) == (Quality.CLOCK_NOT_SET, Quality.SENSOR_FAULT)
    assert "the clock was not set during an earlier start" in caplog.text


@pytest.mark.parametrize("wrong", [-1e9, -7200.0])
def test_they_come_after_what_was_measured_earlier_whatever_the_system_clock_said(path: Path, wrong: float) -> None:
    first = TurnedKernel(boot_id="a")
    right = measured(first, Clock(first), path, 1, 2)
    for boot in "bc":
        kernel = unset(boot, wrong=wrong)
        measured(kernel, Clock(kernel), path, 3, 4)
    last = TurnedKernel(NOON + timedelta(hours=1), boot_id="d")
    right += measured(last, Clock(last), path, 5)
    with closing(reopened(path, Clock(last))) as store:
        found = everything(store)
    times = [point.timestamp for point in found]
    assert [point.value for point in found] == [1, 2, 3, 4, 3, 4, 5]
    assert times == sorted(set(times))
    assert (times[:2], times[-1]) == (right[:2], right[-1])
    assert times[2] > EPOCH


@pytest.mark.parametrize("wrong", [86_400.0, -56 * 365 * 86_400.0])
def test_they_come_before_the_next_start_whatever_the_system_clock_said(path: Path, wrong: float) -> None:
    """In the future, or older than this program, the server would refuse them."""
    first = unset("a", wrong=wrong)
    measured(first, Clock(first), path, 1, 2)
    next_start = NOON + timedelta(hours=1)
    with closing(reopened(path, Clock(TurnedKernel(next_start, boot_id="b")))) as store:
        times = [point.timestamp for point in everything(store)]
    assert next_start - timedelta(seconds=2) < times[0] < times[1] < next_start


def test_they_wait_until_the_next_start_has_its_clock(path: Path) -> None:
    first, second = unset("a"), unset("b", right=NOON + timedelta(hours=1))
    measured(first, Clock(first), path, 1)
    clock = Clock(second)
    with closing(reopened(path, clock)) as store:
        assert store.read(0) is None
        clock.told(second.right_time(), clock.ask())
        assert len(everything(store)) == 1


class Deceiving(sqlite3.Connection):
    """Its next commit fails, and is there all the same: so it is when only its fsync has failed."""

    deceives = False

    def __exit__(self, kind: Any, error: Any, trace: Any) -> Any:
        super().__exit__(kind, error, trace)
        if Deceiving.deceives and kind is None:
            Deceiving.deceives = False
            raise sqlite3.OperationalError("disk I/O error")
        return False


def test_what_a_write_that_failed_has_left_is_not_there_twice(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its points are kept in memory, and written again."""
    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Deceiving))
    store.write([points(1)])
    Deceiving.deceives = True
    with pytest.raises(StoreError, match="disk I/O error"):
        store.write([points(2)])
    store.write([points(2)])
    assert [point.value for point in everything(store)] == [1, 2]
    assert store.points == 2
