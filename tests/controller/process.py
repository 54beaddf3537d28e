"""A controller as a process of its own, to be killed, with a plugin that writes down each of its effects."""

import asyncio
import ctypes
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from webmacs_controller import sdk
from webmacs_controller.sdk import Channel, Direction, PluginMeta, Sample

from tests.controller.peer import event_id

PUMP = event_id("Tank", "pump")
PATIENCE = 60
ROOT = Path(__file__).parents[2]
PROGRAM = Path(sys.executable).with_name("webmacs-controller")


@dataclass(frozen=True)
class LedgerConfig:
    folder: str


class Ledger(sdk.BlockingPlugin[LedgerConfig]):
    """A pump whose every write is a line of `effects`. A file with the name of a fault ends the process there."""

    meta = PluginMeta("ledger", "Ledger", "1.0")
    config_type = LedgerConfig

    def __init__(self, config: LedgerConfig) -> None:
        super().__init__(config)
        self._folder = Path(config.folder)
        self._written = False

    def channels(self) -> Sequence[Channel]:
        return [Channel("pump", "Pump", "%", 0, 1e9, Direction.OUTPUT, 0)]

    def read_blocking(self) -> Sequence[Sample]:
        if self._written:
            self._fault("reading back")
        self._written = False
        effects = effects_in(self._folder)
        return [Sample("pump", effects[-1] if effects else 0)]

    def write_blocking(self, channel_id: str, value: float) -> None:
        self._fault("before the write")
        with (self._folder / "effects").open("a") as file:
            file.write(f"{value}\n")
        self._fault("in the write")
        self._written = True

    def _fault(self, name: str) -> None:
        if (self._folder / name).exists():
            kill_all(os.getppid())


@dataclass(frozen=True)
class CounterConfig:
    folder: str


class Counter(sdk.BlockingPlugin[CounterConfig]):
    """Counts its readings, over all processes; each is a line of `measured`, with the monotonic clock's time."""

    meta = PluginMeta("counter", "Counter", "1.0")
    config_type = CounterConfig

    def __init__(self, config: CounterConfig) -> None:
        super().__init__(config)
        self._folder = Path(config.folder)
        self._count = len(measured_in(self._folder))

    def channels(self) -> Sequence[Channel]:
        return [Channel("count", "Count", "1", 0, 1e9)]

    def read_blocking(self) -> Sequence[Sample]:
        self._count += 1
        with (self._folder / "measured").open("a") as file:
            file.write(f"{time.monotonic()}\n")
        return [Sample("count", self._count)]


class Blocker(sdk.Plugin[CounterConfig]):
    """As long as there is a file `blocking`, it stops the event loop, as no plugin may, in the call that it names; with
    `hold` before that, all threads. Each of its calls is a line of `calls`."""

    meta = PluginMeta("blocker", "Blocker", "1.0")
    config_type = CounterConfig

    def channels(self) -> Sequence[Channel]:
        return [Channel("valve", "Valve", "%", 0, 100, Direction.OUTPUT, 0)]

    async def connect(self) -> None:
        self._call("connect")

    async def read(self) -> Sequence[Sample]:
        self._call("read")
        return [Sample("valve", 0)]

    async def write(self, channel_id: str, value: float) -> None:
        self._call("write")

    async def disconnect(self) -> None:
        self._call("disconnect")

    def _call(self, name: str) -> None:
        folder = Path(self.config.folder)
        with (folder / "calls").open("a") as file:
            file.write(f"{name}\n")
        where = (folder / "blocking").read_text() if (folder / "blocking").exists() else ""
        if where == name:
            time.sleep(3600)
        elif where == f"hold {name}":
            ctypes.PyDLL(None).sleep(3600)


def measured_in(folder: Path) -> dict[int, float]:
    """When each value was measured."""
    file = folder / "measured"
    lines = file.read_text().split("\n")[:-1] if file.exists() else []
    return {count: float(line) for count, line in enumerate(lines, 1)}


def effects_in(folder: Path) -> list[float]:
    """What the pump has been set to, in order."""
    file = folder / "effects"
    return [float(line) for line in file.read_text().split()] if file.exists() else []


@dataclass
class Controller:
    """`webmacs-controller run` on a folder that survives it."""

    folder: Path
    process: asyncio.subprocess.Process

    def kill(self) -> None:
        """As a power cut, but for what the disk has not got yet."""
        kill_all(self.process.pid)

    async def died(self) -> None:
        """Wait until it is dead, and see that it was killed."""
        async with asyncio.timeout(30):
            assert await self.process.wait() == -signal.SIGKILL


async def start(folder: Path, *before: str) -> Controller:
    """Run the controller on a folder that is prepared, by a program that executes another if one stands `before`."""
    with (folder / "log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *before, *program(folder), stdout=log, stderr=log, env=environment(folder), start_new_session=True
        )
    return Controller(folder, process)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what another process, or thread, brings about."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - nobody there could set an event
            await asyncio.sleep(0.02)


def kill_all(guard: int) -> None:
    """The guard, which leads a session of its own, and the process that measures."""
    assert os.getpgid(guard) == guard
    os.killpg(guard, signal.SIGKILL)


def prepare(folder: Path, url: str, token: str, plugin: str = "ledger", interval: float = 60, more: str = "") -> None:
    """Put its settings and its plugins there; journal and buffer will be there, too."""
    (folder / "controller.toml").write_text(
        f'[server]\nurl = "{url}"\ntoken = "{token}"\n{more}\n'
        f'[[instances]]\nname = "Tank"\nplugin = "{plugin}"\ninterval_seconds = {interval}\n'
        f'config.folder = "{folder}"\n'
    )
    _make_plugin(folder)


def program(folder: Path) -> list[str]:
    """The controller, as it is called."""
    return [str(PROGRAM), "run", "--config", str(folder / "controller.toml")]


def environment(folder: Path) -> dict[str, str]:
    """In which it finds the plugin."""
    return {**os.environ, "PYTHONPATH": f"{ROOT}:{folder}"}


def configure(folder: Path, safe_after_seconds: float | None, *before: str) -> None:
    """As if a server had wanted it: the pump may be left alone for so long. Blockers of these names come before it."""
    pump = {"channel": "pump", "safe_after_seconds": safe_after_seconds}
    tank = {"name": "Tank", "plugin": "ledger", "interval_seconds": 0.1, "config": {"folder": str(folder)}}
    blocker = {"plugin": "blocker", "interval_seconds": 0.1, "config": {"folder": str(folder)}}
    blockers = [blocker | {"name": name} for name in before]
    configuration = {"version": 1, "instances": [*blockers, tank | {"channels": [pump]}]}
    (folder / "controller.configuration").write_text(json.dumps(configuration))


def _make_plugin(folder: Path) -> None:
    """What `pip install` would leave of a package with the plugin."""
    package = folder / "ledger-1.0.dist-info"
    package.mkdir(exist_ok=True)
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: ledger\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text(
        "[webmacs.plugins]\nledger = tests.controller.process:Ledger\ncounter = tests.controller.process:Counter\n"
        "blocker = tests.controller.process:Blocker\n"
    )
