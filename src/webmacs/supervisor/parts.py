"""The parts, each with its command."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from webmacs.config import Config
from webmacs.embedded.cluster import environment as postgres_environment
from webmacs.embedded.place import Place
from webmacs.embedded.postgrest import find_program
from webmacs.setup import CONTROLLER
from webmacs.supervisor.answers import controller_answers, http_answers, postgres_answers
from webmacs.supervisor.part import Part


def postgres(config: Config, place: Place) -> Part:
    """The embedded PostgreSQL, on 127.0.0.1 only."""
    command = [str(place.programs / "postgres"), "-D", str(place.data), "-c", "listen_addresses=127.0.0.1"]
    command += ["-c", f"port={config.database.port}", "-c", "unix_socket_directories="]
    return Part(
        name="PostgreSQL",
        command=command,
        log=_log(config, "postgres"),
        ready=lambda: postgres_answers(config),
        environment=postgres_environment(),
        folder=Path("/"),
        stop_signal=signal.SIGINT,  # "fast": ends the connections and writes a checkpoint
        popen=place.account.popen(),
    )


def postgrest(config: Config) -> Part:
    """PostgREST; ready when it has read the schema."""
    host, port = config.postgrest.connect_host, config.postgrest.admin_port
    command = [str(find_program(config)), str(config.folder / "postgrest.conf")]
    return _part(config, "PostgREST", command, lambda: http_answers(host, port, "/ready"))


def sidecar(config: Config) -> Part:
    """The FastAPI sidecar; ready when it says that each of its parts works."""
    host, port = config.server.connect_host, config.server.port
    return _part(
        config, "sidecar", [sys.executable, "-m", "webmacs.web.server"], lambda: http_answers(host, port, "/health")
    )


def controller(config: Config, name: str) -> Part:
    """The demo controller; ready when the sidecar heard it."""
    started = time.time()
    command = [
        str(Path(sys.executable).with_name("webmacs-controller")),
        "run",
        "--config",
        str(config.folder / CONTROLLER),
    ]
    return _part(config, "controller", command, lambda: controller_answers(config, name, started))


def _part(config: Config, name: str, command: list[str], ready: Callable[[], bool]) -> Part:
    # PostgREST would take settings from PGRST_… over those of its file.
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("PGRST_")}
    environment = {**inherited, "WEBMACS_CONFIG": str(config.file), "PYTHONUNBUFFERED": "1"}
    return Part(name, command, _log(config, name.lower()), ready, environment, config.folder)


def _log(config: Config, name: str) -> Path:
    return config.folder / "var" / "log" / f"{name}.log"
