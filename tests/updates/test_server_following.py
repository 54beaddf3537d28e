"""What administrators want of the server itself, from `api.updates` to another version and back."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest
from webmacs_controller.updates import launcher
from webmacs_controller.updates.launcher import CURRENT

from tests.support.bundles import store_bundle
from tests.support.people import People
from tests.support.sql import Sql
from tests.support.updates import Maker
from tests.updates.versions import bundle, installation
from webmacs.config import Config
from webmacs.problem import Problem
from webmacs.updating import doors, following
from webmacs.updating.installation import _as_bundle_error

PATIENCE = 30.0
SERVER = "webmacs-server"


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr("webmacs_controller.updates.updater.LOOK_SECONDS", 0.05)
    monkeypatch.setattr(os, "fsync", lambda _: None)
    monkeypatch.setattr(os, "sync", lambda: None)


class Wanting:
    """A server with version 1.0, and an administrator who wants others."""

    def __init__(self, maker: Maker, folder: Path, sql: Sql) -> None:
        self.folder, self.sql, self.maker = folder, sql, maker
        root = maker.folder / "root.json"
        root.write_bytes(maker.pinned)
        installation(folder, product="webmacs-server").begin(bundle(maker, 1, "webmacs-server"), root)

    def want(self, number: int, spoil: bool = False) -> int:
        """The update to a bundle that was uploaded."""
        content = bundle(self.maker, number, "webmacs-server").read_bytes()
        stored = store_bundle(self.sql.superuser, content, SERVER)
        self.sql.superuser.execute(
            "update private.update_bundles set version = %s, counter = %s where id = %s",
            (f"{number}.0", number, stored),
        )
        if spoil:
            statement = "update private.update_bundle_pieces set bytes = 'no' where bundle_id = %s"
            self.sql.superuser.execute(statement, (stored,))
        row = (
            self.sql.as_role("admin")
            .execute("insert into api.updates (bundle_id) values (%s) returning id", (stored,))
            .fetchone()
        )
        assert row is not None
        return int(row[0])

    def steps(self, update: int) -> list[str]:
        rows = self.sql.superuser.execute(
            "select state from private.update_steps where update_id = %s order by id", (update,)
        )
        return [state for (state,) in rows]

    def detail(self, update: int) -> str:
        row = self.sql.superuser.execute("select detail from private.updates where id = %s", (update,)).fetchone()
        assert row is not None
        return str(row[0])


@pytest.fixture
def server(maker: Maker, tmp_path: Path, sql: Sql, config: Config, people: People) -> Wanting:
    people.the("admin")
    doors.say(config, "1-1.0")
    return Wanting(maker, tmp_path / "machine", sql)


@pytest.fixture
def over() -> Iterator[Event]:
    """Ends what runs in the background, also after a failure."""
    event = Event()
    yield event
    event.set()


def until(fits: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not fits():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_one_that_is_wanted_is_installed_and_its_way_is_noted(server: Wanting, config: Config, over: Event) -> None:
    """And the next, for which not everything is ready, is not."""
    ready: list[str] = []

    def get_ready() -> None:
        if ready:
            raise Problem("there is no room for a backup")
        ready.append("backup")

    made = installation(server.folder, product="webmacs-server")
    made._ready = lambda: _as_bundle_error(get_ready)
    thread = following.follow(config, made, over.is_set)
    update = server.want(2)
    until(lambda: server.steps(update)[-1] == "probation")
    assert ready == ["backup"]
    note = launcher.probation(server.folder)
    assert note is not None
    assert made.confirm(note)
    until(lambda: server.steps(update)[-1] == "completed")
    assert server.steps(update) == ["pending", "downloading", "verified", "installing", "probation", "completed"]
    with pytest.raises(Exception, match="webmacs update rollback"):
        server.sql.as_role("admin").execute("select * from api.roll_back_update(%s)", (update,))

    refused = server.want(3)
    until(lambda: server.steps(refused)[-1] == "failed")
    assert server.detail(refused) == "not_ready: there is no room for a backup"
    assert (launcher.link_target(server.folder, CURRENT) or "").startswith("2-2.0")

    taken_back = server.want(4)
    ready.clear()
    until(lambda: server.steps(taken_back)[-1] == "probation")
    note = launcher.probation(server.folder)
    assert note is not None
    launcher.go_back(server.folder, note, "it was no good")
    until(lambda: server.steps(taken_back)[-1] == "rolled_back")
    assert server.detail(taken_back) == "it was no good"
    over.set()
    thread.join()


def test_one_that_is_not_what_was_uploaded_is_not_installed(server: Wanting, config: Config, over: Event) -> None:
    update = server.want(5, spoil=True)
    thread = following.follow(config, installation(server.folder, product="webmacs-server"), over.is_set)
    until(lambda: "has not got all of it" in server.detail(update))
    assert server.steps(update) == ["pending", "downloading"]
    assert (launcher.link_target(server.folder, CURRENT) or "").startswith("1-1.0")
    server.sql.as_role("admin").execute("select * from api.withdraw_update(%s)", (update,))
    over.set()
    thread.join()
