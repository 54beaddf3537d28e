"""The server killed at each change of the disk and of the database: afterwards code and database are of one version,
nothing that was acknowledged is lost, and nobody got in before the version had proved itself."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from webmacs_controller.updates import launcher
from webmacs_controller.updates.installation import Installation
from webmacs_controller.updates.launcher import CURRENT, MOST_STARTS, OUTCOME, PROBATION

from tests.db.ingest import INGEST
from tests.support.database import Database, cloned_database, drop
from tests.support.killing import each_kill, killed_before
from tests.support.postgres import Address, Connection
from tests.support.run import Run
from tests.support.updates import Maker
from tests.updates.versions import bundle, copied, installation
from webmacs.config import Config
from webmacs.resources import resource
from webmacs.updating import kept
from webmacs.updating.prepare import finish, own_note, prepare

NEW = "create table private.novelty (id int primary key); alter table private.novelty enable row level security;"
CHANGES = ("create", "alter", "drop", "comment", "update", "insert", "delete")


@dataclass
class Server:
    """A server with version 1.0 and a value, and 2.0, which has another table."""

    folder: Path
    database: Database
    config: Config
    newer: Path
    event: int

    @property
    def installation(self) -> Installation:
        return installation(self.folder, product="webmacs-server")

    def boot(self) -> str:
        """What the launcher does at a start, and the version that it starts. Its number."""
        name = launcher.settle(self.folder)
        assert name is not None
        note = launcher.probation(self.folder)
        if note is not None:
            if note["starts"] >= MOST_STARTS:
                launcher.go_back(self.folder, note, "too often")
                return self.boot()
            launcher.write(self.folder / PROBATION, {**note, "starts": note["starts"] + 1})
        version = name.split("-")[1]
        prepare(self.config, self.installation, name, db=self.newer if version == "2.0" else None)
        return version

    def prove(self) -> None:
        """What the judge does in the end."""
        me = launcher.link_target(self.folder, CURRENT) or ""
        note = own_note(self.installation, me)
        if note is not None:
            self.installation.confirm(note)
        finish(self.config, me)

    def send(self, number: int) -> bool:
        """A value; whether it was acknowledged."""
        with closing(self.database.connect("webmacs_sidecar")) as connection:
            try:
                points: tuple[list[Any], ...] = (
                    [None],
                    [self.event],
                    [192],
                    [f"2026-11-01 00:00:0{number}Z"],
                    [number],
                )
                return connection.execute(INGEST, points).fetchall() == []
            except psycopg.errors.CannotConnectNow:
                return False

    def values(self) -> list[float]:
        with closing(self.database.connect()) as connection:
            return [value for (value,) in connection.execute("select value from private.datapoints order by ts")]

    def tables(self) -> str:
        """Of which version the database is."""
        with closing(self.database.connect()) as connection:
            row = connection.execute("select to_regclass('private.novelty')").fetchone()
            return "1.0" if row == (None,) else "2.0"

    def copy(self) -> str | None:
        with closing(self.database.server.connect()) as server:
            return kept.kept_before(server, self.database.name)

    def is_clean(self) -> bool:
        """No other database of this one is left."""
        with closing(self.database.server.connect()) as server:
            names = "select count(*) from pg_database where datname ~ %s"
            return server.execute(names, (f"^{self.database.name}(_(before|after)_update)?$",)).fetchone() == (1,)


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)
    monkeypatch.setattr(os, "sync", lambda: None)


@pytest.fixture(autouse=True)
def statements_are_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each statement that changes something is a place to be killed before, as a change of the disk is."""
    execute = psycopg.Connection.execute

    def audited(self: Connection, query: Any, *more: Any, **options: Any) -> Any:
        text = query.as_string(self) if isinstance(query, sql.Composable) else query
        words = text.decode() if isinstance(text, bytes) else text
        if words.lstrip().lower().startswith(CHANGES) or len(words) > 1000:
            sys.audit("os.rename", words[:60])
        return execute(self, query, *more, **options)

    monkeypatch.setattr(psycopg.Connection, "execute", audited)


@pytest.fixture
def server(
    maker: Maker, run: Run, postgres: Address, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Server]:
    database = cloned_database(run, postgres)
    folder, newer = tmp_path / "machine", tmp_path / "db"
    shutil.copytree(resource("db"), newer)
    (newer / "migrations" / "9999_novelty.sql").write_text(NEW)
    root = tmp_path / "root.json"
    root.write_bytes(maker.pinned)
    installation(folder, product="webmacs-server").begin(bundle(maker, 1, "webmacs-server"), root)
    with closing(database.connect()) as connection:
        event = connection.execute(
            "insert into private.events (name, unit, min_value, max_value) values ('e', 'V', 0, 9) returning id"
        ).fetchone()
    assert event is not None
    made = Server(folder, database, database.config(tmp_path), newer, event[0])
    assert made.boot() == "1.0"
    assert made.send(1)
    yield made
    for name in (database.name, kept.name_of(database.name), f"{database.name}_saved", f"{database.name}_saved_copy"):
        drop(Database(postgres, name))


@pytest.fixture
def fresh(server: Server, maker: Maker, tmp_path: Path) -> Callable[[], Path]:
    """The machine with 2.0 on probation, not started yet, as often as it is wanted."""
    server.installation.install(bundle(maker, 2, "webmacs-server"))
    return keeper(server, tmp_path)


def keeper(server: Server, tmp_path: Path) -> Callable[[], Path]:
    """Makes folder and databases again what they are now."""
    machine = copied(server.folder, tmp_path / "saved")
    names = {server.database.name: f"{server.database.name}_saved"}
    comment = server.copy()
    if comment is not None:
        names[kept.name_of(server.database.name)] = f"{server.database.name}_saved_copy"
    for name, saved in names.items():
        clone(server.database.server, name, saved)

    def restore() -> Path:
        drop(Database(server.database.server, kept.name_of(server.database.name)))
        for name, saved in names.items():
            clone(server.database.server, saved, name)
        if comment is not None:
            with closing(server.database.server.connect()) as connection:
                connection.execute(
                    sql.SQL("comment on database {} is {}").format(
                        sql.Identifier(kept.name_of(server.database.name)), sql.Literal(comment)
                    )
                )
        return copied(machine, server.folder)

    return restore


def clone(address: Address, name: str, to: str) -> None:
    drop(Database(address, to))
    with closing(address.connect()) as connection:
        statement = sql.SQL("create database {} template {}")
        kept._undisturbed(connection, name, statement.format(sql.Identifier(to), sql.Identifier(name)))


def test_going_forward(server: Server, fresh: Callable[[], Path]) -> None:
    def go(_: Path) -> None:
        server.boot()
        server.prove()

    kills = 0
    for _ in each_kill(go, fresh):
        kills += 1
        proved = launcher.probation(server.folder) is None
        assert server.boot() == "2.0"
        assert server.tables() == "2.0"
        assert server.send(2) == proved  # nobody got in before, so nothing that was acknowledged can be lost
        assert server.copy() is None if proved else str(server.copy()).startswith("2-2.0")
        server.prove()
        assert server.is_clean()
        assert server.send(3)
        assert server.values() == ([1, 2, 3] if proved else [1, 3])
    assert kills > 15


def test_going_back(server: Server, fresh: Callable[[], Path], tmp_path: Path) -> None:
    assert server.boot() == "2.0"
    assert not server.send(2)

    def go(_: Path) -> None:
        note = launcher.probation(server.folder)
        if note is not None:
            launcher.go_back(server.folder, note, "it was no good")
        server.boot()

    kills = 0
    for _ in each_kill(go, keeper(server, tmp_path)):
        kills += 1
        if (launcher.link_target(server.folder, CURRENT) or "").startswith("2-"):
            go(server.folder)
        assert server.boot() == "1.0"
        assert server.tables() == "1.0"
        assert server.is_clean()
        assert server.send(2)
        assert server.values() == [1, 2]
        outcome = launcher.read(server.folder / OUTCOME)
        assert outcome is not None
        assert (outcome["state"], outcome["why"]) == ("rolled_back", "it was no good")
    assert kills > 8


def test_killed_again_and_again_it_goes_back(server: Server, fresh: Callable[[], Path]) -> None:
    fresh()
    for step in (6, 4, 4):
        assert killed_before(step, server.boot)
    assert server.boot() == "1.0"
    assert server.tables() == "1.0"
    assert server.values() == [1]
    assert server.send(2)
    assert server.is_clean()


def test_a_pool_of_somebody_else_does_not_keep_it_from_going_back(server: Server, fresh: Callable[[], Path]) -> None:
    fresh()
    assert server.boot() == "2.0"
    note = launcher.probation(server.folder)
    assert note is not None
    launcher.go_back(server.folder, note, "it was no good")
    with closing(server.database.connect("webmacs_reader")):
        assert server.boot() == "1.0"
    assert server.values() == [1]
