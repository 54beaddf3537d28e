"""kill -9 of a controller of a Revolution Pi: its process image has the safe value after the time-out."""

import json
from pathlib import Path

import psutil

from tests.controller import process
from tests.controller.peer import Peer, event_id
from tests.controller.process import until
from tests.controller.revpi.rail import DIO, LED, Rail

VALVE = DIO + 70
OPEN = 0x02
FED = 0x80


def configure(folder: Path, rail: Rail) -> None:
    """As a server had wanted it, with a valve that may be left alone for two seconds."""
    config = {"pictory_file": str(rail.pictory), "process_image": str(rail.image), "outputs": ["O_2"], "watchdog": True}
    valve = {"channel": "O_2", "safe_after_seconds": 2}
    instance = {"name": "Rail", "plugin": "revpi", "interval_seconds": 0.1, "config": config, "channels": [valve]}
    (folder / "controller.configuration").write_text(json.dumps({"version": 1, "instances": [instance]}))


async def test_the_valve_closes(rail: Rail, peer: Peer, tmp_path: Path) -> None:
    process.prepare(tmp_path, peer.url, "token")
    configure(tmp_path, rail)
    controller = await process.start(tmp_path)
    try:
        connection = await peer.connection()
        await connection.welcome()
        await connection.command("1", event_id("Rail", "O_2"), 1)
        assert (await connection.result())["state"] == "done"
        assert rail.get(VALVE, "B") == OPEN
        await until(lambda: bool(rail.get(LED, "B") & FED))
        peer.refuse = 503
        [child] = psutil.Process(controller.process.pid).children()
        child.kill()
        await until(lambda: rail.get(VALVE, "B") == 0)
    finally:
        controller.kill()
        await controller.process.wait()
