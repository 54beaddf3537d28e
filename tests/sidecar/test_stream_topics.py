"""What changes besides values: told once, in order, to those who want it, and never silently lost."""

import json
import socket as sockets
from collections.abc import Iterator

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection

from tests.db.alarms import Alarms
from tests.db.plant import Plant
from tests.sidecar.live import Live, Message, asked, begun, closing_code, frame, next_value, point, told
from tests.support.bundles import store_bundle
from tests.support.drive import Drive
from tests.support.people import People
from tests.support.sidecar import running_sidecar
from tests.support.sql import Sql
from webmacs.config import Config

CHANGES = "webmacs_changes"
STORM = 10_000


@pytest.fixture(scope="module")
def live(config: Config, people: People, sql: Sql) -> Iterator[Live]:
    with running_sidecar(config) as url:
        yield Live(url, people, sql.superuser).listening()


def write(sql: Sql, *messages: str) -> list[int]:
    """Log entries of one transaction; their numbers."""
    rows = sql.superuser.execute(
        "insert into private.log_entries (message) select unnest(%s::text[]) returning id", (list(messages),)
    )
    return [row[0] for row in rows]


def subscribed(socket: ClientConnection, **wish: object) -> Message:
    """Returns when the sidecar has taken it: what it said first."""
    connected, _ = begun(socket)
    socket.send(json.dumps({"type": "subscribe", **wish}))
    assert asked(socket, '{"type": "ping"}') == {"type": "pong"}
    return connected


def entries(socket: ClientConnection, count: int) -> list[Message]:
    """The next log entries, from as many messages as it takes."""
    seen: list[Message] = []
    while len(seen) < count:
        seen += told(socket).get("log_entries", [])
    return seen


def test_a_log_entry_arrives_as_the_api_shows_it(live: Live, sql: Sql) -> None:
    with live.stream() as stream:
        begun(stream)
        (number,) = write(sql, "the oven is hot")
        message = told(stream)
        shown = (
            sql.as_role("viewer")
            .execute("select to_json(l) from api.log_entries l where id = %s", (number,))
            .fetchone()
        )
    assert set(message) == {"type", "n", "log_entries"}
    assert message["type"] == "log"
    assert [message["log_entries"][0]] == [*(shown or ())]


def test_an_alarm_arrives_with_each_step(live: Live, sql: Sql) -> None:
    alarms = Alarms(sql, Plant(sql.superuser))
    rule = alarms.rule()
    with live.stream() as stream:
        subscribed(stream, topics=["alarm"])
        number = alarms.fire(rule)["id"]
        raised = told(stream)
        alarms.acknowledge(number)
        acknowledged = told(stream)
    assert set(raised) == {"type", "n", "alarms"}
    assert [(alarm["id"], alarm["state"]) for alarm in raised["alarms"]] == [(number, "active_unacknowledged")]
    assert [alarm["state"] for alarm in acknowledged["alarms"]] == ["active_acknowledged"]


def test_a_command_arrives(live: Live, sql: Sql) -> None:
    drive = Drive(sql, live.people)
    valve = drive.valve()
    with live.stream() as stream:
        subscribed(stream, topics=["command"])
        made = drive.set(valve.event, 40)
        message = told(stream)
    assert set(message) == {"type", "n", "commands"}
    assert [(command["id"], command["state"]) for command in message["commands"]] == [(made["id"], "queued")]


def test_a_change_of_it_arrives_too(live: Live, sql: Sql) -> None:
    with live.stream() as stream:
        begun(stream)
        (number,) = write(sql, "to be read")
        assert [entry["is_read"] for entry in entries(stream, 1)] == [False]
        sql.as_role("operator").execute("update api.log_entries set is_read = true where id = %s", (number,))
        assert [entry["is_read"] for entry in entries(stream, 1)] == [True]


def test_what_is_gone_is_not_told(live: Live, sql: Sql) -> None:
    with live.stream() as stream:
        begun(stream)
        with sql.superuser.transaction():
            numbers = write(sql, "gone", "stays")
            sql.superuser.execute("delete from private.log_entries where id = %s", (numbers[0],))
        assert [entry["id"] for entry in entries(stream, 1)] == numbers[1:]


def test_changes_and_values_share_one_sequence(live: Live, sql: Sql) -> None:
    event = live.event()
    with live.stream() as stream, live.telemetry(live.people.the("operator")) as sender:
        begun(stream)
        numbers = []
        for seq in range(3):
            asked(sender, frame(seq, point(event, seq)))
            numbers.append(told(stream)["n"])
            write(sql, "between")
            numbers.append(told(stream)["n"])
    assert numbers == list(range(numbers[0], numbers[0] + 6))


def test_only_the_topics_asked_for_arrive(live: Live, sql: Sql) -> None:
    event = live.event()
    with (
        live.stream() as values,
        live.stream() as logs,
        live.stream() as nothing,
        live.telemetry(live.people.the("operator")) as sender,
    ):
        subscribed(values, topics=["datapoints"])
        subscribed(logs, topics=["log"])
        subscribed(nothing, topics=[])
        write(sql, "for one of them")
        assert entries(logs, 1)[0]["message"] == "for one of them"
        asked(sender, frame(1, point(event, 1)))
        assert next_value(values, event) == 1
        write(sql, "another")
        assert told(logs)["log_entries"][0]["message"] == "another"
        assert asked(nothing, '{"type": "ping"}') == {"type": "pong"}


@pytest.mark.parametrize("topics", [["logs"], ["alarm", "events"], [""]])
def test_an_unknown_topic_is_refused_and_the_known_are_named(live: Live, topics: list[str]) -> None:
    with live.stream() as stream:
        begun(stream)
        answer = asked(stream, json.dumps({"type": "subscribe", "topics": topics}))
    assert (answer["type"], answer["code"]) == ("error", "unknown_topic")
    assert "alarm, command, datapoints, log" in answer["message"]


def test_since_brings_what_was_missed_of_all_topics_in_order(live: Live, sql: Sql) -> None:
    event = live.event()
    with live.stream() as stream, live.stream() as witness:
        connected, _ = begun(stream)
        begun(witness)
        stream.close()
        with live.telemetry(live.people.the("operator")) as sender:
            for value in range(3):
                asked(sender, frame(value, point(event, value)))
                told(witness)
                write(sql, f"after {value}")
                told(witness)
    with live.stream() as stream:
        begun(stream)
        stream.send(json.dumps({"type": "subscribe", "since": f"{connected['epoch']}:{connected['n']}"}))
        missed = [told(stream) for _ in range(6)]
    assert [message["n"] for message in missed] == list(range(connected["n"] + 1, connected["n"] + 7))
    assert [point["value"] for message in missed for point in message.get("datapoints", [])] == [0, 1, 2]
    told_entries = [entry["message"] for message in missed for entry in message.get("log_entries", [])]
    assert told_entries == ["after 0", "after 1", "after 2"]


def test_a_storm_comes_whole_and_in_order_and_does_not_hold_up_values(live: Live, sql: Sql) -> None:
    event = live.event()
    with live.stream() as stream, live.telemetry(live.people.the("operator")) as sender:
        begun(stream)
        write(sql, *(f"storm {number}" for number in range(STORM)))
        asked(sender, frame(1, point(event, 1)))
        seen: list[str] = []
        before_the_value = None
        while len(seen) < STORM or before_the_value is None:
            message = told(stream)
            seen += [entry["message"] for entry in message.get("log_entries", [])]
            if "datapoints" in message:
                before_the_value = len(seen)
    assert seen == [f"storm {number}" for number in range(STORM)]
    assert before_the_value < STORM


def test_a_client_too_slow_for_a_storm_is_told_to_read_again(live: Live, sql: Sql) -> None:
    with live.stream() as reader, live.stream() as slow:
        begun(reader)
        begun(slow)
        slow.socket.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 65_536)
        write(sql, *("x" * 2000 for _ in range(STORM)))
        (last,) = write(sql, "the last")
        known_by(reader, sql, until=last)  # so all was read and told, and the slow one has taken nothing of it
        known, reloads = known_by(slow, sql, until=last)
        assert reloads > 0
        assert known >= set(range(last - STORM, last + 1))
        (following,) = write(sql, "what follows")
        while following not in {entry["id"] for entry in entries(slow, 1)}:
            pass


def known_by(socket: ClientConnection, sql: Sql, until: int) -> tuple[set[int], int]:
    """What a client knows that reads again when it is told so; and how often it was."""
    known: set[int] = set()
    reloads = 0
    while until not in known:
        message = told(socket)
        known |= {entry["id"] for entry in message.get("log_entries", [])}
        if message["type"] == "reload":
            reloads += 1
            known |= {row[0] for row in sql.as_role("viewer").execute("select id from api.log_entries")}
    return known, reloads


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "nonsense",
        "[1]",
        "{}",
        '{"topic": "log"}',
        '{"topic": "users", "ids": [1]}',
        '{"topic": "log", "ids": ["1"]}',
        '{"topic": "log", "ids": [0]}',
        '{"topic": "log", "ids": [-1]}',
        '{"topic": "log", "ids": [9223372036854775808]}',
        '{"topic": "log", "ids": [1e300]}',
        '{"topic": "log", "ids": null}',
        '{"topic": "log", "ids": [9223372036854775807]}',
        '{"topic": "log", "ids": [], "log_entries": [{"message": "forged"}]}',
    ],
)
def test_a_hostile_notification_does_no_harm(live: Live, sql: Sql, payload: str) -> None:
    with live.stream() as stream, sql.as_login("webmacs_reader") as hostile:
        begun(stream)
        hostile.execute("select pg_notify(%s, %s)", (CHANGES, payload))
        write(sql, "true")
        assert [entry["message"] for entry in told(stream)["log_entries"]] == ["true"]


def test_a_forged_notification_shows_what_is_there_and_no_more(live: Live, sql: Sql) -> None:
    with live.stream() as stream, sql.as_login("webmacs_reader") as hostile:
        begun(stream)
        (number,) = write(sql, "known")
        entries(stream, 1)
        forged = {"topic": "log", "ids": [number], "log_entries": [{"id": number, "message": "forged"}]}
        hostile.execute("select pg_notify(%s, %s)", (CHANGES, json.dumps(forged)))
        assert [entry["message"] for entry in entries(stream, 1)] == ["known"]


@pytest.mark.parametrize("role", ["viewer", "operator", "admin"])
def test_people_of_every_role_see_it(live: Live, sql: Sql, role: str) -> None:
    with live.stream(live.people.the(role)) as stream:
        begun(stream)
        write(sql, "for all")
        assert entries(stream, 1)[0]["message"] == "for all"


def test_a_controller_does_not(live: Live) -> None:
    with pytest.raises(InvalidStatus) as refused, live.stream(live.controller):
        pass
    assert refused.value.response.status_code == 403


def test_a_revoked_token_sees_no_more(live: Live, sql: Sql) -> None:
    leaver = live.people.user("viewer")
    with live.stream() as stays, live.stream(leaver) as leaves:
        subscribed(stays, topics=["log"])
        subscribed(leaves, topics=["log"])
        sql.superuser.execute("select private.revoke(%s)", (leaver.jti,))
        assert closing_code(leaves) == 1008
        write(sql, "after it left")
        assert entries(stays, 1)[0]["message"] == "after it left"


def test_updates_are_told_to_administrators_alone(live: Live, sql: Sql, people: People) -> None:
    """Each step and what has arrived; somebody else who asks for them is told nothing."""
    controller = people.controller()
    with live.stream(people.the("admin")) as admin, live.stream() as viewer:
        subscribed(admin, topics=["ota"])
        subscribed(viewer, topics=["ota", "log"])
        (update,) = sql.superuser.execute(
            "insert into private.updates (controller_id, bundle_id) values (%s, %s) returning id",
            (controller.id, store_bundle(sql.superuser)),
        ).fetchone() or (0,)
        told_first = told(admin)
        shown = sql.as_role("admin").execute("select to_json(u) from api.updates u where id = %s", (update,)).fetchone()
        assert (told_first["type"], told_first["updates"]) == ("ota", [(shown or (None,))[0]])
        sql.superuser.execute("update private.updates set state = 'downloading' where id = %s", (update,))
        sql.superuser.execute("update private.updates set received = 4 where id = %s", (update,))
        seen = told(admin)["updates"][-1]
        while seen["received"] != 4:  # the two are told one by one, or together
            seen = told(admin)["updates"][-1]
        assert seen["state"] == "downloading"
        write(sql, "after them")
        assert told(viewer)["type"] == "log"
