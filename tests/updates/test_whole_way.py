"""From `webmacs release build` to the new version reporting itself, with real processes and a real server."""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from webmacs_controller.updates import launcher
from webmacs_controller.updates.launcher import CURRENT, OUTCOME

from tests.controller.process import environment, measured_in, prepare
from tests.support.people import Caller, People
from tests.support.repacked import repack_controller_needs
from tests.support.sidecar import running_sidecar
from tests.support.sql import Sql
from webmacs.config import Config

ROOT = Path(__file__).parents[2]
TERMS = '[updates]\nfolder = "here"\nsteady_seconds = 2\nprobation_seconds = 25\n'
WAY = ("pending", "downloading", "verified", "installing", "probation", "completed")
SENDING = "    async def _send_frames(self) -> None:\n"
PATIENCE = 90.0


class Plant:
    """A machine with a controller that counts, and the server that it sends to."""

    def __init__(self, folder: Path, sql: Sql, url: str, admin: Caller) -> None:
        self.folder = folder
        self.sql = sql
        self.url = url
        self.admin = admin
        self.config = ["--config", str(folder / "controller.toml")]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, str(self.folder / "here" / "launcher.py"), "run", *self.config]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, env=environment(self.folder), start_new_session=True
            )

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(30)

    def give(self, bundle: Path) -> int:
        """An administrator uploads it, and wants it on this controller; the number of the update."""
        content = bundle.read_bytes()
        headers = {"Authorization": f"Bearer {self.admin.token}", "File-Name": bundle.name}
        path = f"{self.url}/ota/bundles/{hashlib.sha256(content).hexdigest()}"
        answer = httpx.post(path, content=content, headers=headers, timeout=60, trust_env=False)
        assert answer.status_code == 201, answer.text
        statement = (
            "insert into api.updates (controller_id, bundle_id)"
            " select id, %s from api.controllers where name = 'edge' returning id"
        )
        row = self.sql.as_role("admin").execute(statement, (answer.json()["id"],)).fetchone()
        assert row is not None
        return int(row[0])

    def state(self, update: int) -> tuple[str, str | None]:
        ((state, detail),) = self.ask(f"select state, detail from private.updates where id = {update}")
        return state, detail

    def steps(self, update: int) -> list[str]:
        return [
            row[0] for row in self.ask(f"select state from private.update_steps where update_id = {update} order by id")
        ]

    @property
    def software(self) -> str:
        rows = self.ask("select software from private.controllers where name = 'edge' and connected_at is not null")
        return str(rows[0][0]) if rows else ""

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        return self.sql.superuser.execute(statement.encode()).fetchall()

    @property
    def counted(self) -> list[int]:
        """The values that the server has."""
        rows = self.ask("select value from private.datapoints where quality >= 64 order by ts")
        return [int(value) for (value,) in rows]

    @property
    def outcome(self) -> dict[str, Any]:
        return launcher.read(self.folder / "here" / OUTCOME) or {}

    def until(self, fits: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not fits():
            assert time.monotonic() < end, f"{self.software} {self.outcome}\n{(self.folder / 'log').read_text()}"
            time.sleep(0.1)


@pytest.fixture
def plant(config: Config, people: People, sql: Sql, tmp_path: Path) -> Iterator[Plant]:
    ota = replace(config.ota, root=str(tmp_path / "1.root.json"), uploads_dir=tmp_path / "uploads")
    with running_sidecar(replace(config, ota=ota)) as url:
        folder = tmp_path / "machine"
        folder.mkdir()
        token = people.controller("edge").token
        socket = f"{url.replace('http', 'ws', 1)}/ws/controller/telemetry"
        prepare(folder, socket, token, "counter", 0.2, TERMS)
        plant = Plant(folder, sql, url, people.the("admin"))
        yield plant
        plant.stop()


def webmacs(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "webmacs", "release", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder).stdout.strip()


def release(folder: Path, counter: int, version: str, harm: tuple[str, str] = ("", "")) -> Path:
    """Built from our sources, with another version, and perhaps a mistake."""
    sources = folder / version / "controller"
    shutil.copytree(ROOT / "controller", sources, ignore=shutil.ignore_patterns("__pycache__", "examples"))
    project = sources / "pyproject.toml"
    project.write_text(re.sub(r'(?m)^version = ".*"', f'version = "{version}"', project.read_text()))
    session = sources / "src" / "webmacs_controller" / "transport" / "session.py"
    assert harm[0] in session.read_text()
    session.write_text(session.read_text().replace(*harm, 1))
    more = ["--sources", version, "--wheels", "wheels", "--created", "2026-01-01", "--expires", "2099-01-01"]
    path = webmacs(folder, "build", "--counter", str(counter), "--root", "1.root.json", *more)
    webmacs(folder, "sign", path, "--key", "signer.key")
    return folder / path


def test_the_whole_way(plant: Plant, tmp_path: Path) -> None:
    for name in ("owner", "signer"):
        webmacs(tmp_path, "key", f"{name}.key", "--no-passphrase")
    webmacs(tmp_path, "root", "1.root.json", "--owner", "owner.key.pub", "--signer", "signer.key.pub")
    webmacs(tmp_path, "sign", "1.root.json", "--key", "owner.key")
    (tmp_path / "wheels").mkdir()
    repack_controller_needs(tmp_path / "wheels")
    first = release(tmp_path, 1, "1.0.0")
    better = release(tmp_path, 2, "1.1.0")
    silent = release(tmp_path, 3, "1.2.0", (SENDING, f"{SENDING}        return await asyncio.Event().wait()\n"))

    begin = "from webmacs_controller.cli.main import main; main()"
    command = [sys.executable, "-c", begin, "update", "begin", str(first), "--root", str(tmp_path / "1.root.json")]
    subprocess.run([*command, *plant.config], check=True)
    plant.start()
    plant.until(lambda: plant.software == "webmacs-controller 1.0.0" and len(plant.counted) > 3)

    update = plant.give(better)
    plant.until(lambda: plant.software == "webmacs-controller 1.1.0")
    plant.until(lambda: plant.state(update) == ("completed", None))
    assert plant.steps(update) == list(WAY)

    update = plant.give(silent)
    plant.until(lambda: plant.software == "webmacs-controller 1.2.0")
    plant.until(lambda: plant.software == "webmacs-controller 1.1.0")
    plant.until(lambda: plant.state(update) == ("rolled_back", "it has not proved itself in time"))
    assert plant.outcome["state"] == "rolled_back"
    assert str(launcher.link_target(plant.folder / "here", CURRENT)).startswith("2-1.1.0-")

    last = plant.counted[-1]
    plant.until(lambda: plant.counted[-1] > last + 5)
    plant.stop()
    measured = len(measured_in(plant.folder))
    assert sorted(plant.counted) == list(range(1, measured + 1))  # none is lost, and none is there twice
