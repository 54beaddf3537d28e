"""Points as bytes: a column for each field, laid out so that zlib finds what repeats; 2 to 7 bytes a point."""

import zlib
from array import array
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, chain, pairwise

from webmacs_controller.clock.clock import EPOCH, MICROSECOND
from webmacs_controller.measuring.point import Point, Source

PLAIN, IN_PLANES = b"\x00", b"\x01"
POINT_BYTES = 21
"""Before compression: number of the source, time, quality, value."""


def encode(points: Sequence[Point], numbers: Mapping[Source, int]) -> bytes:
    """In their order; `numbers` has one for each source."""
    sources = [numbers[point.source] for point in points]
    instants = {time: (time - EPOCH) // MICROSECOND for time in {point.timestamp for point in points}}
    head = b"".join(
        [
            array("i", _differences(sources)).tobytes(),
            array("q", _differences(instants[point.timestamp] for point in points)).tobytes(),
            bytes(point.quality for point in points),
        ]
    )
    values = array("d", (points[place].value for place in _by_source(sources))).tobytes()
    return min(PLAIN + zlib.compress(head + values), IN_PLANES + zlib.compress(head + _planes(values)), key=len)


def decode(data: bytes, sources: Mapping[int, Source]) -> list[Point]:
    """What was encoded. Raises ValueError if that cannot be told any more."""
    try:
        return _decode(data[:1], zlib.decompress(data[1:]), sources)
    except (zlib.error, KeyError, OverflowError) as error:
        raise ValueError(f"unreadable: {error!r}") from None


def _decode(layout: bytes, columns: bytes, sources: Mapping[int, Source]) -> list[Point]:
    count = len(columns) // POINT_BYTES
    numbers, times, qualities, by_source = _cut(columns, 4 * count, 8 * count, count, 8 * count)
    source = list(accumulate(array("i", numbers)))
    instant = list(accumulate(array("q", times)))
    value = array("d", bytes(8 * count))
    for place, number in zip(_by_source(source), array("d", _from(layout, by_source)), strict=True):
        value[place] = number
    timestamps = {time: EPOCH + time * MICROSECOND for time in set(instant)}
    rows = zip(map(sources.__getitem__, source), value, map(timestamps.__getitem__, instant), qualities, strict=True)
    return list(map(Point._make, rows))


def _differences(numbers: Iterable[int]) -> list[int]:
    """The first, and what each has more than the one before it: an instance's channels come in the same order again."""
    return [after - before for before, after in pairwise(chain([0], numbers))]


def _by_source(sources: Sequence[int]) -> list[int]:
    """Places in the order of their sources: the values of one channel are alike."""
    return sorted(range(len(sources)), key=sources.__getitem__)


def _planes(doubles: bytes) -> bytes:
    """All first bytes, all second bytes …: of values that tremble, only the last bytes do."""
    return b"".join(doubles[place::8] for place in range(8))


def _from(layout: bytes, values: bytes) -> bytes:
    if layout == PLAIN:
        return values
    doubles = bytearray(len(values))
    for place, plane in enumerate(_cut(values, *[len(values) // 8] * 8)):
        doubles[place::8] = plane
    return bytes(doubles)


def _cut(data: bytes, *sizes: int) -> list[bytes]:
    return [data[start:stop] for start, stop in pairwise(accumulate(sizes, initial=0))]
