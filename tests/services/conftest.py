"""A sidecar with local services, and programs that sign."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.services.program import KEYS, Program
from tests.support.database import Database
from tests.support.people import Caller, People
from tests.support.ports import free_port
from tests.support.run import Run
from tests.support.sidecar import running_sidecar
from webmacs.config import Config
from webmacs.keys.key import KeySet

ENTRIES = {
    "historian": 'user = "Hilde"\nrole = "operator"\n',
    "reader": 'user = "hilde"\nrole = "admin"\nseconds = 60\nread_only = true\n',
    "orphan": 'user = "nobody-here"\nrole = "viewer"\n',
    "temporary": 'user = "tom"\nrole = "viewer"\n',
}


@pytest.fixture(scope="module")
def config(run: Run, keys: KeySet, database: Database, tmp_path_factory: pytest.TempPathFactory) -> Config:
    """The configuration of an installation with local services."""
    folder = tmp_path_factory.mktemp("services")
    entries = []
    for name, more in ENTRIES.items():
        key_file = folder / f"{name}.key"
        key_file.touch(0o600)
        key_file.write_text(KEYS[name] + "\n")
        entries.append(f'[[services]]\nname = "{name}"\nkey_file = "{name}.key"\n{more}')
    (folder / "config.toml").write_text("".join(entries))
    return database.config(
        folder,
        WEBMACS_AUTH_KEYS_DIR=str(run.folder / "var/keys"),
        WEBMACS_AUTH_BCRYPT_ROUNDS="4",
        WEBMACS_SERVER_HOST="0.0.0.0",  # noqa: S104 - so that it can be asked from a foreign address
        WEBMACS_SERVER_PORT=str(free_port()),
        WEBMACS_POSTGREST_PORT=str(free_port()),
        WEBMACS_POSTGREST_ADMIN_PORT=str(free_port()),
        WEBMACS_POSTGREST_POOL="4",
    )


@pytest.fixture(scope="module")
def hilde(people: People) -> Caller:
    """The user that most services act for."""
    return people.user("operator", name="hilde")


@pytest.fixture(scope="module")
def tom(people: People) -> Caller:
    """The user of `temporary`."""
    return people.user("viewer", name="tom")


@pytest.fixture
def sidecar(config: Config, hilde: Caller) -> Iterator[Config]:
    """A running sidecar, fresh in what it has counted."""
    with running_sidecar(config):
        yield config


@pytest.fixture
def historian(sidecar: Config) -> Iterator[Program]:
    """The program of that name, at the sidecar's Unix socket."""
    with Program.at_socket(sidecar.server.local_socket, "historian") as program:
        yield program


@pytest.fixture
def other_sidecar(config: Config, sidecar: Config) -> Iterator[Config]:
    """One more sidecar on the same database."""
    server = replace(config.server, port=free_port(), local_socket=config.folder / "other.sock")
    other = replace(config, server=server)
    with running_sidecar(other):
        yield other
