"""The lines of an export, a page after the other, each as PostgreSQL wrote it."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any, Self

from webmacs.export.channels import Channel
from webmacs.export.lines import Lines
from webmacs.export.session import Session

LONG, WIDE, FIRST = (files("webmacs.export").joinpath(f"{name}.sql").read_text() for name in ("long", "wide", "first"))

FIRST_PAGE_ROWS = 2_000  # few, so that the first byte comes at once; then each page has four times more
PAGE_BYTES = 4 * 1024 * 1024  # about; what an export takes of memory
TIME_AND_VALUE = 60  # bytes of a line at most, besides its texts
PAGE_CELLS = 10_000  # of a wide page: each is looked up
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Span:
    """From begin (inclusive) to end (exclusive), in UTC: in a zone sums go wrong where clocks change."""

    begin: datetime
    end: datetime

    @classmethod
    def of(cls, begin: datetime, end: datetime) -> Self:
        """Of times in any zone."""
        return cls(begin.astimezone(UTC), end.astimezone(UTC))


async def long(session: Session, channels: Sequence[Channel], span: Span, lines: Lines) -> AsyncIterator[bytes]:
    """All values, event by event, each in the order of time. The page of an event without any is empty."""
    rows = FIRST_PAGE_ROWS
    for channel in channels:
        line = asdict(lines.line(channel))
        most = PAGE_BYTES // (sum(map(len, line.values())) + TIME_AND_VALUE)
        begin = span.begin
        while True:
            rows = min(rows, most)
            values = {**line, "point": lines.point, "event_id": channel.id, "rows": rows}
            page, count, last = await session.row(LONG, {**values, "from": begin, "to": span.end})
            yield page or b""
            if count < rows:
                break
            begin = last.astimezone(UTC) + MICROSECOND
            rows *= 4


async def wide(
    session: Session, channels: Sequence[Channel], span: Span, grid: timedelta, lines: Lines
) -> AsyncIterator[bytes]:
    """A line for each step of the grid; those without a value are left out."""
    ids = [channel.id for channel in channels]
    line = asdict(lines.wide_line(channels))
    most = max(1, PAGE_CELLS // max(1, len(ids)))
    values: dict[str, Any] = {**line, "point": lines.point, "event_ids": ids, "grid": grid.total_seconds()}
    begin: datetime | None = span.begin
    while begin is not None and begin < span.end:
        steps = min(most, _steps(span.end - begin, grid))
        page, count = await session.row(WIDE, {**values, "from": begin, "last": begin + (steps - 1) * grid})
        yield page or b""
        begin += steps * grid
        if count == 0:
            begin = await _next_step(session, ids, Span(begin, span.end), grid)


async def _next_step(session: Session, ids: list[int], span: Span, grid: timedelta) -> datetime | None:
    """The first step of the grid that may have a value: a gap of years is crossed at once."""
    values = {"event_ids": ids, "after": span.begin - grid, "to": span.end}
    (earliest,) = await session.row(FIRST, values)
    if earliest is None:  # nothing follows
        return None
    return span.begin + max(0, _steps(earliest - span.begin, grid)) * grid


def _steps(length: timedelta, grid: timedelta) -> int:
    return -(-length // grid)  # rounded up
