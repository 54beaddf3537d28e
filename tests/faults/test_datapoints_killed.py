"""Whatever is killed in the middle of ingest: no acknowledged point is missing, none is there twice."""

import asyncio
from collections.abc import Callable

import pytest

from tests.faults.conftest import MakeSender
from tests.faults.counting import missing_and_twice
from tests.faults.installation import Installation

FRAMES, POINTS, WINDOW = 600, 50, 40
WHEN = (0.1, 0.4, 0.7)
PATIENCE = 120


def _kill_sidecar(installation: Installation) -> None:
    installation.sidecar.kill()
    installation.sidecar.launch()


def _restart_sidecar(installation: Installation) -> None:
    installation.sidecar.stop()
    installation.sidecar.launch()


# what happens, and whether the sender has to connect again: while PostgreSQL is away its frames wait
FAULTS: dict[str, tuple[Callable[[Installation], None], bool]] = {
    "kill -9 of the sidecar": (_kill_sidecar, True),
    "restart of the sidecar": (_restart_sidecar, True),
    "kill -9 of PostgreSQL": (Installation.kill_postgres, False),
    "restart of PostgreSQL": (Installation.restart_postgres, False),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_in_the_middle_of_ingest(fault: str, installation: Installation, make_sender: MakeSender) -> None:
    happens, disconnects = FAULTS[fault]
    sender = make_sender(FRAMES, POINTS, WINDOW)
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        tasks.create_task(sender.run())
        for times, share in enumerate(WHEN, start=1):
            await sender.allow(share + 0.3)
            await sender.reached(share)
            await asyncio.to_thread(happens, installation)
            await sender.connected(times + 1 if disconnects else 1)
        await sender.allow_all()
    assert missing_and_twice(installation, sender) == (0, 0)
    assert sender.points_acknowledged == FRAMES * POINTS
    assert (sender.rejected, sender.errors) == (0, [])
    assert disconnects or sender.connections == 1


async def test_what_was_acknowledged_before_the_end_is_there(
    installation: Installation, make_sender: MakeSender
) -> None:
    """Both die at once, and the sender never comes back."""
    sender = make_sender(FRAMES, POINTS, WINDOW)
    running = asyncio.create_task(sender.run())
    async with asyncio.timeout(PATIENCE):
        await sender.reached(0.3)
    installation.sidecar.kill()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await asyncio.to_thread(installation.kill_postgres)
    await asyncio.to_thread(installation.sidecar.start)
    assert sender.acknowledged >= 0.3 * FRAMES
    assert missing_and_twice(installation, sender) == (0, 0)
