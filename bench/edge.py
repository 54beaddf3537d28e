"""A controller as a process of its own, with many channels, which works for the throw-away installation."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from webmacs_controller.storage.contents import read_contents

from bench.stack import ROOT, Stack, cpu_seconds

INSTANCES, CHANNELS, INTERVAL = 10, 100, 0.1
PATIENCE_SECONDS = 60.0
BLOCK = 512  # bytes, of what getrusage(2) counts
PROGRAM = Path(sys.executable).with_name("webmacs-controller")
SETTINGS = """
[server]
url = "ws://127.0.0.1:{port}/ws/controller/telemetry"
token = "{token}"
"""
INSTANCE = """
[[instances]]
name = "Device {number}"
plugin = "channels"
interval_seconds = {interval}
config.count = {channels}
"""
OF_EDGE = """
    select e.id
    from private.controllers c
    join private.plugin_instances i on i.controller_id = c.id
    join private.channel_mappings m on m.plugin_instance_id = i.id
    join private.events e on e.id = m.event_id
    where c.name = 'edge'
"""


class Edge:
    """`webmacs-controller run` on a folder that outlives it, and what the database has of it."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self.folder = folder
        self.buffer = folder / "controller.buffer"
        self._connection = stack.superuser()
        self._process: subprocess.Popen[bytes] | None = None
        settings = SETTINGS.format(port=stack.config.server.port, token=stack.seed.edge_token)
        devices = [INSTANCE.format(number=n, interval=INTERVAL, channels=CHANNELS) for n in range(INSTANCES)]
        (folder / "controller.toml").write_text(settings + "".join(devices))
        _install_plugin(folder)

    @property
    def pids(self) -> list[int]:
        """Of the guard, and of the process that it guards."""
        assert self._process is not None
        guard = self._process.pid
        return [guard, *map(int, Path(f"/proc/{guard}/task/{guard}/children").read_text().split())]

    @property
    def waiting(self) -> int:
        """Points on disk."""
        return read_contents(self.buffer).points

    def start(self) -> None:
        """Let it measure."""
        command = [str(PROGRAM), "run", "--config", str(self.folder / "controller.toml")]
        paths = os.pathsep.join([str(ROOT), str(self.folder)])
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, "PYTHONPATH": paths})

    def stop(self) -> int:
        """End it in good order, if it runs. How many bytes it has written to disk in its life."""
        if self._process is None:
            return 0
        self._process.terminate()
        _, status, usage = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        self._process = None
        return usage.ru_oublock * BLOCK

    def cpu_seconds(self) -> float:
        """Processor time that they have used."""
        return sum(map(cpu_seconds, self.pids))

    def most_memory_mb(self) -> float:
        """The most that was ever resident, of each; what they share is counted twice."""
        return sum(_number(pid, "status", "VmHWM") for pid in self.pids) / 1024

    def written_bytes(self) -> int:
        """To disk, until now."""
        return sum(_number(pid, "io", "write_bytes") for pid in self.pids)

    def configure(self, statement: str, *values: object) -> None:
        """Change what it measures, by SQL."""
        self._connection.execute(statement.encode(), values)

    def ask(self, question: str, *values: object) -> Sequence[Any]:
        """A column of the database, about `{events}`: those that it measures."""
        rows = self._connection.execute(question.format(events=OF_EDGE).encode(), values).fetchall()
        return [row[0] for row in rows]

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        """Raises TimeoutError, which says what the controller said last."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{what}:\n" + (self.folder / "log").read_text()[-2000:])
            time.sleep(0.1)

    def close(self) -> None:
        """Nothing runs any more."""
        self.stop()
        self._connection.close()


@contextmanager
def edge(stack: Stack) -> Iterator[Edge]:
    """Its folder lies beside the sources: /tmp may be in memory, where nothing is written to a disk."""
    with TemporaryDirectory(dir=ROOT, prefix=".bench-") as folder:
        device = Edge(stack, Path(folder))
        try:
            yield device
        finally:
            device.close()


def _number(pid: int, file: str, name: str) -> int:
    """A line `name: number` of what the kernel tells of a process."""
    lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(f"{name}:")))


def _install_plugin(folder: Path) -> None:
    """What pip would leave of a package with the plugin."""
    package = folder / "channels-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: channels\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text("[webmacs.plugins]\nchannels = bench.load.channels:Channels\n")
