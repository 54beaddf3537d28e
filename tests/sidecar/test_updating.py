"""While a version of the server has to prove itself: nobody gets in, whatever way he comes, and how it is judged."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from webmacs_controller.updates import launcher
from webmacs_controller.updates.launcher import CURRENT, PROBATION
from websockets.exceptions import InvalidStatus

from tests.sidecar.conftest import Door
from tests.sidecar.live import Live, frame, point, told
from tests.support.people import Caller, People
from tests.support.ports import free_port
from tests.support.rest import Api
from tests.support.sql import Sql
from tests.support.updates import Maker
from tests.updates.versions import begun, bundle, installation
from webmacs.config import Config
from webmacs.updating import doors
from webmacs.updating.installation import BEFORE
from webmacs.updating.judge import LOOK_SECONDS, complaints, watch
from webmacs.updating.prepare import CLOSED


@contextmanager
def closed(config: Config) -> Iterator[None]:
    doors.say(config, "", CLOSED)
    yield
    doors.say(config, "")


def test_nobody_gets_in(door: Door, api: Api, config: Config, people: People, sql: Sql, ada: Caller) -> None:
    live = Live(door.url, people, sql.superuser)
    event = live.event()
    with live.telemetry() as socket, closed(config):
        answer = api.as_role("admin").get("/events")
        assert (answer.status_code, answer.json()["message"]) == (503, CLOSED)
        for answer in (door.get("/auth/me", ada.token), door.login(ada.name)):
            assert (answer.status_code, answer.json()["message"]) == (503, CLOSED)
        for way in (live.telemetry, live.stream):
            with pytest.raises(InvalidStatus) as refused, way():
                pass
            assert refused.value.response.status_code == 503  # a controller tries again, and keeps its values
        # who is in already waits, as if PostgreSQL were away
        socket.send(frame(1, point(event, 0.5)))
        with pytest.raises(TimeoutError):
            socket.recv(timeout=0.3)
        assert live.values(event) == []
        doors.say(config, "")
        assert told(socket)["accepted"] == 1
    assert live.values(event) == [0.5]
    assert door.login(ada.name).status_code == 200


def test_a_server_that_is_well_although_nobody_gets_in(door: Door, postgrest: str, config: Config, sql: Sql) -> None:
    assert postgrest
    before = sql.superuser.execute("select count(*) from private.events").fetchone()
    with closed(config):
        assert complaints(config, []) == []
    assert sql.superuser.execute("select count(*) from private.events").fetchone() == before


def test_what_does_not_work_is_said(door: Door, postgrest: str, config: Config, sql: Sql) -> None:
    assert postgrest
    away = replace(config, server=replace(config.server, port=free_port()))
    assert complaints(away, []) == ["the sidecar does not answer"]
    sql.superuser.execute("alter table private.datapoints add constraint broken check (value <> 0.5) not valid")
    (said,) = complaints(config, [])
    assert said.startswith("values are not taken: ")
    sql.superuser.execute("alter table private.datapoints drop constraint broken")


def on_probation(maker: Maker, folder: Path, seconds: float) -> launcher.Note:
    begun(maker, folder)
    installation(folder).install(bundle(maker, 2))
    note = launcher.probation(folder)
    assert note is not None
    launcher.write(folder / PROBATION, {**note, "starts": 1, "seconds": seconds})
    launcher.write(folder / BEFORE, {"failing": []})
    return launcher.probation(folder) or {}


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webmacs.updating.judge.LOOK_SECONDS", LOOK_SECONDS / 20)
    monkeypatch.setattr("webmacs.updating.judge.MARGIN_SECONDS", 0.0)


def test_one_that_is_well_for_long_enough_lets_everybody_in(
    door: Door, postgrest: str, config: Config, tmp_path: Path, quickly: None, ada: Caller
) -> None:
    assert postgrest
    folder = tmp_path / "machine"
    note = on_probation(Maker(tmp_path), folder, 60)
    doors.say(config, "", CLOSED)
    said: list[str] = []
    assert watch(config, installation(folder), note, said.append)
    assert said[-1] == "this version has proved itself"
    assert launcher.probation(folder) is None
    assert door.login(ada.name).status_code == 200


def test_one_that_is_not_says_nothing_and_nobody_gets_in(
    config: Config, tmp_path: Path, quickly: None, sql: Sql
) -> None:
    folder = tmp_path / "machine"
    note = on_probation(Maker(tmp_path), folder, 0.5)
    away = replace(config, server=replace(config.server, port=free_port()))
    with closed(config):
        said: list[str] = []
        assert not watch(away, installation(folder), note, said.append)
        assert said == ["this version is on probation; the sidecar does not answer"]
        assert sql.superuser.execute("select closed from private.settings").fetchone() == (CLOSED,)
    assert launcher.probation(folder) is not None


def test_one_that_was_taken_back_meanwhile_is_not_said_to_be_good(
    door: Door, postgrest: str, config: Config, tmp_path: Path, quickly: None
) -> None:
    assert postgrest
    folder = tmp_path / "machine"
    note = on_probation(Maker(tmp_path), folder, 60)
    launcher.go_back(folder, note, "somebody wanted it")
    assert not watch(config, installation(folder), note, print)
    assert (launcher.link_target(folder, CURRENT) or "").startswith("1-")
