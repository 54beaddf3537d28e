"""The sidecar's log by its settings, with the id of the request; the journal is in tests/controller/test_logs.py."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.sidecar.conftest import Door
from tests.support.people import People
from tests.support.ports import free_port
from tests.support.sidecar import running_sidecar
from webmacs.config import Config
from webmacs.log import configure_logging


@contextmanager
def logging_as(config: Config) -> Iterator[None]:
    """By these settings; then as before."""
    root = logging.getLogger()
    handlers, level, factory = root.handlers[:], root.level, logging.getLogRecordFactory()
    root.handlers[:] = []
    configure_logging(config.log)
    try:
        yield
    finally:
        for handler in root.handlers[:]:
            handler.close()
        root.handlers[:] = handlers
        root.setLevel(level)
        logging.setLogRecordFactory(factory)
        for name in [name for name in root.manager.loggerDict if name.split(".")[0] in ("webmacs", "uvicorn")]:
            logging.getLogger(name).setLevel(logging.NOTSET)


def test_each_line_names_its_request(config: Config, people: People, tmp_path: Path) -> None:
    file = tmp_path / "sidecar.log"
    quiet = replace(config, log=replace(config.log, file=file, levels={"live": "warning"}))
    logged = replace(quiet, server=replace(config.server, port=free_port()))
    with logging_as(logged), running_sidecar(logged) as url:
        door = Door(url)
        door.client.get("/auth/me?token=secret", headers={"X-Request-ID": "shift-3.pump_7"})
        door.client.get("/health", headers={"X-Request-ID": "not-told"})
        door.client.close()
    (line,) = [line for line in file.read_text().splitlines() if "shift-3.pump_7" in line]
    assert "INFO    webmacs.access [shift-3.pump_7] 127.0.0.1 GET /auth/me 401 " in line
    assert "secret" not in file.read_text()
    assert "webmacs.access [not-told]" not in file.read_text()  # at level debug
