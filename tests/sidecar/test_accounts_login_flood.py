"""More logins than the one hashing process can take are refused, and nothing else waits for them."""

import asyncio
import json
import os
import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path

import httpx
import psutil
import pytest

from tests.sidecar.conftest import PASSWORD, Door
from tests.support.people import People
from tests.support.plain import PLAIN
from tests.support.ports import free_port
from tests.support.sidecar import running_sidecar
from webmacs.accounts import password_process
from webmacs.accounts.password_worker import NICENESS
from webmacs.config import Config

COMMAND = password_process.COMMAND
LOGIN = {"username": "nobody", "password": PASSWORD}


@pytest.fixture
def _steps_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that hashes, as it does everywhere but in tests."""
    monkeypatch.setattr(password_process, "COMMAND", COMMAND)


async def flood(url: str, logins: int) -> list[httpx.Response]:
    async with httpx.AsyncClient(base_url=url, **PLAIN) as client:
        return await asyncio.gather(*(client.post("/auth/login", json=LOGIN) for _ in range(logins)))


def test_a_full_queue_is_429_with_retry_after(config: Config, people: People) -> None:
    slow = replace(
        config,
        auth=replace(config.auth, bcrypt_rounds=11, login_queue=1),
        server=replace(config.server, port=free_port()),
    )
    with running_sidecar(slow) as url:
        asyncio.run(flood(url, 1))
        answers = asyncio.run(flood(url, 8))
        counts = Counter(answer.status_code for answer in answers)
        assert set(counts) == {401, 429}
        refused = next(answer for answer in answers if answer.status_code == 429)
        assert int(refused.headers["Retry-After"]) > 0
        assert refused.json()["code"] == "too_many_logins"
        # the queue is free again
        assert [answer.status_code for answer in asyncio.run(flood(url, 1))] == [401]


def hashing() -> psutil.Process:
    return next(child for child in psutil.Process().children() if child.cmdline() == COMMAND)


def test_hashing_steps_back_behind_everything_else() -> None:
    with subprocess.Popen(
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdin
        assert process.stdout
        print(json.dumps(["hash", PASSWORD, 4]), file=process.stdin, flush=True)
        process.stdout.readline()
        assert os.sched_getscheduler(process.pid) == os.SCHED_IDLE
        assert psutil.Process(process.pid).nice() == NICENESS
        autogroup = Path(f"/proc/{process.pid}/autogroup")
        if autogroup.exists():
            assert autogroup.read_text().endswith(f"nice {NICENESS}\n")


@pytest.mark.usefixtures("_steps_back")
def test_a_killed_hashing_process_is_started_anew(door: Door) -> None:
    door.login("nobody")
    killed = hashing()
    killed.kill()
    killed.wait()
    assert door.login("nobody").status_code == 401
    assert hashing().pid != killed.pid


@pytest.mark.usefixtures("_steps_back")
def test_a_hashing_process_without_a_processor_keeps_nobody_out(door: Door) -> None:
    door.login("nobody")
    starved = hashing()
    starved.suspend()
    assert door.login("nobody").status_code == 401
    assert not starved.is_running()
