"""What the pipeline stores and what it refuses, with which reason."""

from dataclasses import replace

import pytest

from tests.db.ingest import Ingest, Point, at
from tests.db.plant import Plant
from tests.support.people import People
from tests.support.sql import Sql


def _stored(sql: Sql, event: int) -> list[tuple[object, ...]]:
    return sql.superuser.execute(
        "select ts, value, quality from private.datapoints where event_id = %s order by ts", (event,)
    ).fetchall()


def _latest(sql: Sql, event: int) -> tuple[object, ...] | None:
    return sql.superuser.execute(
        "select ts, value, quality from private.latest where event_id = %s", (event,)
    ).fetchone()


def test_stores_a_point(ingest: Ingest, plant: Plant, sql: Sql) -> None:
    event = plant.event()
    assert ingest(Point(event, 2.5, at(0), 64)) == {}
    assert _stored(sql, event) == [(at(0), 2.5, 64)]
    assert _latest(sql, event) == (at(0), 2.5, 64)


def test_nothing_to_store(ingest: Ingest) -> None:
    assert ingest() == {}


def test_each_reason_in_its_place(ingest: Ingest, plant: Plant, people: People, sql: Sql) -> None:
    mine, other = plant.event_of(people.the("controller")), plant.event_of(people.controller())
    archived, unlinked = plant.event_of(people.the("controller")), plant.event()
    plant.archive(archived)
    source = people.the("controller").credential_id
    assert ingest(
        Point(None, source=source),
        Point(999_999, source=source),
        Point(other, source=source),
        Point(unlinked, source=source),
        Point(archived, source=source),
        Point(mine, None, source=source),
        Point(mine, ts=None, source=source),
        Point(mine, quality=None, source=source),
        Point(mine, float("nan"), source=source),
        Point(mine, float("inf"), source=source),
        Point(mine, float("-inf"), source=source),
        Point(mine, ts="1970-01-01", source=source),
        Point(mine, ts="9999-12-31", source=source),
        Point(mine, source=source),
    ) == {
        1: "unknown_event",
        2: "unknown_event",
        3: "not_yours",
        4: "not_yours",
        5: "disabled",
        6: "malformed",
        7: "malformed",
        8: "malformed",
        9: "not_finite",
        10: "not_finite",
        11: "not_finite",
        12: "out_of_horizon",
        13: "future",
    }
    assert len(_stored(sql, mine)) == 1


def test_of_several_reasons_the_first_is_named(ingest: Ingest, plant: Plant, people: People) -> None:
    source = people.the("controller").credential_id
    archived, foreign, mine = plant.event(), plant.event(), plant.event_of(people.the("controller"))
    plant.archive(archived)
    wrong = Point(mine, float("nan"), "1970-01-01", source=source)
    assert ingest(
        replace(wrong, event=None),
        replace(wrong, event=archived),
        replace(wrong, event=foreign),
        replace(wrong, quality=None),
        wrong,
        replace(wrong, value=1.0),
    ) == {1: "unknown_event", 2: "disabled", 3: "not_yours", 4: "malformed", 5: "not_finite", 6: "out_of_horizon"}


@pytest.mark.parametrize("quality", [-1, 256, 32767])
def test_no_quality_of_opc(quality: int, ingest: Ingest, plant: Plant) -> None:
    assert ingest(Point(plant.event(), quality=quality)) == {1: "malformed"}


@pytest.mark.parametrize("ts", ["infinity", "9999-12-31"])
def test_far_future(ts: str, ingest: Ingest, plant: Plant) -> None:
    assert ingest(Point(plant.event(), ts=ts)) == {1: "future"}


@pytest.mark.parametrize("ts", ["-infinity", "4713-01-01 BC", "1969-12-31"])
def test_far_past(ts: str, ingest: Ingest, plant: Plant) -> None:
    assert ingest(Point(plant.event(), ts=ts)) == {1: "out_of_horizon"}


# The same event at the same instant is the same point.


def test_sent_again(ingest: Ingest, plant: Plant, sql: Sql) -> None:
    event = plant.event()
    points = [Point(event, n, at(n)) for n in range(3)]
    assert ingest(*points) == {}
    assert ingest(*points) == {1: "duplicate", 2: "duplicate", 3: "duplicate"}
    assert len(_stored(sql, event)) == 3


def test_another_value_at_the_same_instant(ingest: Ingest, plant: Plant, sql: Sql) -> None:
    event = plant.event()
    ingest(Point(event, 1.0))
    assert ingest(Point(event, 2.0), Point(event, 1.0, quality=0), Point(event, 1.0)) == {
        1: "conflict",
        2: "conflict",
        3: "duplicate",
    }
    assert _stored(sql, event) == [(at(0), 1.0, 192)]


def test_repeated_within_a_batch_the_first_counts(ingest: Ingest, plant: Plant, sql: Sql) -> None:
    event = plant.event()
    assert ingest(Point(event, 1.0), Point(event, 2.0), Point(event, 1.0)) == {2: "conflict", 3: "duplicate"}
    assert _stored(sql, event) == [(at(0), 1.0, 192)]


def test_a_refused_twin_does_not_disturb(ingest: Ingest, plant: Plant) -> None:
    event = plant.event()
    assert ingest(Point(event, float("nan")), Point(event, 1.0)) == {1: "not_finite"}


def test_times_are_kept_to_the_microsecond(ingest: Ingest, plant: Plant, sql: Sql) -> None:
    event = plant.event()
    assert ingest(*[Point(event, n, at(n / 1_000_000)) for n in range(3)]) == {}
    assert [ts for ts, _, _ in _stored(sql, event)] == [at(n / 1_000_000) for n in range(3)]


@pytest.mark.parametrize("value", [0.1, -0.0, 5e-324, 1.7976931348623157e308, -1.7976931348623157e308, 2**53 + 1.0])
def test_values_are_kept_to_the_bit(value: float, ingest: Ingest, plant: Plant, sql: Sql) -> None:
    event = plant.event()
    ingest(Point(event, value))
    assert repr(_stored(sql, event)[0][1]) == repr(value)


def test_a_late_point_is_stored_and_is_not_the_newest(ingest: Ingest, plant: Plant, sql: Sql) -> None:
    event = plant.event()
    ingest(Point(event, 1.0, at(10)))
    ingest(Point(event, 2.0, at(5)))
    assert len(_stored(sql, event)) == 2
    assert _latest(sql, event) == (at(10), 1.0, 192)


# Who may write what.


def test_a_trusted_caller_writes_everything(ingest: Ingest, plant: Plant, people: People) -> None:
    assert ingest(Point(plant.event()), Point(plant.event_of(people.the("controller")))) == {}


@pytest.mark.parametrize(("role", "refused"), [("viewer", {1: "not_yours"}), ("operator", {}), ("admin", {})])
def test_people(role: str, refused: dict[int, str], ingest: Ingest, plant: Plant, people: People) -> None:
    assert ingest(Point(plant.event(), source=people.the(role).credential_id)) == refused


def test_one_batch_of_many_sources(ingest: Ingest, plant: Plant, people: People) -> None:
    first, second = people.controller(), people.controller()
    events = plant.event_of(first), plant.event_of(second)
    batch = [Point(event, source=source.credential_id) for source in (first, second) for event in events]
    assert ingest(*batch) == {2: "not_yours", 3: "not_yours"}


def test_a_revoked_source(ingest: Ingest, plant: Plant, people: People, sql: Sql) -> None:
    controller = people.controller()
    event = plant.event_of(controller)
    sql.superuser.execute("select private.revoke(%s)", (controller.jti,))
    assert ingest(Point(event, source=controller.credential_id)) == {1: "not_yours"}


def test_an_unknown_source(ingest: Ingest, plant: Plant) -> None:
    assert ingest(Point(plant.event(), source=999_999)) == {1: "not_yours"}


def test_a_disabled_instance_takes_values_of_nobody(ingest: Ingest, plant: Plant, people: People) -> None:
    event = plant.event_of(people.the("controller"))
    plant.disable_instance_of(event)
    assert ingest(Point(event), Point(event, source=people.the("operator").credential_id)) == {
        1: "disabled",
        2: "disabled",
    }


@pytest.mark.parametrize("role", ["viewer", "operator", "admin", "controller"])
def test_nobody_calls_the_pipeline_directly(role: str, sql: Sql) -> None:
    with pytest.raises(Exception, match="permission denied"):
        sql.as_role(role).execute("select private.ingest('{}', '{}', '{}', '{}', '{}')")
