"""Any SQL login can notify anything, as often as it likes: that costs next to nothing and hides nothing."""

import json
from collections.abc import Iterator

import pytest

from tests.sidecar.live import Live, asked, begun, frame, next_value, point, told
from tests.support.people import People
from tests.support.sidecar import running_sidecar
from tests.support.sql import Sql
from webmacs.config import Config
from webmacs.database import make_pool
from webmacs.stream import change_reader
from webmacs.stream.hub import MOST_NAMELESS, Hub
from webmacs.stream.newest import Newest

FLOOD = 1000
NOTIFY = "select count(pg_notify(%s, format(%s, g))) from generate_series(1, %s) g"
PAGE = 200
MOST_WAITING = change_reader.MOST_WAITING // 10


@pytest.fixture
def live(config: Config, people: People, sql: Sql) -> Iterator[Live]:
    with running_sidecar(config) as url:
        yield Live(url, people, sql.superuser).listening()


def write(sql: Sql, message: str) -> None:
    sql.superuser.execute("insert into private.log_entries (message) values (%s)", (message,))


def test_a_forged_value_does_not_hide_the_first_of_its_event(live: Live, sql: Sql) -> None:
    event = live.event()
    row = sql.superuser.execute("select id from private.events where public_id = %s", (event,)).fetchone()
    assert row is not None
    with live.stream() as stream, live.telemetry() as sender, sql.as_login("webmacs_reader") as hostile:
        begun(stream)
        forged = [row[0], row[0] + 1]  # the other is not there
        hostile.execute(
            "select pg_notify('webmacs_datapoints', %s)",
            (json.dumps({"e": forged, "t": [0, 0], "v": [0, 0], "q": [0, 0]}),),
        )
        asked(sender, frame(1, point(event, 1)))
        while next_value(stream, event) != 1:
            pass


@pytest.mark.parametrize("channel", ["webmacs_changes", "webmacs_datapoints"])
def test_the_log_does_not_grow_with_it(live: Live, sql: Sql, channel: str, caplog: pytest.LogCaptureFixture) -> None:
    with live.stream() as stream, sql.as_login("webmacs_reader") as hostile:
        begun(stream)
        hostile.execute(NOTIFY, (channel, "nonsense %s", FLOOD))
        write(sql, "true")
        assert [entry["message"] for entry in told(stream)["log_entries"]] == ["true"]
    assert [line.levelname for line in caplog.records if channel in line.getMessage()] == ["WARNING"]


async def test_names_of_events_that_are_not_there_are_not_asked_for_each_time(
    config: Config, caplog: pytest.LogCaptureFixture
) -> None:
    pool = make_pool(config)
    hub = Hub(config.stream, Newest(pool))
    with hub.joined(lambda: None):
        for event in range(FLOOD):
            await hub.publish(json.dumps({"e": [event], "t": [1], "v": [1], "q": [192]}))
    # the pool is not open: each time that it is asked, a line says so
    assert len([line for line in caplog.records if "names of new events" in line.getMessage()]) <= MOST_NAMELESS


def test_more_changes_than_can_wait_bring_reload_though_more_come(
    live: Live, sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a tenth of what may wait: what is left is read, a hundred at a time."""
    monkeypatch.setattr(change_reader, "MOST_WAITING", MOST_WAITING)
    pages = 4 * MOST_WAITING // PAGE  # some of it is read meanwhile
    with live.stream() as stream, sql.as_login("webmacs_reader") as hostile:
        begun(stream)
        hostile.execute(
            "select count(pg_notify('webmacs_changes', json_build_object('topic', 'log', 'ids', array("
            "  select id from generate_series(1000000 + page * %(size)s, 1000000 + page * %(size)s + %(size)s - 1) id)"
            ")::text)) from generate_series(1, %(pages)s) page",
            {"size": PAGE, "pages": pages},
        )
        while told(stream)["type"] != "reload":
            pass
        write(sql, "true")
        while "log_entries" not in (message := told(stream)):
            pass
    assert [entry["message"] for entry in message["log_entries"]] == ["true"]
