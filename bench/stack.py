"""A throw-away installation: PostgreSQL, PostgREST and the sidecar as real processes, with its own data and ports."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg

from bench.seed import Seed, seed
from webmacs.config import Config, load_config
from webmacs.embedded.cluster import ensure_cluster
from webmacs.embedded.place import Place, find_place
from webmacs.migrate import create_database, migrate
from webmacs.setup import set_up
from webmacs.supervisor import parts
from webmacs.supervisor.part import Part, Running

ROOT = Path(__file__).parent.parent


class Stack:
    """Its parts can be killed and started one by one."""

    def __init__(self, folder: Path) -> None:
        set_up(_write_config(folder))
        self.config: Config = load_config(folder / "config.toml")
        self.place: Place = find_place(self.config)
        self.running: dict[str, Running] = {}
        ensure_cluster(self.place, self.config.database.admin_password)
        self.start("postgres")
        create_database(self.config.database)
        migrate(self.config)
        self.seed: Seed = seed(self.config)
        self.start("postgrest")
        self.start("sidecar")

    def start(self, name: str) -> Running:
        """Start postgres, postgrest or sidecar, and wait until it answers."""
        running = self.running[name] = Running(self._part(name))
        running.wait_until_ready()
        return running

    def stop(self, name: str) -> None:
        """Stop it in good order."""
        self.running.pop(name).stop()

    def restart(self, name: str) -> None:
        """Stop and start it: the next measurement finds it fresh."""
        self.stop(name)
        self.start(name)

    def close(self) -> None:
        """Stop everything."""
        for name in reversed(list(self.running)):
            self.stop(name)

    def superuser(self) -> psycopg.Connection[tuple[Any, ...]]:
        """A connection that may do everything."""
        return psycopg.connect(self.config.database.admin_uri, autocommit=True)

    def load(self, name: str, **arguments: Any) -> dict[str, Any]:
        """Run bench.load.<name> in a process of its own, and return what it found."""
        return finish(self.begin_load(name, **arguments))

    def begin_load(self, name: str, **arguments: Any) -> subprocess.Popen[str]:
        """The same, but do not wait for it."""
        command = [sys.executable, "-m", f"bench.load.{name}", json.dumps(arguments)]
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)

    @cached_property
    def telemetry(self) -> dict[str, Any]:
        """What every sender of telemetry needs."""
        return {"port": self.config.server.port, "token": self.seed.controller_token}

    def _part(self, name: str) -> Part:
        if name == "postgres":
            return parts.postgres(self.config, self.place)
        makers: dict[str, Callable[[Config], Part]] = {"postgrest": parts.postgrest, "sidecar": parts.sidecar}
        return makers[name](self.config)


def finish(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Wait for a load, and return what it found."""
    output, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(f"A load ended with {process.returncode}: {process.args!r}")
    found: dict[str, Any] = json.loads(output.splitlines()[-1])
    return found


@contextmanager
def throw_away() -> Iterator[Stack]:
    """A stack that leaves nothing behind."""
    folder = Path(tempfile.mkdtemp(prefix="webmacs-bench-"))
    folder.chmod(0o755)
    try:
        stack = Stack(folder)
        try:
            yield stack
        finally:
            stack.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write_config(folder: Path) -> Path:
    ports = free_ports(4)
    file = folder / "config.toml"
    file.write_text(
        f'[server]\nport = {ports[0]}\npublic_url = "http://127.0.0.1:{ports[0]}"\n'
        f'frontend_dir = "{ROOT / "frontend/dist"}"\n[database]\nport = {ports[1]}\n'
        f"[postgrest]\nport = {ports[2]}\nadmin_port = {ports[3]}\n[controller]\nstart = false\n"
        '[webhooks]\nallow_networks = ["loopback"]\n'
        "[limits]\ntoken_requests = 1_000_000\naddress_requests = 1_000_000\n"
    )
    return file


def free_port() -> int:
    """A port that nobody listens on."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """So many of them."""
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def memory_mb(pid: int) -> float:
    """Resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
    return int(kilobytes) / 1024


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
