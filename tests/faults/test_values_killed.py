"""From the device to the disk of PostgreSQL, with the real controller: whatever is killed, each value is there once."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psycopg
import pytest
from webmacs_controller.storage.contents import read_contents
from webmacs_controller.storage.errors import StoreError

from tests.controller.process import Controller, measured_in, prepare, start
from tests.faults.installation import Installation
from tests.support.drive import Drive
from tests.support.people import Caller

FLUSH_SECONDS = 1.0
SLACK_SECONDS = 3.0
"""That this machine may be busy; the simulation counts exactly, in a time of its own."""

INTERVAL = 0.02
PATIENCE = 60
STORED = """
select d.value from api.datapoints d join private.channel_mappings m using (event_id)
join private.plugin_instances i on i.id = m.plugin_instance_id where i.controller_id = %s
"""


class Counting:
    """A controller that counts its readings, in one process after the other, and what is stored of them."""

    def __init__(self, folder: Path, installation: Installation, caller: Caller) -> None:
        self.folder = folder
        self.killed_at: list[float] = []
        self._installation = installation
        self._number = caller.id
        self._controller: Controller | None = None
        url = f"ws://{installation.sidecar.url}/ws/controller/telemetry"
        prepare(folder, url, caller.token, "counter", INTERVAL, f"[buffer]\nflush_seconds = {FLUSH_SECONDS}")

    async def start(self) -> None:
        self._controller = await start(self.folder)

    async def kill(self) -> None:
        """Its guard as well, as a power cut does."""
        if self._controller is not None:
            self.killed_at.append(time.monotonic())
            self._controller.kill()
            await self._controller.died()
            self._controller = None

    @property
    def measured(self) -> int:
        return len(measured_in(self.folder))

    @property
    def waiting(self) -> int:
        """On disk."""
        try:
            return read_contents(self.folder / "controller.buffer").points
        except StoreError:
            return 0

    def stored(self) -> Counter[int]:
        """How often each value is in the database."""
        with self._installation.database.connect() as connection:
            return Counter(round(value) for (value,) in connection.execute(STORED, (self._number,)))

    def may_be_lost(self) -> set[int]:
        """What was young when the controller was killed."""
        age = FLUSH_SECONDS + SLACK_SECONDS
        measured = measured_in(self.folder).items()
        return {value for value, at in measured if any(killed - age < at for killed in self.killed_at if at < killed)}

    async def has_stored(self, value: int) -> None:
        """Wait for that one."""
        await until(lambda: self._reached(value))

    def _reached(self, value: int) -> bool:
        try:
            return value in self.stored()
        except psycopg.OperationalError:  # PostgreSQL begins anew
            return False


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await asyncio.to_thread(condition):  # noqa: ASYNC110 - other processes bring it about
            await asyncio.sleep(0.05)


@pytest.fixture
async def counting(tmp_path: Path, installation: Installation, drive: Drive) -> AsyncIterator[Counting]:
    counting = Counting(tmp_path, installation, drive.controller())
    yield counting
    await counting.kill()


async def test_each_value_is_stored_once_whatever_is_killed(counting: Counting, installation: Installation) -> None:
    await counting.start()
    await counting.has_stored(50)
    await asyncio.to_thread(installation.sidecar.kill)
    await until(lambda: counting.waiting > 50)
    await asyncio.to_thread(installation.sidecar.start)
    await counting.has_stored(counting.measured)
    await asyncio.to_thread(installation.kill_postgres)
    await counting.has_stored(counting.measured + 20)
    await asyncio.to_thread(installation.sidecar.kill)
    await until(lambda: counting.waiting > 50)
    await counting.kill()
    await counting.start()
    await asyncio.to_thread(installation.sidecar.start)
    last = counting.measured + 20
    await counting.has_stored(last)
    await until(lambda: counting.waiting == 0)
    stored = await asyncio.to_thread(counting.stored)
    missing = set(range(1, last + 1)) - stored.keys()
    assert missing <= counting.may_be_lost()
    assert len(counting.may_be_lost()) < last
    assert set(stored.values()) == {1}
