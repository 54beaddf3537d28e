"""First contact of a controller, and every one after."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier
from typing import Any

import psycopg
import pytest

from tests.support.hello import BUS, channel, hello, plugin, say
from tests.support.people import Caller, People
from tests.support.sql import Sql


def _event(sql: Sql, welcome: dict[str, Any], place: int = 0) -> tuple[Any, ...]:
    row = sql.superuser.execute(
        "select name, event_type, unit, min_value, max_value, area from private.events where public_id = %s",
        (welcome["events"][place]["event_public_id"],),
    ).fetchone()
    assert row is not None
    return row


def test_first_contact(sql: Sql, people: People) -> None:
    controller = people.controller()
    valve = channel("v1", name="Valve", unit="%", min=0, max=100, direction="output")
    welcome = say(sql, controller, hello(channel(), valve))
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
    first = say(sql, controller, hello(channel()))
    assert say(sql, controller, hello(channel(name="Another name", unit="K", min=0, max=500))) == first


def test_what_an_administrator_renamed_stays(sql: Sql, people: People) -> None:
    controller = people.controller()
    first = say(sql, controller, hello(channel(), instance="kiln"))
    event = first["events"][0]["event_public_id"]
    sql.superuser.execute("update private.events set name = 'Kiln, left door' where public_id = %s", (event,))
    assert say(sql, controller, hello(channel(), instance="kiln")) == first
    assert _event(sql, first)[0] == "Kiln, left door"


def test_a_channel_that_came_later(sql: Sql, people: People) -> None:
    controller = people.controller()
    first = say(sql, controller, hello(channel("a")))
    second = say(sql, controller, hello(channel("a"), channel("b")))
    assert [e["channel"] for e in second["events"]] == ["a", "b"]
    assert second["events"][0] == first["events"][0]


def test_a_name_that_others_have(sql: Sql, people: People) -> None:
    again = hello(channel(), instance="twin")
    names = [_event(sql, say(sql, people.controller(), again))[0] for _ in range(3)]
    assert names == ["twin Temperature", "twin Temperature (2)", "twin Temperature (3)"]


def test_a_sequence_goes_on_without_us_until_somebody_says_otherwise(sql: Sql, people: People) -> None:
    button = channel("button", direction="output", event_type="cmd_button", safe_value=0)
    seconds = channel("seconds", direction="output", event_type="cmd_opened")
    message = hello(button, seconds, instance="sequence")
    welcome = say(sql, people.controller(), message)
    assert [_event(sql, welcome, place)[1] for place in (0, 1)] == ["cmd_button", "cmd_opened"]
    channels = welcome["instances"][0]["channels"]
    assert [one["safe_after_seconds"] for one in channels] == [None, 60]


def test_a_channel_without_a_direction_is_measured(sql: Sql, people: People) -> None:
    pressure = channel(name="Pressure")
    del pressure["direction"]
    assert _event(sql, say(sql, people.controller(), hello(pressure)))[1] == "sensor"


def test_long_names_are_shortened(sql: Sql, people: People) -> None:
    channels = [channel(number, name="m" * 255) for number in ("a", "b")]
    welcome = say(sql, people.controller(), hello(*channels, instance="n" * 255))
    assert [_event(sql, welcome, place)[0] for place in (0, 1)] == ["n" * 240, "n" * 240 + " (2)"]


def test_two_channels_of_one_name(sql: Sql, people: People) -> None:
    welcome = say(sql, people.controller(), hello(channel("a"), channel("b"), instance="pair"))
    assert [_event(sql, welcome, place)[0] for place in (0, 1)] == ["pair Temperature", "pair Temperature (2)"]


def test_a_controller_does_not_get_anothers_events(sql: Sql, people: People) -> None:
    first = say(sql, people.controller(), hello(channel()))
    second = say(sql, people.controller(), hello(channel()))
    assert first["events"][0]["event_public_id"] != second["events"][0]["event_public_id"]


def test_disabled_and_archived_are_told(sql: Sql, people: People) -> None:
    controller = people.controller()
    message = hello(channel("a"), channel("b"))
    first = say(sql, controller, message)
    event = first["events"][0]["event_public_id"]
    sql.superuser.execute("update private.events set archived_at = now() where public_id = %s", (event,))
    assert [e["enabled"] for e in say(sql, controller, message)["events"]] == [False, True]
    sql.superuser.execute(
        "update private.plugin_instances set enabled = false where controller_id = %s", (controller.id,)
    )
    assert [e["enabled"] for e in say(sql, controller, message)["events"]] == [False, False]


def test_an_unlinked_channel_stays_unlinked(sql: Sql, people: People) -> None:
    controller = people.controller()
    say(sql, controller, hello(channel()))
    sql.superuser.execute(
        "update private.channel_mappings m set event_id = null from private.plugin_instances i"
        " where i.id = m.plugin_instance_id and i.controller_id = %s",
        (controller.id,),
    )
    assert say(sql, controller, hello(channel()))["events"] == []


@pytest.mark.parametrize(
    "message", [{}, {"instances": []}, {"instances": None, "plugins": None}, {"software": None}, hello()]
)
def test_little_to_say(message: object, sql: Sql, people: People) -> None:
    assert say(sql, people.controller(), message)["events"] == []


@pytest.mark.parametrize(
    "message",
    [
        hello(channel(unit=None)),
        hello(channel(unit="")),
        hello(channel(min=5, max=5)),
        hello(channel(min="NaN")),
        hello(channel(min="a lot")),
        hello(channel(direction="sideways")),
        hello(channel(id=None)),
        hello(channel(name="x" * 300)),
        hello(instance=""),
        {"instances": "all of them"},
        {"instances": {"name": "x"}},
        {"instances": [1, None, []]},
        {"instances": [{"name": "x", "plugin": "y", "channels": "all of them"}]},
        {"instances": [{"plugin": "y"}]},
        hello(channel(name="\u0000")),
        [],
        "hello",
        17,
    ],
)
def test_nonsense_is_refused_and_leaves_nothing(message: object, sql: Sql, people: People) -> None:
    """Either an error of the caller, or nothing was understood; never half of it."""
    controller = people.controller()
    with suppress(psycopg.DatabaseError):
        say(sql, controller, message)
    made = sql.superuser.execute("select from private.plugin_instances where controller_id = %s", (controller.id,))
    assert made.fetchall() == []


@pytest.mark.parametrize(
    "name", ["'; drop table private.events; --", "%s %1$s {}", "😀" * 50, "<script>alert(1)</script>"]
)
def test_odd_names_are_just_names(name: str, sql: Sql, people: People) -> None:
    welcome = say(sql, people.controller(), hello(channel(name=name), instance="odd"))
    assert _event(sql, welcome)[0] == f"odd {name}"


def test_many_at_once(sql: Sql, people: People) -> None:
    """Controllers that name their channels alike and come at the same moment, each over two sockets."""
    controllers = [people.controller() for _ in range(3)]
    barrier = Barrier(2 * len(controllers))

    def greet(controller: Caller) -> tuple[int, str]:
        barrier.wait()
        welcome = say(sql, controller, hello(channel(), instance="crowd"))
        return controller.id, welcome["events"][0]["event_public_id"]

    with ThreadPoolExecutor(2 * len(controllers)) as pool:
        answers = set(pool.map(greet, 2 * controllers))
    assert len(answers) == len({event for _, event in answers}) == len(controllers)


# who decides ------------------------------------------------------------------

PROPOSAL = {
    "name": "Boiler",
    "plugin": "bus",
    "demo": False,
    "interval_seconds": 0.25,
    "config": {"host": "boiler.local", "password": "correct horse", "logins": [{"key": "k"}]},
    "channels": [channel("t"), channel("v", direction="output", safe_value=-40)],
}
WANTED_CHANNEL: dict[str, Any] = {
    "calibration": None,
    "report": "every",
    "deadband": 0,
    "heartbeat_seconds": 60,
    "safe_after_seconds": 60,
    "interlocks": [],
}
RANGE = {"min": -40, "max": 120}
"""Of the event, which is that of the channel until an administrator says otherwise."""


def _propose(sql: Sql, controller: Caller, **more: Any) -> dict[str, Any]:
    return say(sql, controller, {"plugins": [plugin()], "instances": [PROPOSAL], **more})


@pytest.mark.parametrize("version", [{}, {"config_version": 0}, {"config_version": None}])
def test_without_a_configuration_of_ours_it_proposes(version: dict[str, Any], sql: Sql, people: People) -> None:
    (instance,) = _propose(sql, people.controller(), **version)["instances"]
    assert instance == {
        "name": "Boiler",
        "public_id": instance["public_id"],
        "plugin": "bus",
        "demo": False,
        "enabled": True,
        "interval_seconds": 0.25,
        "config": PROPOSAL["config"],
        "channels": [
            {"channel": "t", **WANTED_CHANNEL, **RANGE},
            {"channel": "v", **WANTED_CHANNEL, **RANGE},
        ],
    }


def test_an_instance_that_is_renamed_is_known_by_its_public_id(sql: Sql, people: People) -> None:
    controller = people.controller()
    before = _propose(sql, controller)
    sql.superuser.execute(
        "update private.plugin_instances set name = 'Kettle' where controller_id = %s", (controller.id,)
    )
    after = say(sql, controller, {"config_version": before["config_version"]})
    known = [[(one["name"], one["public_id"]) for one in welcome["instances"]] for welcome in (before, after)]
    public_id = known[0][0][1]
    assert known == [[("Boiler", public_id)], [("Kettle", public_id)]]
    assert [event["instance"] for event in after["events"]] == ["Kettle", "Kettle"]


def test_what_is_secret_in_a_proposal_is_kept_apart(sql: Sql, people: People) -> None:
    controller = people.controller()
    _propose(sql, controller)
    row = sql.as_role("viewer").execute(
        "select config, secrets, secret_names from api.plugin_instances where controller_id = %s", (controller.id,)
    )
    assert row.fetchone() == ({"host": "boiler.local"}, None, ["logins", "password"])
    assert "correct horse" not in str(sql.superuser.execute("select old, new from private.audit_log").fetchall())


def test_an_instance_that_is_there_is_as_an_administrator_wants_it(sql: Sql, people: People) -> None:
    controller = people.controller()
    first = _propose(sql, controller)
    other = PROPOSAL | {"plugin": "other", "interval_seconds": 5, "config": {"host": "elsewhere"}, "demo": True}
    assert say(sql, controller, {"instances": [other]}) == first


def test_one_of_another_name_joins(sql: Sql, people: People) -> None:
    controller = people.controller()
    _propose(sql, controller)
    welcome = say(sql, controller, {"instances": [PROPOSAL | {"name": "Another"}]})
    assert [instance["name"] for instance in welcome["instances"]] == ["Another", "Boiler"]


def test_with_a_configuration_of_ours_the_database_alone_decides(sql: Sql, people: People) -> None:
    controller = people.controller()
    version = _propose(sql, controller)["config_version"]
    sql.superuser.execute("delete from private.plugin_instances where controller_id = %s", (controller.id,))
    welcome = _propose(sql, controller, config_version=version)
    assert (welcome["instances"], welcome["events"]) == ([], [])


def test_channels_of_known_instances_are_always_adopted(sql: Sql, people: People) -> None:
    controller = people.controller()
    version = _propose(sql, controller)["config_version"]
    grown = PROPOSAL | {"channels": [channel("t"), channel("u", name="Upper")]}
    welcome = say(sql, controller, {"config_version": version, "instances": [grown]})
    assert [event["channel"] for event in welcome["events"]] == ["t", "u", "v"]
    assert welcome["config_version"] == version + 1


def test_what_it_says_of_known_channels_is_noted(sql: Sql, people: People) -> None:
    controller = people.controller()
    version = _propose(sql, controller)["config_version"]
    changed = channel("v", name="Flap", unit="%", min=0, max=50, direction="output", safe_value=10)
    welcome = say(sql, controller, {"config_version": version, "instances": [PROPOSAL | {"channels": [changed]}]})
    row = sql.superuser.execute(
        "select channel_name, m.unit, direction::text, m.min_value, m.max_value, safe_value, e.unit, e.max_value"
        " from private.channel_mappings m join private.events e on e.id = m.event_id"
        " where e.public_id = %s",
        (welcome["events"][1]["event_public_id"],),
    ).fetchone()
    assert row == ("Flap", "%", "output", 0, 50, 10, "°C", 120)  # the event is the administrator's
    assert welcome["config_version"] == version


# what is installed --------------------------------------------------------------


def _installed(sql: Sql, controller: Caller) -> list[tuple[Any, ...]]:
    return (
        sql.as_role("viewer")
        .execute(
            "select plugin, name, version, description, schema from api.controller_plugins"
            " where controller_id = %s order by plugin",
            (controller.id,),
        )
        .fetchall()
    )


def test_what_is_installed_is_what_it_said_last(sql: Sql, people: People) -> None:
    controller = people.controller()
    say(sql, controller, {"plugins": [plugin(), plugin(None, id="other"), plugin(id="other", version="2")]})
    assert [row[:3] for row in _installed(sql, controller)] == [("bus", "Bus", "1.0"), ("other", "Bus", "1.0")]
    say(sql, controller, {"plugins": [{"id": "other"}, plugin(version="1.1")]})
    assert _installed(sql, controller) == [
        ("bus", "Bus", "1.1", "A field bus.", BUS),
        ("other", "other", "", None, None),
    ]
    say(sql, controller, {})
    assert len(_installed(sql, controller)) == 2
    say(sql, controller, {"plugins": []})
    assert _installed(sql, controller) == []


@pytest.mark.parametrize(
    "plugins",
    ["all", {"id": "x"}, [1], [{"name": "x"}], [plugin(id="")], [plugin() | {"schema": [1]}], [plugin(id="x" * 101)]],
)
def test_nonsense_of_plugins_is_refused(plugins: object, sql: Sql, people: People) -> None:
    controller = people.controller()
    with suppress(psycopg.DatabaseError):
        _propose(sql, controller, plugins=plugins)
        pytest.fail("It was accepted.")
    assert _installed(sql, controller) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"interval_seconds": 0},
        {"interval_seconds": "often"},
        {"config": [1]},
        {"config": "x"},
        {"config": {"x": 10**400}},
        {"demo": "perhaps"},
    ],
)
def test_a_proposal_that_makes_no_sense_is_refused(wrong: dict[str, Any], sql: Sql, people: People) -> None:
    with pytest.raises((psycopg.DataError, psycopg.IntegrityError)):
        say(sql, people.controller(), {"instances": [PROPOSAL | wrong]})


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        *[
            ({"config_version": wrong}, "config_version must be a whole")
            for wrong in ("new", 1.5, [1], 10**30, -1, True)
        ],
        *[
            ({"instances": wrong}, "instances must be a list of objects {name,")
            for wrong in ("all", {"name": "x"}, [1])
        ],
        *[({"plugins": wrong}, "plugins must be a list of objects {id,") for wrong in (17, {"id": "x"}, [None])],
    ],
)
def test_what_is_wrong_is_named(wrong: dict[str, Any], message: str, sql: Sql, people: People) -> None:
    with pytest.raises(psycopg.DatabaseError, match=message):
        say(sql, people.controller(), hello() | wrong)
