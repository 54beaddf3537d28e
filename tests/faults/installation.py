"""PostgreSQL that keeps its promises to the disk, and a sidecar: real processes, to be killed and started again."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field

import httpx
import psutil

from tests.support.database import Database
from tests.support.plain import PLAIN
from tests.support.postgres import PostgresServer
from tests.support.run import Run
from webmacs.config import Config

READY_SECONDS = 60


@dataclass
class Sidecar:
    """The sidecar as a process of its own, always on the same port."""

    config: Config
    environment: dict[str, str]
    run: Run
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        return f"127.0.0.1:{self.config.server.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._wait_until_it_answers(self.launch())

    def launch(self) -> subprocess.Popen[bytes]:
        """Start it, and leave it to others to find out when it answers."""
        with (self.config.folder / "sidecar.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "webmacs.web.server"],
                cwd=self.config.folder,
                env={"PATH": os.environ["PATH"], **self.environment},
                stdout=log,
                stderr=log,
            )
        self.run.ends(self.process)
        return self.process

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        """Ask it to end, and wait for it."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)
            self.process = None

    def memory(self) -> int:
        """Bytes that it has resident."""
        assert self.process is not None
        resident: int = psutil.Process(self.process.pid).memory_info().rss
        return resident

    def _wait_until_it_answers(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not _answers(f"http://{self.url}/.well-known/jwks.json"):
            if process.poll() is not None or time.monotonic() > deadline:
                log = (self.config.folder / "sidecar.log").read_text(errors="replace")
                raise RuntimeError(f"The sidecar does not start:\n{log[-2000:]}")
            time.sleep(0.02)


@dataclass
class Installation:
    """Both of them, and the database."""

    postgres: PostgresServer
    database: Database
    sidecar: Sidecar

    def kill_postgres(self) -> None:
        """End all its processes as a power cut would, and start it again."""
        assert self.postgres.process is not None
        children = psutil.Process(self.postgres.process.pid).children(recursive=True)
        self.postgres.process.kill()
        for child in children:
            child.kill()
        psutil.wait_procs(children, timeout=30)
        self.postgres.process.wait(30)
        self.start_postgres()

    def restart_postgres(self) -> None:
        """Stop it in order, while others are connected, and start it again."""
        self.postgres.stop()
        self.start_postgres()

    def start_postgres(self) -> None:
        self.sidecar.run.ends(self.postgres.start())


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, **PLAIN).is_success
    except httpx.TransportError:
        return False
