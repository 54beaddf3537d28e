"""Plugins for tests: small, real, and wicked on demand."""

import asyncio
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from webmacs_controller import sdk
from webmacs_controller.sdk import Channel, Direction, PluginMeta, Sample

LEVEL = Channel("level", "Level", "m", 0, 10)
PUMP = Channel("pump", "Pump", "%", 0, 100, Direction.OUTPUT, 5)


@dataclass(frozen=True)
class TankConfig:
    address: str = "1"


class Tank(sdk.Plugin[TankConfig]):
    """Gives the values in `values`, one a reading, then the last one again. Calls are noted in `calls`."""

    meta = PluginMeta("tank", "Tank", "1.0")
    config_type = TankConfig

    def __init__(self, values: Sequence[float] = (1.0,)) -> None:
        super().__init__(TankConfig())
        self.values = list(values)
        self.calls: list[str] = []
        self.failures: list[Exception] = []
        self.pump = 50.0
        self.held: Collection[str] = ()
        self.reads = asyncio.Event()

    def channels(self) -> Sequence[Channel]:
        return [LEVEL, PUMP]

    def holds(self) -> Collection[str]:
        return self.held

    async def connect(self) -> None:
        self.calls.append("connect")

    async def read(self) -> Sequence[Sample]:
        self.calls.append("read")
        self.reads.set()
        if self.failures:
            raise self.failures.pop(0)
        value = self.values.pop(0) if len(self.values) > 1 else self.values[0]
        return [Sample("level", value), Sample("pump", self.pump)]

    async def write(self, channel_id: str, value: float) -> None:
        self.calls.append(f"write {channel_id} {value:g}")
        self.pump = value

    async def disconnect(self) -> None:
        self.calls.append("disconnect")


class Stuck(sdk.BlockingPlugin[sdk.NoConfig]):
    """Its read does not return until `release` is set. Notes the threads that call it."""

    meta = PluginMeta("stuck", "Stuck", "1.0")

    def __init__(self) -> None:
        super().__init__(sdk.NoConfig())
        self.reading = threading.Event()
        self.release = threading.Event()
        self.threads: set[str] = set()
        self.disconnected = False

    def channels(self) -> Sequence[Channel]:
        return [LEVEL]

    def connect_blocking(self) -> None:
        self.threads.add(threading.current_thread().name)

    def read_blocking(self) -> Sequence[Sample]:
        self.threads.add(threading.current_thread().name)
        self.reading.set()
        self.release.wait()
        return [Sample("level", 1)]

    def disconnect_blocking(self) -> None:
        self.threads.add(threading.current_thread().name)
        self.disconnected = True
