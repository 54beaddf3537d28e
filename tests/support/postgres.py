"""PostgreSQL servers: one shared by a run, and servers of one's own to kill."""

import json
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests.support.ports import free_port
from tests.support.programs import PostgresPrograms, postgres_programs
from tests.support.run import Run

Connection = psycopg.Connection[tuple[Any, ...]]

# Whoever loses power here loses a test run: twice as fast.
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
SETTINGS = {"max_connections": "200", "timezone": "UTC", "jit": "off", "unix_socket_directories": ""}
READY_SECONDS = 60


@dataclass(frozen=True)
class Address:
    """Where a server listens. It trusts everyone on this machine, so no passwords are needed."""

    version: int
    port: int

    def uri(self, login: str = "postgres", database: str = "postgres") -> str:
        """The connection URI of this login."""
        return f"postgresql://{login}@127.0.0.1:{self.port}/{database}"

    def connect(self, login: str = "postgres", database: str = "postgres") -> Connection:
        """A connection whose statements are transactions by themselves."""
        return psycopg.connect(self.uri(login, database), autocommit=True)


@dataclass
class PostgresServer:
    """A server with a data directory of its own, which can be killed and started again."""

    programs: PostgresPrograms
    folder: Path
    durable: bool
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> Address:
        return Address(self.programs.version, self.port)

    @property
    def log(self) -> Path:
        return self.folder / f"postgres-{self.port}.log"

    @property
    def data(self) -> Path:
        return self.folder / f"postgres-{self.port}"

    def create(self) -> None:
        """Make the data directory."""
        self.data.mkdir(mode=0o700)
        self.programs.account.give(self.data)
        command = [str(self.programs.folder / "initdb"), f"--pgdata={self.data}", "--username=postgres"]
        command += ["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        subprocess.run(command, cwd="/", check=True, capture_output=True, **self.programs.account.popen())

    def start(self) -> subprocess.Popen[bytes]:
        """Start it and wait until it answers."""
        settings = SETTINGS | ({} if self.durable else NOT_DURABLE)
        command = [str(self.programs.folder / "postgres"), "-D", str(self.data), "-p", str(self.port)]
        command += [argument for name, value in settings.items() for argument in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd="/", stdout=log, stderr=log, start_new_session=True, **self.programs.account.popen()
            )
        self._wait_until_ready(self.process)
        return self.process

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT rolls back and writes everything, SIGKILL is a crash."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(30)
            self.process = None

    def remove(self) -> None:
        """Stop it and delete its data."""
        self.stop()
        shutil.rmtree(self.data, ignore_errors=True)

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                self.address.connect().close()
                return
            except psycopg.OperationalError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"PostgreSQL does not start:\n{self.log.read_text()[-2000:]}") from None
                time.sleep(0.02)


def shared_server(run: Run, version: int) -> Address:
    """The server of this version that all workers of the run use. The first who asks starts it."""
    state = run.folder / f"postgres-{version}.json"
    with run.lock(f"postgres-{version}"):
        if not state.exists():
            server = PostgresServer(postgres_programs(version, run.folder), run.volatile, durable=False)
            server.create()
            run.ends(server.start())
            state.write_text(json.dumps(server.port))
    return Address(version, json.loads(state.read_text()))
