"""A controller writes into the log over its socket."""

import json
from collections.abc import Iterator

import pytest

from tests.sidecar.live import Live, asked
from tests.support.hello import Message
from tests.support.people import Caller, People
from tests.support.sidecar import running_sidecar
from tests.support.sql import Sql
from webmacs.config import Config

PING = json.dumps({"seq": 1, "datapoints": [{"event_public_id": "x", "value": 1}]})


@pytest.fixture(scope="module")
def live(config: Config, people: People, sql: Sql) -> Iterator[Live]:
    with running_sidecar(config) as url:
        yield Live(url, people, sql.superuser).listening()


@pytest.fixture
def controller(people: People) -> Caller:
    return people.controller()


def written(sql: Sql, controller: Caller) -> list[tuple[str, str, str]]:
    return sql.superuser.execute(
        "select level::text, message, source from api.log_entries where controller_id = %s order by id",
        (controller.id,),
    ).fetchall()


def test_what_it_says_is_in_the_log(live: Live, sql: Sql, controller: Caller) -> None:
    with live.telemetry(controller) as socket:
        socket.send(json.dumps({"type": "log", "level": "warning", "message": "7 values were lost"}))
        assert asked(socket, PING)["type"] == "ack"
    ((level, message, source),) = written(sql, controller)
    assert (level, message) == ("warning", "7 values were lost")
    assert source.startswith("controller ")


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"level": "loud", "message": "x"},
        {"level": "info"},
        {"level": "info", "message": ""},
        {"level": "info", "message": "x" * 2001},
        {"level": {"a": 1}, "message": "x"},
        {"level": "info", "message": "\0"},
    ],
)
def test_what_makes_no_sense_is_refused(more: Message, live: Live, sql: Sql, controller: Caller) -> None:
    with live.telemetry(controller) as socket:
        refused = asked(socket, json.dumps({"type": "log", **more}))
        assert (refused["type"], refused["code"]) == ("error", "bad_log")
        assert asked(socket, PING)["type"] == "ack"
    assert written(sql, controller) == []


def test_a_person_writes_elsewhere(live: Live, people: People) -> None:
    with live.telemetry(people.the("operator")) as socket:
        said = asked(socket, json.dumps({"type": "log", "level": "info", "message": "x"}))
    assert said["code"] == "not_a_controller"
