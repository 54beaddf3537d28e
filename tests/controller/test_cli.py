"""The command: the real process, a real server."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from webmacs_controller.cli.main import main

from tests.controller.peer import Connection, Peer

INSTANCES = """
[[instances]]
name = "Machine"
plugin = "system"
interval_seconds = 0.1
[[instances]]
name = "Reactor"
plugin = "simulated"
interval_seconds = 0.02
"""


def config(folder: Path, url: str = "ws://127.0.0.1:1/") -> str:
    path = folder / "controller.toml"
    path.write_text(f'[server]\nurl = "{url}"\ntoken = "s3cret"\n{INSTANCES}')
    return str(path)


@asynccontextmanager
async def process(*arguments: str) -> AsyncIterator[Process]:
    code = "from webmacs_controller.cli.main import main; main()"
    started = await asyncio.create_subprocess_exec(sys.executable, "-c", code, *arguments, stdout=PIPE, stderr=PIPE)
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
            await started.wait()


async def acknowledge(connection: Connection, newest: dict[str, float]) -> None:
    """Answer every frame until the controller closes, noting the newest value of each event."""
    async for frame in connection.frames():
        newest |= {point["event_public_id"]: point["value"] for point in frame["datapoints"]}
        await connection.ack(frame["seq"], accepted=len(frame["datapoints"]))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_run_sends_until_a_signal_then_outputs_are_safe_and_all_is_sent(
    peer: Peer, tmp_path: Path, number: signal.Signals
) -> None:
    newest: dict[str, float] = {}
    async with process("run", "--config", config(tmp_path, peer.url)) as running:
        connection = await peer.connection()
        await connection.welcome()
        first = await connection.receive()
        await connection.ack(first["seq"])
        running.send_signal(number)
        await acknowledge(connection, newest)
        _, errors = await running.communicate()
    log = errors.decode()
    assert running.returncode == 0, log
    assert connection.socket.close_code == 1000
    assert newest["event:Reactor:heater_power"] == newest["event:Reactor:valve_position"] == 0
    assert "Reactor: connected, 9 channels" in log
    assert "are lost" not in log
    assert "s3cret" not in log


async def test_run_ends_at_once_without_a_server(tmp_path: Path) -> None:
    async with process("run", "--config", config(tmp_path)) as running:
        assert running.stderr is not None
        async for line in running.stderr:
            if b"no connection to ws://127.0.0.1:1/" in line:
                break
        os.kill(running.pid, signal.SIGTERM)
        log = (await running.stderr.read()).decode()
        assert await running.wait() == 0
    assert "points wait on disk for the next start" in log


async def test_check_tells_what_works(peer: Peer, tmp_path: Path) -> None:
    async with process("check", "--config", config(tmp_path, peer.url)) as running:
        output, _ = await running.communicate()
    lines = output.decode().splitlines()
    assert running.returncode == 0
    assert [line.split()[0] for line in lines] == ["ok"] * 4
    assert "9 channels; all: uncertain, simulated" in lines[2]


async def test_check_tells_of_a_refused_token(peer: Peer, tmp_path: Path) -> None:
    peer.refuse = 401
    async with process("check", "--config", config(tmp_path, peer.url)) as running:
        output, _ = await running.communicate()
    assert running.returncode == 1
    assert "the server refuses the token" in output.decode()
    assert "s3cret" not in output.decode()


def test_read_shows_every_channel_with_its_unit(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["read", "--config", config(tmp_path)])
    assert result.exit_code == 0
    reactor = next(line for line in result.output.splitlines() if "temp_reactor" in line).split()
    assert reactor[:2] == ["Reactor", "temp_reactor"]
    assert 15 < float(reactor[2]) < 30
    assert reactor[3] == "°C"


def test_a_mistake_is_one_line_and_not_exit_code_0(tmp_path: Path) -> None:
    path = tmp_path / "controller.toml"
    path.write_text("[servr]\n")
    result = CliRunner().invoke(main, ["run", "--config", str(path)])
    assert result.exit_code == 1
    allowed = "server, instances, buffer, commands, configuration, plugins, updates, log"
    assert result.output == f"Error: controller.toml.servr: unknown setting; allowed are {allowed}\n"
