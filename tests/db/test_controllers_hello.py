"""First contact of a controller, and every one after."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier
from typing import Any

import psycopg
import pytest

from tests.support.people import Caller, People
from tests.support.sql import Sql


def _channel(number: str = "t1", **more: Any) -> dict[str, Any]:
    return {"id": number, "name": "Temperature", "unit": "°C", "min": -40, "max": 120, "direction": "input"} | more


def _hello(*channels: dict[str, Any], instance: str = "oven", **more: Any) -> dict[str, Any]:
    instances = [{"name": instance, "plugin": "simulated", "demo": True, "channels": list(channels)}]
    return {"software": "test 1", "instances": instances} | more


def _send(sql: Sql, controller: Caller, hello: object) -> dict[str, Any]:
    sidecar = sql.as_login("webmacs_sidecar")
    row = sidecar.execute(
        "select private.controller_hello(%s, %s::jsonb)", (controller.id, json.dumps(hello))
    ).fetchone()
    sidecar.close()
    assert row is not None
    welcome: dict[str, Any] = row[0]
    del welcome["time"]
    return welcome


def _event(sql: Sql, welcome: dict[str, Any], place: int = 0) -> tuple[Any, ...]:
    row = sql.superuser.execute(
        "select name, event_type, unit, min_value, max_value, area from private.events where public_id = %s",
        (welcome["events"][place]["event_public_id"],),
    ).fetchone()
    assert row is not None
    return row


def test_first_contact(sql: Sql, people: People) -> None:
    controller = people.controller()
    valve = _channel("v1", name="Valve", unit="%", min=0, max=100, direction="output")
    welcome = _send(sql, controller, _hello(_channel(), valve))
    assert welcome["controller"] == controller.name
    assert [(e["instance"], e["channel"], e["enabled"]) for e in welcome["events"]] == [
        ("oven", "t1", True),
        ("oven", "v1", True),
    ]
    assert _event(sql, welcome, 0) == ("oven Temperature", "sensor", "°C", -40, 120, "oven")
    assert _event(sql, welcome, 1) == ("oven Valve", "actuator", "%", 0, 100, "oven")
    seen = sql.superuser.execute(
        "select software, last_seen_at is not null from private.controllers where id = %s", (controller.id,)
    ).fetchone()
    assert seen == ("test 1", True)


def test_again_changes_nothing(sql: Sql, people: People) -> None:
    controller = people.controller()
    first = _send(sql, controller, _hello(_channel()))
    assert _send(sql, controller, _hello(_channel(name="Another name", unit="K", min=0, max=500))) == first


def test_what_an_administrator_renamed_stays(sql: Sql, people: People) -> None:
    controller = people.controller()
    first = _send(sql, controller, _hello(_channel(), instance="kiln"))
    event = first["events"][0]["event_public_id"]
    sql.superuser.execute("update private.events set name = 'Kiln, left door' where public_id = %s", (event,))
    assert _send(sql, controller, _hello(_channel(), instance="kiln")) == first
    assert _event(sql, first)[0] == "Kiln, left door"


def test_a_channel_that_came_later(sql: Sql, people: People) -> None:
    controller = people.controller()
    first = _send(sql, controller, _hello(_channel("a")))
    second = _send(sql, controller, _hello(_channel("a"), _channel("b")))
    assert [e["channel"] for e in second["events"]] == ["a", "b"]
    assert second["events"][0] == first["events"][0]


def test_a_name_that_others_have(sql: Sql, people: People) -> None:
    hello = _hello(_channel(), instance="twin")
    names = [_event(sql, _send(sql, people.controller(), hello))[0] for _ in range(3)]
    assert names == ["twin Temperature", "twin Temperature (2)", "twin Temperature (3)"]


def test_a_channel_without_a_direction_is_measured(sql: Sql, people: People) -> None:
    channel = _channel(name="Pressure")
    del channel["direction"]
    assert _event(sql, _send(sql, people.controller(), _hello(channel)))[1] == "sensor"


def test_long_names_are_shortened(sql: Sql, people: People) -> None:
    channels = [_channel(number, name="m" * 255) for number in ("a", "b")]
    welcome = _send(sql, people.controller(), _hello(*channels, instance="n" * 255))
    assert [_event(sql, welcome, place)[0] for place in (0, 1)] == ["n" * 240, "n" * 240 + " (2)"]


def test_two_channels_of_one_name(sql: Sql, people: People) -> None:
    welcome = _send(sql, people.controller(), _hello(_channel("a"), _channel("b"), instance="pair"))
    assert [_event(sql, welcome, place)[0] for place in (0, 1)] == ["pair Temperature", "pair Temperature (2)"]


def test_a_controller_does_not_get_anothers_events(sql: Sql, people: People) -> None:
    first = _send(sql, people.controller(), _hello(_channel()))
    second = _send(sql, people.controller(), _hello(_channel()))
    assert first["events"][0]["event_public_id"] != second["events"][0]["event_public_id"]


def test_disabled_and_archived_are_told(sql: Sql, people: People) -> None:
    controller = people.controller()
    hello = _hello(_channel("a"), _channel("b"))
    first = _send(sql, controller, hello)
    event = first["events"][0]["event_public_id"]
    sql.superuser.execute("update private.events set archived_at = now() where public_id = %s", (event,))
    assert [e["enabled"] for e in _send(sql, controller, hello)["events"]] == [False, True]
    sql.superuser.execute(
        "update private.plugin_instances set enabled = false where controller_id = %s", (controller.id,)
    )
    assert [e["enabled"] for e in _send(sql, controller, hello)["events"]] == [False, False]


def test_an_unlinked_channel_stays_unlinked(sql: Sql, people: People) -> None:
    controller = people.controller()
    _send(sql, controller, _hello(_channel()))
    sql.superuser.execute(
        "update private.channel_mappings m set event_id = null from private.plugin_instances i"
        " where i.id = m.plugin_instance_id and i.controller_id = %s",
        (controller.id,),
    )
    assert _send(sql, controller, _hello(_channel()))["events"] == []


@pytest.mark.parametrize("hello", [{}, {"instances": []}, {"software": None}, _hello()])
def test_little_to_say(hello: object, sql: Sql, people: People) -> None:
    assert _send(sql, people.controller(), hello)["events"] == []


@pytest.mark.parametrize(
    "hello",
    [
        _hello(_channel(unit=None)),
        _hello(_channel(unit="")),
        _hello(_channel(min=5, max=5)),
        _hello(_channel(min="NaN")),
        _hello(_channel(min="a lot")),
        _hello(_channel(direction="sideways")),
        _hello(_channel(id=None)),
        _hello(_channel(name="x" * 300)),
        _hello(instance=""),
        {"instances": None},
        {"instances": "all of them"},
        {"instances": {"name": "x"}},
        {"instances": [1, None, []]},
        {"instances": [{"name": "x", "plugin": "y", "channels": "all of them"}]},
        {"instances": [{"plugin": "y"}]},
        _hello(_channel(name="\u0000")),
        [],
        "hello",
        17,
    ],
)
def test_nonsense_is_refused_and_leaves_nothing(hello: object, sql: Sql, people: People) -> None:
    """Either an error of the caller, or nothing was understood; never half of it."""
    controller = people.controller()
    with suppress(psycopg.DataError, psycopg.IntegrityError):
        _send(sql, controller, hello)
    made = sql.superuser.execute("select from private.plugin_instances where controller_id = %s", (controller.id,))
    assert made.fetchall() == []


@pytest.mark.parametrize(
    "name", ["'; drop table private.events; --", "%s %1$s {}", "😀" * 50, "<script>alert(1)</script>"]
)
def test_odd_names_are_just_names(name: str, sql: Sql, people: People) -> None:
    welcome = _send(sql, people.controller(), _hello(_channel(name=name), instance="odd"))
    assert _event(sql, welcome)[0] == f"odd {name}"


def test_many_at_once(sql: Sql, people: People) -> None:
    """Controllers that name their channels alike and come at the same moment, each over two sockets."""
    controllers = [people.controller() for _ in range(3)]
    barrier = Barrier(2 * len(controllers))

    def greet(controller: Caller) -> tuple[int, str]:
        barrier.wait()
        welcome = _send(sql, controller, _hello(_channel(), instance="crowd"))
        return controller.id, welcome["events"][0]["event_public_id"]

    with ThreadPoolExecutor(2 * len(controllers)) as pool:
        answers = set(pool.map(greet, 2 * controllers))
    assert len(answers) == len({event for _, event in answers}) == len(controllers)
