"""Commands that are none: answered where they have an id, logged otherwise, and the connection is kept."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.controller.commanding import PUMP, commanded, opened, result, tank
from tests.controller.peer import Peer

pytestmark = pytest.mark.usefixtures("no_long_flush")


HOSTILE: list[dict[str, Any]] = [
    {"value": None},
    {"value": "1"},
    {"value": True},
    {"value": [1]},
    {"value": 10**400},
    {"ttl": None},
    {"ttl": "soon"},
    {"instance": 7},
    {"channel": None},
    {"after_seq": "7"},
    {"after_seconds": None},
    {"interlocks": None},
    {"interlocks": [{}]},
    {"interlocks": [{"instance": "T", "channel": "level", "operator": "is", "threshold": 1, "max_age": 1}]},
]


@pytest.mark.parametrize("wrong", HOSTILE, ids=str)
async def test_a_command_that_is_not_understood_is_refused_by_its_id(
    peer: Peer, journal: Path, wrong: dict[str, Any]
) -> None:
    gate = opened()
    async with commanded(peer, journal, tank(gate)) as connection:
        await connection.command("1", PUMP, 1, **wrong)
        answer = await connection.result()
        assert (answer["id"], answer["state"]) == ("1", "failed")
        assert answer["error"].startswith("the command is not understood: ")
        await connection.command("2", PUMP, 2)
        assert await connection.result() == result("2", "done", 2)
        assert gate.writes == ["pump 2"]


@pytest.mark.parametrize(
    "frame",
    [
        '{"type":"command"}',
        '{"type":"command","id":""}',
        '{"type":"command","id":7,"value":1}',
        '{"type":"command","id":"1","instance":"T","channel":"pump","value":NaN,"ttl":9,"interlocks":[]}',
        '{"type":"command","id":"1","instance":"T","channel":"pump","value":Infinity,"ttl":9,"interlocks":[]}',
        '{"type":"command","id":"\\ud800","instance":"T","channel":"pump","value":1,"ttl":9,"interlocks":[]}',
        json.dumps({"type": "command", "id": "x" * 101, "value": 1}),
        '{"type":"command_noted","id":null}',
    ],
)
async def test_a_frame_without_an_id_is_only_logged(
    peer: Peer, journal: Path, frame: str, caplog: pytest.LogCaptureFixture
) -> None:
    gate = opened()
    async with commanded(peer, journal, tank(gate)) as connection:
        await connection.socket.send(frame)
        await connection.command("2", PUMP, 2)
        assert await connection.result() == result("2", "done", 2)
        assert gate.writes == ["pump 2"]
    assert "a message of the server is not understood" in caplog.text
