"""What controllers report of their instances and channels."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.support.hello import channel, hello, say
from tests.support.people import Caller, People
from tests.support.sql import Sql

SIDECAR = uuid4()
INSTANCES = """
    select name, status, status_detail, setting_error, reported_at is not null
    from api.plugin_instances where controller_id = %s order by name
"""
CHANNELS = """
    select m.channel, m.status, m.status_detail
    from api.channel_mappings m join api.plugin_instances i on i.id = m.plugin_instance_id
    where i.controller_id = %s order by m.channel
"""
UNKNOWN = ("oven", "unknown", None, None, False)


def report(sql: Sql, controller: Caller, instances: object) -> None:
    with sql.as_login("webmacs_sidecar") as sidecar:
        sidecar.execute("select private.report_status(%s, %s)", (controller.id, Jsonb(instances)))


def shown(sql: Sql, controller: Caller, question: str = INSTANCES) -> list[tuple[Any, ...]]:
    return sql.as_role("viewer").execute(question.encode(), (controller.id,)).fetchall()


def connect(sql: Sql, *controllers: Caller) -> None:
    """These are connected, and no others."""
    with sql.as_login("webmacs_sidecar") as sidecar:
        here = [controller.id for controller in controllers]
        sidecar.execute("select private.report_presence(%s, %s::int[])", (SIDECAR, here))


@pytest.fixture
def controller(sql: Sql, people: People) -> Caller:
    caller = people.controller()
    say(sql, caller, hello(channel("a"), channel("b")))
    connect(sql, caller)
    return caller


@pytest.mark.parametrize("state", ["unknown", "connected", "demo", "error", "stopped"])
def test_the_state_of_an_instance(state: str, sql: Sql, controller: Caller) -> None:
    report(sql, controller, [{"name": "oven", "state": state, "detail": "no answer", "setting_error": "config.port"}])
    assert shown(sql, controller) == [("oven", state, "no answer", "config.port", True)]
    report(sql, controller, [{"name": "oven", "state": state}])
    assert shown(sql, controller) == [("oven", state, None, None, True)]


@pytest.mark.parametrize("state", ["unknown", "ok", "no_value", "uncertain", "bad"])
def test_the_state_of_a_channel(state: str, sql: Sql, controller: Caller) -> None:
    channels = [{"id": "a", "state": state, "detail": "wire broken"}, {"id": "stranger", "state": "ok"}]
    report(sql, controller, [{"name": "oven", "state": "connected", "channels": channels}])
    assert shown(sql, controller, CHANNELS) == [("a", state, "wire broken"), ("b", "unknown", None)]


def test_what_it_does_not_name_is_unknown(sql: Sql, controller: Caller) -> None:
    channels = [{"id": name, "state": "ok"} for name in ("a", "b")]
    report(sql, controller, [{"name": "oven", "state": "error", "detail": "x", "channels": channels}])
    report(sql, controller, [{"name": "kiln", "state": "connected"}])
    assert shown(sql, controller) == [("oven", "unknown", None, None, True)]
    assert shown(sql, controller, CHANNELS) == [("a", "unknown", None), ("b", "unknown", None)]


def test_what_was_reported_before_it_left_is_not_how_it_is(sql: Sql, controller: Caller) -> None:
    channels = [{"id": "a", "state": "ok"}, {"id": "b", "state": "bad", "detail": "wire broken"}]
    said = {"state": "error", "detail": "no answer", "setting_error": "config.port", "channels": channels}
    report(sql, controller, [{"name": "oven", **said}])
    connect(sql)
    assert shown(sql, controller) == [("oven", "unknown", None, "config.port", True)]
    assert shown(sql, controller, CHANNELS) == [("a", "unknown", None), ("b", "unknown", None)]
    connect(sql, controller)
    assert shown(sql, controller) == [("oven", "error", "no answer", "config.port", True)]
    assert shown(sql, controller, CHANNELS) == [("a", "ok", None), ("b", "bad", "wire broken")]


def test_of_its_own_alone(sql: Sql, controller: Caller, people: People) -> None:
    report(sql, people.controller(), [{"name": "oven", "state": "connected"}])
    assert shown(sql, controller) == [UNKNOWN]


def test_long_words_are_cut(sql: Sql, controller: Caller) -> None:
    channels = [{"id": "a", "state": "bad", "detail": "z" * 5000}]
    said = {"state": "error", "detail": "x" * 5000, "setting_error": "y" * 5000, "channels": channels}
    report(sql, controller, [{"name": "oven", **said}])
    assert shown(sql, controller) == [("oven", "error", "x" * 1000, "y" * 1000, True)]
    assert shown(sql, controller, CHANNELS)[0] == ("a", "bad", "z" * 1000)


def test_said_twice_one_counts(sql: Sql, controller: Caller) -> None:
    report(sql, controller, [{"name": "oven", "state": "error"}] * 2)
    assert shown(sql, controller) == [("oven", "error", None, None, True)]


def test_nothing(sql: Sql, controller: Caller) -> None:
    report(sql, controller, [])
    assert shown(sql, controller) == [UNKNOWN]


@pytest.mark.parametrize(
    ("instances", "word"),
    [
        ([{"name": "oven", "state": "fine"}], "status must be unknown, connected, error, demo or stopped"),
        (
            [{"name": "oven", "state": "connected", "channels": [{"id": "a", "state": "fine"}]}],
            "status must be unknown, ok, no_value, uncertain or bad",
        ),
        ([{"name": "oven", "state": "connected", "channels": "all"}], "non-array"),
        ({"name": "oven"}, "instances must be a list"),
        ("oven", "instances must be a list"),
        (None, "instances must be a list"),
        ([1], "instances must be a list"),
        ([{"name": "oven", "detail": "\u0000"}], "Unicode"),
    ],
)
def test_nonsense_is_refused_and_changes_nothing(instances: object, word: str, sql: Sql, controller: Caller) -> None:
    with pytest.raises(psycopg.DatabaseError, match=word):
        report(sql, controller, instances)
    assert shown(sql, controller) == [UNKNOWN]


def test_it_is_no_change_of_the_configuration(sql: Sql, controller: Caller) -> None:
    before = say(sql, controller, hello(config_version=1))
    channels = [{"id": "a", "state": "bad"}]
    report(sql, controller, [{"name": "oven", "state": "error", "setting_error": "x", "channels": channels}])
    assert say(sql, controller, hello(config_version=1)) == before


@pytest.mark.parametrize("role", ["viewer", "operator", "admin", "controller"])
def test_nobody_else_reports(role: str, sql: Sql, controller: Caller) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        sql.as_role(role).execute("select private.report_status(%s, '[]')", (controller.id,))
