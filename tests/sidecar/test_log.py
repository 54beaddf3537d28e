"""The sidecar's log by its settings, with the id of the request; the journal is in tests/controller/test_logs.py."""

from dataclasses import replace
from pathlib import Path

from tests.sidecar.conftest import Door
from tests.support.logging_as import logging_as
from tests.support.people import People
from tests.support.ports import free_port
from tests.support.sidecar import running_sidecar
from webmacs.config import Config


def test_each_line_names_its_request(config: Config, people: People, tmp_path: Path) -> None:
    file = tmp_path / "sidecar.log"
    quiet = replace(config, log=replace(config.log, file=file, levels={"live": "warning"}))
    logged = replace(quiet, server=replace(config.server, port=free_port()))
    with logging_as(logged.log), running_sidecar(logged) as url:
        door = Door(url)
        door.client.get("/auth/me?token=secret", headers={"X-Request-ID": "shift-3.pump_7"})
        door.client.get("/health", headers={"X-Request-ID": "not-told"})
        door.client.close()
    (line,) = [line for line in file.read_text().splitlines() if "shift-3.pump_7" in line]
    assert "INFO    webmacs.access [shift-3.pump_7] 127.0.0.1 GET /auth/me 401 " in line
    assert "secret" not in file.read_text()
    assert "webmacs.access [not-told]" not in file.read_text()  # at level debug
