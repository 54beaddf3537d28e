"""Instants as whole microseconds since 1970, and back to text."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from time import time_ns

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def now_us() -> int:
    """The clock."""
    return time_ns() // 1000


def to_us(moment: datetime) -> int:
    """The instant of `moment`; without an offset it is UTC."""
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - EPOCH) // MICROSECOND


def to_text(microseconds: int) -> str:
    """ISO 8601 in UTC with six decimals: 2026-11-21T02:28:20.000000Z."""
    seconds, fraction = divmod(microseconds, 1_000_000)
    return f"{_seconds_text(seconds)}.{fraction:06d}Z"


@lru_cache(maxsize=1024)
def _seconds_text(seconds: int) -> str:
    # points of one second share the costly part
    return (EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
