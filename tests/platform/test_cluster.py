"""The data directory of the embedded PostgreSQL: made whole or not at all, and never of a wrong version."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.support.ports import free_port
from webmacs.config import load_config
from webmacs.embedded import cluster
from webmacs.embedded.account import choose_account
from webmacs.embedded.cluster import ensure_cluster
from webmacs.embedded.place import Place, find_place
from webmacs.problem import Problem


@pytest.fixture
def place(project: Path) -> Place:
    return find_place(load_config(project / "config.toml", {}))


def test_it_is_made_once_and_belongs_to_the_account_of_the_server(place: Place) -> None:
    assert ensure_cluster(place, "secret") is True
    assert ensure_cluster(place, "secret") is False
    assert place.data.stat().st_uid == place.account.uid != 0
    assert "scram-sha-256" in (place.data / "pg_hba.conf").read_text()


def test_another_version_is_refused(place: Place) -> None:
    ensure_cluster(place, "secret")
    (place.data / "PG_VERSION").write_text("13\n")
    with pytest.raises(Problem, match="is of PostgreSQL 13, and the embedded one is 17"):
        ensure_cluster(place, "secret")


def test_a_directory_with_something_else_is_left_alone(place: Place) -> None:
    place.data.mkdir(parents=True)
    (place.data / "letter.txt").write_text("dear")
    with pytest.raises(Problem, match="is not empty"):
        ensure_cluster(place, "secret")
    assert (place.data / "letter.txt").exists()


def test_a_failed_initdb_leaves_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "of_this_machine", lambda _: {"max_connections": "many"})
    with pytest.raises(Problem, match="initdb could not make"):
        ensure_cluster(place, "secret")
    assert not list(place.data.parent.glob("postgres*"))


def test_the_owner_of_the_data_runs_the_server(project: Path) -> None:
    owned = project / "data"
    owned.mkdir()
    if os.geteuid() == 0:
        os.chown(owned, 65534, 65534)
    assert choose_account(owned).uid == owned.stat().st_uid


def test_data_that_the_account_cannot_reach_live_in_an_open_place(
    project: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path_factory.mktemp("closed")
    closed.chmod(0o700)
    monkeypatch.setattr("webmacs.embedded.place.OPEN_PLACE", project / "open")
    place = find_place(load_config(closed / "config.toml", {}))
    assert ensure_cluster(place, "secret") is True
    assert place.data.is_relative_to(project / "open" if os.geteuid() == 0 else closed)
    assert find_place(load_config(closed / "config.toml", {})) == place


def test_a_server_that_holds_the_data_is_named(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CLOSING_SECONDS", 0.0)
    ensure_cluster(place, "secret")
    cluster.await_former_server(place)
    command = [str(place.programs / "postgres"), "-D", str(place.data), "-p", str(free_port())]
    command += ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
    with subprocess.Popen(command, cwd="/", stderr=subprocess.PIPE, text=True, **place.account.popen()) as server:
        assert server.stderr is not None
        next(line for line in server.stderr if "ready to accept" in line)
        with pytest.raises(Problem, match=f"process {server.pid}"):
            cluster.await_former_server(place)
        server.send_signal(signal.SIGINT)
    cluster.await_former_server(place)
