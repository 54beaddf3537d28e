"""From the upload to values of the plugin: a real controller installs packages, replaces and removes them."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.controller.process import program
from tests.sidecar.conftest import Door, bearer
from tests.support.balance import build_balance
from tests.support.packages import PLUGIN, Signer, file_name, header, wheel
from tests.support.people import Caller, People
from tests.support.sidecar import running_sidecar
from tests.support.sql import Sql
from webmacs.config import Config

SIGNER = Signer()
PATIENCE = 30.0


@pytest.fixture(scope="module")
def door(config: Config) -> Iterator[Door]:
    with running_sidecar(replace(config, plugins=replace(config.plugins, trusted_keys=[SIGNER.line]))) as url:
        door = Door(url)
        yield door
        door.client.close()


@pytest.fixture(scope="module")
def controller(people: People) -> Caller:
    return people.controller("edge")


@pytest.fixture(scope="module")
def edge(door: Door, controller: Caller, tmp_path_factory: pytest.TempPathFactory) -> Iterator["Edge"]:
    folder = tmp_path_factory.mktemp("edge")
    url = f"{door.url.replace('http', 'ws', 1)}/ws/controller/telemetry"
    (folder / "controller.toml").write_text(
        f'[server]\nurl = "{url}"\ntoken = "{controller.token}"\n[plugins]\ntrusted_keys = ["{SIGNER.line}"]\n'
    )
    with Edge.running(folder) as edge:
        yield edge


class Edge:
    """A controller's process, which knows only its server and one key."""

    def __init__(self, folder: Path, process: psutil.Popen) -> None:
        self.folder = folder
        self.process = process

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> Iterator["Edge"]:
        with (folder / "log").open("ab") as log, psutil.Popen(program(folder), stdout=log, stderr=log) as process:
            try:
                yield cls(folder, process)
            finally:
                process.terminate()

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def packages(self) -> set[str]:
        """The names of the folders that are there."""
        folders = (self.folder / "controller.plugins").glob("*-*")
        return {path.name.rpartition("-")[0] for path in folders}


@pytest.fixture
def plant(sql: Sql, people: People, door: Door, controller: Caller, edge: Edge) -> "Plant":
    return Plant(sql, people, door, controller, edge)


class Plant:
    """What an administrator does, and sees."""

    def __init__(self, sql: Sql, people: People, door: Door, controller: Caller, edge: Edge) -> None:
        self.sql, self.edge = sql, edge
        self._admin = people.the("admin")
        self._door = door
        self._controller = controller

    def upload(self, content: bytes, name: str) -> int:
        headers = bearer(self._admin.token) | {"File-Name": name, "File-Signature": header(SIGNER.sign(content))}
        answer = self._door.client.post("/plugins/packages", content=content, headers=headers)
        assert answer.status_code == 201, answer.text
        return int(answer.json()["id"])

    def lamp(self, version: str, **more: str) -> int:
        return self.upload(wheel("lab-lamp", version, **more), file_name("lab-lamp", version))

    def do(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        cursor = self.sql.as_role("admin").execute(statement.encode(), values)
        return cursor.fetchall() if cursor.description else []

    def assign(self, package: int) -> None:
        self.do(
            "insert into api.plugin_package_assignments (controller_id, package_id) values (%s, %s)",
            self._controller.id,
            package,
        )

    def state(self, name: str) -> tuple[str, str | None]:
        rows = self.do("select state, detail from api.plugin_package_assignments where name = %s", name)
        return rows[0][0], rows[0][1]

    def versions(self) -> dict[str, str]:
        return dict(self.do("select plugin, version from api.controller_plugins"))

    def values(self) -> set[float]:
        rows = self.do("select value from api.latest l join api.events e on e.id = l.event_id where e.area = 'Lamp'")
        return {value for (value,) in rows}

    def until(self, fits: Callable[[], bool]) -> None:
        """What another process brings about tells nobody here."""
        deadline = time.monotonic() + PATIENCE
        while not fits():
            assert time.monotonic() < deadline, f"{self.do('table api.plugin_package_assignments')}\n{self.edge.log}"
            time.sleep(0.05)


def test_from_the_upload_to_its_values(plant: Plant, tmp_path: Path) -> None:
    """The example is installed live; another is replaced, once by what does not work, and removed."""
    built = build_balance(tmp_path)
    plant.assign(plant.upload(built.read_bytes(), built.name))
    plant.until(lambda: plant.state("webmacs-sics-balance") == ("installed", None))
    plant.until(lambda: "sics_balance" in plant.versions())
    schema = plant.do("select schema from api.controller_plugins where plugin = 'sics_balance'")
    assert "host" in schema[0][0]["properties"]

    plant.assign(plant.lamp("1.0"))
    plant.until(lambda: plant.versions().get("lab_lamp") == "1.0")
    plant.do(
        "insert into api.plugin_instances (controller_id, name, plugin, interval_seconds)"
        " select id, 'Lamp', 'lab_lamp', 0.1 from api.controllers where name = 'edge'"
    )
    plant.until(lambda: plant.values() == {7})

    update = "update api.plugin_package_assignments set package_id = %s where name = 'lab-lamp'"
    plant.do(update, plant.lamp("1.1", code="1 / 0"))
    plant.until(lambda: plant.state("lab-lamp")[0] == "failed")
    assert "ZeroDivisionError" in str(plant.state("lab-lamp")[1])
    assert plant.versions()["lab_lamp"] == "1.0"
    assert "packages were replaced" not in plant.edge.log

    plant.do(update, plant.lamp("2.0", value="8"))
    plant.until(lambda: plant.state("lab-lamp") == ("installed", None))
    plant.until(lambda: plant.values() == {8})
    assert plant.edge.log.count("packages were replaced") == 1
    assert plant.versions()["lab_lamp"] == "2.0"
    assert plant.versions()["sics_balance"] == "0.1.0"
    plant.until(lambda: plant.edge.packages() == {"lab-lamp-2.0", "webmacs-sics-balance-0.1.0"})

    deadly = "\n    async def connect(self):\n        import os\n        os.abort()\n"
    plant.do(update, plant.lamp("3.0", code=PLUGIN.format(plugin="lab_lamp", version="3.0", value="9") + deadly))
    plant.until(lambda: plant.state("lab-lamp")[0] == "failed")
    assert "The process died 3 times in a row; packages are left out" in str(plant.state("lab-lamp")[1])
    plant.do(update, plant.lamp("2.1", value="10"))
    plant.until(lambda: plant.values() == {10})
    plant.until(lambda: plant.state("lab-lamp") == plant.state("webmacs-sics-balance") == ("installed", None))

    plant.do("delete from api.plugin_package_assignments where name = 'lab-lamp'")
    plant.until(lambda: "lab_lamp" not in plant.versions())
    plant.until(lambda: plant.edge.packages() == {"webmacs-sics-balance-0.1.0"})
    instances = "select status, setting_error from api.plugin_instances where name = 'Lamp'"
    plant.until(lambda: plant.do(instances)[0][0] == "error")
    assert "'lab_lamp' is not installed" in plant.do(instances)[0][1]
    assert plant.edge.process.is_running()
