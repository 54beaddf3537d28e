"""The sidecar as a program: it starts, stops, and says nothing secret."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.sidecar.conftest import PASSWORD
from tests.sidecar.live import Live, closing_code, frame, point
from tests.support.database import Database
from tests.support.people import Caller, People
from tests.support.plain import PLAIN
from tests.support.sql import Sql
from webmacs.config import Config

# What no version of the database answers: a row without its number.
BROKEN_INGEST = (
    "create or replace function private.ingest(sources int[], event_ids int[], qualities smallint[],"
    ' timestamps timestamptz[], "values" float8[], live boolean default true)'
    " returns table (ordinal int, reason text)"
    " language sql as $$ select null::int, 'broken' $$"
)


def start(config: Config, database: Database, *arguments: str) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        **database.settings(),
        "WEBMACS_CONFIG": str(config.file),
        "WEBMACS_AUTH_KEYS_DIR": str(config.auth.keys_dir),
        "WEBMACS_SERVER_PORT": str(config.server.port),
        "WEBMACS_AUTH_BCRYPT_ROUNDS": "4",
    }
    config.file.touch()
    command = [sys.executable, "-m", "webmacs", *arguments]
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)


def until_listening(process: subprocess.Popen[str]) -> None:
    assert process.stderr is not None
    line = process.stderr.readline()
    assert "listening on" in line, line + process.stderr.read()


def test_the_log_names_requests_and_no_secrets(config: Config, database: Database, ada: Caller) -> None:
    process = start(config, database, "serve", "--debug")
    until_listening(process)
    url = f"http://127.0.0.1:{config.server.port}"
    body = {"username": ada.name, "password": PASSWORD}
    with httpx.Client(base_url=url, **PLAIN) as client:
        token = client.post("/auth/login", json=body, headers={"X-Request-ID": "find-me"}).json()["access_token"]
        client.get("/auth/me", params={"token": token}, headers={"Authorization": f"Bearer {token}"})
        client.post("/auth/login", json={**body, "password": "another secret"})
        client.get("/line%0Abreak", params={"token": token})
    for path in ("/ws/nothing", "/ws/datapoints/stream"):
        with pytest.raises(InvalidStatus):
            connect(f"ws://127.0.0.1:{config.server.port}{path}?token={token}x")
    process.send_signal(signal.SIGTERM)
    log = process.communicate(timeout=30)[1]
    assert process.returncode == 0
    assert "stopped" in log
    assert "[find-me] 127.0.0.1 POST /auth/login 200" in log
    assert "GET /auth/me 200" in log
    assert "/line%0Abreak" in log
    for secret in (PASSWORD, "another secret", token, token.rsplit(".", 1)[-1]):
        assert secret not in log
    assert "WS /ws/nothing 404" in log
    assert "WS /ws/datapoints/stream 401" in log
    assert "Traceback" not in log
    assert "ERROR" not in log


def test_a_port_in_use_is_one_line(config: Config, database: Database) -> None:
    with socket.create_server(("127.0.0.1", config.server.port)):
        process = start(config, database, "serve")
        said = process.communicate(timeout=30)[1]
    assert process.returncode == 1
    assert f"port {config.server.port}" in said
    assert "Traceback" not in said


def test_keys_that_cannot_be_read_are_one_line(config: Config, database: Database, tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text("not a folder")
    environment = {**os.environ, **database.settings(), "WEBMACS_AUTH_KEYS_DIR": str(file)}
    command = [sys.executable, "-m", "webmacs.web.server"]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert run.returncode == 1
    assert str(file) in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_either_signal_stops_it_in_order(config: Config, database: Database, signal_number: signal.Signals) -> None:
    process = start(config, database, "serve")
    until_listening(process)
    httpx.get(f"http://127.0.0.1:{config.server.port}/app-config.json", **PLAIN)
    process.send_signal(signal_number)
    log = process.communicate(timeout=30)[1]
    assert process.returncode == 0, log
    assert log.rstrip().endswith("stopped")
    assert "Traceback" not in log


def test_a_defect_behind_the_sockets_ends_it_in_order_and_is_a_failure(
    config: Config, database: Database, people: People, sql: Sql
) -> None:
    sql.superuser.execute(BROKEN_INGEST)
    live = Live(f"http://127.0.0.1:{config.server.port}", people, sql.superuser)
    process = start(config, database, "serve")
    until_listening(process)
    with live.telemetry() as socket:
        socket.send(frame(1, point(live.event(), 1)))
        assert closing_code(socket) == 1012
    log = process.communicate(timeout=30)[1]
    assert process.returncode == 1, log
    assert "CRITICAL" in log
    assert log.rstrip().endswith("The sidecar ended because of a defect in it; the lines above say which.")
