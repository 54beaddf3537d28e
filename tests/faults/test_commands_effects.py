"""From rpc/set_value to the device and back, with the real controller: one effect, whatever is killed."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.controller.process import Controller, effects_in, prepare, start, until
from tests.faults.installation import Installation
from tests.support.drive import Drive, Row
from tests.support.people import Caller
from tests.support.postgres import Connection

PATIENCE = 60
UNDER_WAY = ("queued", "sent")


@pytest.fixture
def controller(drive: Drive) -> Caller:
    return drive.controller()


@pytest.fixture
def folder(tmp_path: Path, installation: Installation, controller: Caller) -> Path:
    """Of a controller with a pump."""
    prepare(tmp_path, f"ws://{installation.sidecar.url}/ws/controller/telemetry", controller.token)
    return tmp_path


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Controller]:
    process = await start(folder)
    try:
        yield process
    finally:
        if process.process.returncode is None:
            process.kill()
            await process.process.wait()


@pytest.fixture
def pump(drive: Drive, controller: Caller) -> int:
    """The event of the controller's pump, as a first contact has made it."""
    channel = {"id": "pump", "name": "Pump", "unit": "%", "min": 0, "max": 100, "direction": "output"}
    hello = {"instances": [{"name": "Tank", "plugin": "ledger", "channels": [channel]}]}
    drive.sidecar.execute("select private.controller_hello(%s, %s::jsonb)", (controller.id, json.dumps(hello)))
    return drive.number(
        "select m.event_id from private.channel_mappings m"
        " join private.plugin_instances i on i.id = m.plugin_instance_id where i.controller_id = %s",
        controller.id,
    )


@pytest.fixture
def listener(installation: Installation) -> Iterator[Connection]:
    with installation.database.connect() as connection:
        connection.execute("listen webmacs_changes")
        yield connection


async def ended(drive: Drive, listener: Connection, command: Row) -> Row:
    """The command when it has come to its end."""
    async with asyncio.timeout(PATIENCE):
        while (now := drive.command(command))["state"] in UNDER_WAY:
            await asyncio.to_thread(lambda: list(listener.notifies(timeout=5, stop_after=1)))
    return now


async def test_there_and_back(folder: Path, drive: Drive, pump: int, listener: Connection) -> None:
    async with running(folder):
        done = await ended(drive, listener, drive.set(pump, 5, ttl_seconds=60))
    assert (done["state"], done["value_read"], done["error"]) == ("done", 5, None)
    assert effects_in(folder) == [5]


async def test_the_sidecar_is_killed_right_after_the_command(
    folder: Path, drive: Drive, pump: int, listener: Connection, installation: Installation
) -> None:
    async with running(folder):
        made = drive.set(pump, 6, ttl_seconds=600)
        await asyncio.to_thread(installation.sidecar.kill)
        await asyncio.to_thread(installation.sidecar.start)
        done = await ended(drive, listener, made)
    assert done["state"] == "done"
    assert effects_in(folder) == [6]


async def test_the_controller_is_killed_after_it_has_written(
    folder: Path, drive: Drive, pump: int, listener: Connection
) -> None:
    async with running(folder) as process:
        (folder / "in the write").touch()
        made = drive.set(pump, 7, ttl_seconds=600)
        await process.died()
    (folder / "in the write").unlink()
    async with running(folder):
        unknown = await ended(drive, listener, made)
    assert (unknown["state"], unknown["value_read"]) == ("outcome_unknown", 0)
    assert effects_in(folder) == [7, 0]  # and made safe, for nobody knew how long it was left alone


async def test_the_sidecar_is_killed_and_stays_away(
    folder: Path, drive: Drive, pump: int, listener: Connection, installation: Installation
) -> None:
    """The pump goes to its safe value, people are told when there is somebody to tell, and it stays there."""
    drive.superuser.execute("update private.channel_mappings set safe_after_seconds = 1 where event_id = %s", (pump,))
    async with running(folder):
        assert (await ended(drive, listener, drive.set(pump, 9, ttl_seconds=60)))["state"] == "done"
        await asyncio.to_thread(installation.sidecar.kill)
        await until(lambda: effects_in(folder) == [9, 0])
        await asyncio.to_thread(installation.sidecar.start)
        await until(lambda: told_of(drive, pump) == (0, NOTE, f"Tank/pump has to go to its safe value 0: {WHY}"))
        assert (await ended(drive, listener, drive.set(pump, 10, ttl_seconds=60)))["state"] == "done"
        await until(lambda: told_of(drive, pump)[:2] == (10, None))
    assert effects_in(folder)[:3] == [9, 0, 10]


WHY = "the server was not heard for 1 s"
NOTE = f"at its safe value: {WHY}"


def told_of(drive: Drive, pump: int) -> tuple[float | None, str | None, str]:
    """Value and status of the pump, and the last that its controller has told."""
    status = "select status_detail from private.channel_mappings where event_id = %s"
    entry = "select message from private.log_entries where level = 'warning' order by id desc limit 1"
    [told] = drive.rows(drive.superuser, f"select ({status}) as status, ({entry}) as entry", pump)
    return drive.newest(pump), told["status"], told["entry"]
