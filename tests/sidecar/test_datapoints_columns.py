"""Columns arrive in PostgreSQL as they were, element by element."""

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from tests.support.database import Database
from webmacs.datapoints.pgarrays import float8_array, int2_array, int4_array, register_columns, timestamptz_array
from webmacs.datapoints.times import to_text, to_us

MOMENTS = [
    "2026-11-21T02:28:20.123456+00:00",
    "1969-12-31T23:59:59.999999+00:00",
    "1999-12-31T23:59:59.000001+00:00",
    "0001-01-01T00:00:00+00:00",
    "9999-12-31T23:59:59.999999+00:00",
]


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (int2_array([192, 0, -32768, 32767]), [192, 0, -32768, 32767]),
        (int4_array([1, -1, 2**31 - 1, -(2**31)]), [1, -1, 2**31 - 1, -(2**31)]),
        (int4_array([1, None, 3]), [1, None, 3]),
        (float8_array([1.5, -0.1, 5e-324, float("inf")]), [1.5, -0.1, 5e-324, float("inf")]),
        (timestamptz_array([to_us(datetime.fromisoformat(moment)) for moment in MOMENTS]), MOMENTS),
        (float8_array([]), []),
        (int4_array(list(range(5000))), list(range(5000))),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_column(database: Database, column: object, expected: list[Any]) -> None:
    with psycopg.connect(database.uri("webmacs_sidecar")) as connection:
        register_columns(connection)
        connection.execute("set timezone to 'UTC'")
        row = connection.execute("select %s", [column]).fetchone()
    assert row is not None
    found = [item.isoformat() if isinstance(item, datetime) else item for item in row[0]]
    assert found == expected


@pytest.mark.parametrize("moment", MOMENTS)
def test_times_as_text_and_back(moment: str) -> None:
    text = to_text(to_us(datetime.fromisoformat(moment)))
    assert datetime.fromisoformat(text) == datetime.fromisoformat(moment).astimezone(UTC)
