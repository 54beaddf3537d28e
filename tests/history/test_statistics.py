"""rpc/statistics, beside the plain way."""

from datetime import timedelta
from math import fsum
from statistics import quantiles, stdev
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.db.ingest import Ingest, Point, at
from tests.db.plant import Plant
from tests.support.sql import Sql

Json = dict[str, Any]
VALUES = st.floats(-1e3, 1e3)


def ask(sql: Sql, event: int, begin: float, end: float, **limits: float) -> Json:
    """The answer."""
    names = "".join(f", {name} => %s" for name in limits)
    statement = f"select api.statistics(%s, %s, %s{names})"
    row = sql.superuser.execute(statement.encode(), (event, at(begin), at(end), *limits.values())).fetchone()
    assert row
    answer: Json = row[0]
    return answer


@pytest.fixture(scope="module")
def plant(sql: Sql) -> Plant:
    """Makes events."""
    return Plant(sql.superuser)


def test_a_plain_trace(sql: Sql, plant: Plant) -> None:
    event = plant.event()
    Ingest(sql.superuser)(Point(event, 1.0, at(0)), Point(event, 5.0, at(10), 64), Point(event, 3.0, at(30)))
    answer = ask(sql, event, 5, 40, below=2, above=4)
    assert answer == answer | {"count": 2, "bad": 0, "min": 3, "max": 5, "mean": 4, "seconds": 35}
    assert answer["time_weighted_mean"] == pytest.approx((1 * 5 + 5 * 20 + 3 * 10) / 35)
    assert (answer["seconds_below"], answer["seconds_above"]) == (5, 20)


def test_of_bad_values_nothing_is_concluded(sql: Sql, plant: Plant) -> None:
    """Neither what they are, nor that what was before them is so still."""
    event = plant.event()
    Ingest(sql.superuser)(
        Point(event, 1.0, at(0)),
        Point(event, 999.0, at(10), 16),
        Point(event, 3.0, at(30)),
        Point(event, 3.0, at(35), 63),
    )
    answer = ask(sql, event, 5, 40, below=2, above=4)
    assert answer == answer | {"count": 3, "bad": 2, "min": 3, "max": 3, "mean": 3, "seconds": 10}
    assert answer["time_weighted_mean"] == pytest.approx((1 * 5 + 3 * 5) / 10)
    assert (answer["seconds_below"], answer["seconds_above"]) == (5, 0)
    assert answer["percentiles"] == dict.fromkeys(["5", "25", "50", "75", "95"], 3)
    assert answer["standard_deviation"] is None
    assert ask(sql, event, 0, 40)["standard_deviation"] == pytest.approx(stdev([1, 3]))


def test_nothing_but_bad_values(sql: Sql, plant: Plant) -> None:
    event = plant.event()
    Ingest(sql.superuser)(Point(event, 1.0, at(0), 24), Point(event, 2.0, at(10), 24))
    answer = ask(sql, event, 5, 40, below=2)
    assert answer == answer | {"count": 1, "bad": 1, "min": None, "max": None, "mean": None, "seconds": None}
    assert (answer["time_weighted_mean"], answer["seconds_below"]) == (None, 0)


def test_values_that_are_nearly_nothing(sql: Sql, plant: Plant) -> None:
    """PostgreSQL refuses a quotient that is too small to be told from nothing."""
    event = plant.event()
    Ingest(sql.superuser)(Point(event, 5e-324, at(0)), Point(event, 0.0, at(0.5)), Point(event, -5e-324, at(10)))
    answer = ask(sql, event, 0, 40, below=1)
    assert answer == answer | {"min": -5e-324, "max": 5e-324, "mean": 0, "time_weighted_mean": 0, "seconds_below": 40}


def test_nothing_in_the_range(sql: Sql, plant: Plant) -> None:
    event = plant.event()
    answer = ask(sql, event, 0, 10)
    assert answer == answer | {"count": 0, "mean": None, "time_weighted_mean": None, "seconds_below": None}
    Ingest(sql.superuser)(Point(event, 7.0, at(-100)))
    answer = ask(sql, event, 0, 10, above=1)
    assert (answer["count"], answer["time_weighted_mean"], answer["seconds_above"]) == (0, 7, 10)


@settings(max_examples=40)
@given(points=st.dictionaries(st.integers(-50, 100), VALUES, min_size=2, max_size=40), limit=VALUES)
def test_any_trace(points: dict[int, float], limit: float, sql: Sql, plant: Plant) -> None:
    event = plant.event()
    Ingest(sql.superuser)(*[Point(event, value, at(second)) for second, value in points.items()])
    answer = ask(sql, event, 0, 80, below=limit)
    inside = sorted((second, value) for second, value in points.items() if 0 <= second < 80)
    before = max((second for second in points if second < 0), default=None)
    held = ([(0, points[before])] if before is not None and 0 not in points else []) + inside
    ends = [second for second, _ in held[1:]] + [80]
    spans = [(value, end - second) for (second, value), end in zip(held, ends, strict=False)]
    values = [value for _, value in inside]
    assert answer["count"] == len(values)
    assert answer["seconds"] == (sum(seconds for _, seconds in spans) or None)
    assert answer["seconds_below"] == sum(seconds for value, seconds in spans if value < limit)
    if spans:
        weighted = fsum(value * seconds for value, seconds in spans) / sum(seconds for _, seconds in spans)
        assert answer["time_weighted_mean"] == pytest.approx(weighted, rel=1e-9, abs=1e-9)
    if len(values) > 1:
        assert answer["standard_deviation"] == pytest.approx(stdev(values), rel=1e-6, abs=1e-6)
        cuts = quantiles(values, n=20, method="inclusive")
        expected = [cuts[n] for n in (0, 4, 9, 14, 18)]
        assert list(answer["percentiles"].values()) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(("event", "begin", "end", "code"), [(None, 1, 1, "PT400"), (999999, 0, 1, "PT404")])
def test_what_is_wrong_is_refused(
    event: int | None, begin: float, end: float, code: str, sql: Sql, plant: Plant
) -> None:
    with pytest.raises(psycopg.Error) as refusal:
        ask(sql, event or plant.event(), begin, end)
    assert refusal.value.sqlstate == code


def test_what_comes_is_not_counted(sql: Sql, plant: Plant) -> None:
    event = plant.event()
    sql.superuser.execute(
        "select private.ingest('{null}', array[%s::int], '{192}', array[now() - interval '10 s'], '{1}')", (event,)
    )
    row = sql.superuser.execute(
        "select (api.statistics(%s, now() - interval '1 minute', now() + interval '1 day') ->> 'seconds')::float8",
        (event,),
    ).fetchone()
    assert row
    assert timedelta(seconds=9) < timedelta(seconds=row[0]) < timedelta(minutes=1)
