"""Migrated databases, cloned from one template."""

import itertools
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from psycopg import sql
from psycopg.errors import InternalError_

from tests.support.postgres import Address, Connection
from tests.support.run import Run
from webmacs.config import Config, load_config
from webmacs.migrate import migrate
from webmacs.migrate.runner import ROLE_ATTEMPTS
from webmacs.resources import resource

TEMPLATE = "webmacs_template"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Database:
    """A migrated database."""

    server: Address
    name: str

    def uri(self, login: str) -> str:
        """The connection URI of this login."""
        return self.server.uri(login, self.name)

    def connect(self, login: str = "postgres") -> Connection:
        """A connection of this login; statements are transactions by themselves."""
        return self.server.connect(login, self.name)

    def settings(self) -> dict[str, str]:
        """The environment that makes WebMACS use this database."""
        return {
            "WEBMACS_DATABASE_EMBEDDED": "false",
            "WEBMACS_DATABASE_NAME": self.name,
            "WEBMACS_DATABASE_URI": self.uri("webmacs_sidecar"),
            "WEBMACS_DATABASE_AUTHENTICATOR_URI": self.uri("webmacs_authenticator"),
            "WEBMACS_DATABASE_ADMIN_URI": self.uri("postgres"),
            "WEBMACS_STORAGE_DISK": "/dev/shm",  # noqa: S108 - it is looked at alone; how full others are is no matter
        }

    def config(self, folder: Path, **more: str) -> Config:
        """The configuration of an installation in `folder`; `more` is by the names of the environment."""
        return load_config(folder / "config.toml", self.settings() | more)


def empty_database(server: Address, name: str | None = None) -> Database:
    """A database with nothing in it."""
    return _create(server, name or _fresh_name(), "template0")


def cloned_database(run: Run, server: Address) -> Database:
    """A fresh copy of the template, which the first who asks migrates."""
    _ensure_template(run, server)
    database = _create(server, _fresh_name(), TEMPLATE)
    # what is granted on the database itself is not copied; roles are the whole cluster's
    with run.lock(f"roles-{server.version}"), database.connect() as connection:
        _apply_roles(connection)
    return database


def drop(database: Database) -> None:
    """Remove a database, whoever is connected."""
    with database.server.connect() as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(database.name)))


def _ensure_template(run: Run, server: Address) -> None:
    done = run.folder / f"template-{server.version}"
    with run.lock(f"template-{server.version}"):
        if not done.exists():
            migrate(empty_database(server, TEMPLATE).config(run.folder))
            done.touch()


def _create(server: Address, name: str, template: str) -> Database:
    with server.connect() as connection:
        statement = sql.SQL("create database {} template {}")
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
    return Database(server, name)


def _apply_roles(connection: Connection) -> None:
    """Again if a migrator, which another test runs, changes the same role at the same moment."""
    for _ in range(ROLE_ATTEMPTS - 1):
        with suppress(InternalError_):
            connection.execute(resource("db").joinpath("roles.sql").read_bytes())
            return
    connection.execute(resource("db").joinpath("roles.sql").read_bytes())


def _fresh_name() -> str:
    return f"test_{os.getpid()}_{next(_numbers)}"
