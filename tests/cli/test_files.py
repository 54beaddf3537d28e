"""`webmacs export` and `webmacs import`"""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Command, refused
from tests.sidecar.plant import Event, Plant
from tests.support.people import People
from tests.support.sidecar import running_sidecar
from tests.support.sql import Sql
from webmacs.config import Config

T = "2026-01-01T00:00:00Z"


@pytest.fixture(scope="module")
def plant(sql: Sql) -> Plant:
    return Plant(sql.superuser)


@pytest.fixture(scope="module", autouse=True)
def sidecar(config: Config, people: People) -> Iterator[str]:
    with running_sidecar(config) as url:
        yield url


@pytest.fixture
def token(people: People) -> str:
    return people.the("operator").token


@pytest.fixture
def boiler(plant: Plant) -> Event:
    """An event with two values, another in each test."""
    event = plant.event()
    plant.store(event, (T, 1.5), ("2026-01-01T00:01:00Z", 2))
    return event


def test_a_file_with_a_name_that_says_what_is_inside(
    webmacs: Command, config: Config, boiler: Event, token: str
) -> None:
    span = ["--from", "2026-01-01", "--to", "2026-01-02T12:00"]
    run = webmacs("export", "--events", str(boiler.id), *span, WEBMACS_TOKEN=token)
    assert run.returncode == 0, run.stderr
    file = config.folder / f"webmacs_{boiler.name.replace(' ', '-')}_2026-01-01T0000_2026-01-02T1200.csv"
    assert file.name in run.stderr
    assert len(file.read_text().splitlines()) == 3
    assert "is there already" in refused(webmacs("export", "--events", str(boiler.id), *span, WEBMACS_TOKEN=token))


def test_a_file_of_an_event_with_any_name(webmacs: Command, config: Config, plant: Plant, token: str) -> None:
    event = plant.event("Kühler/漢 €")
    run = webmacs("export", "--events", str(event.id), "--to", "2026-01-02", WEBMACS_TOKEN=token)
    assert run.returncode == 0, run.stderr
    assert (config.folder / "webmacs_Kühler-漢_all_2026-01-02T0000.csv").exists()


def test_to_standard_output(webmacs: Command, boiler: Event, token: str) -> None:
    chosen = ["--events", boiler.public_id, "--grid", "60", "--decimal", "comma", "--time-zone", "Europe/Zurich"]
    run = webmacs("export", *chosen, "-", WEBMACS_TOKEN=token)
    assert run.stdout.splitlines()[1:] == ["2026-01-01T01:00:00+01:00;1,5", "2026-01-01T01:01:00+01:00;2"]


def test_there_and_back(webmacs: Command, plant: Plant, boiler: Event, token: str, tmp_path: Path) -> None:
    file = tmp_path / "values.csv.gz"
    assert webmacs("export", "--events", str(boiler.id), "--gzip", str(file), WEBMACS_TOKEN=token).returncode == 0
    before = plant.stored(boiler)
    plant.superuser.execute("delete from private.datapoints where event_id = %s", (boiler.id,))
    dry = webmacs("import", "--dry-run", str(file), WEBMACS_TOKEN=token)
    assert dry.stdout == "2 lines: 2 values would be stored, 0 were there before, 0 would be rejected.\n"
    assert plant.stored(boiler) == []
    assert webmacs("import", str(file), WEBMACS_TOKEN=token).returncode == 0
    assert plant.stored(boiler) == before


def test_what_is_wrong_is_said_line_by_line(webmacs: Command, boiler: Event, token: str, tmp_path: Path) -> None:
    file = tmp_path / "values.csv"
    file.write_text(f"event,timestamp,value\n{boiler.name},{T},9\nnobody,{T},1\n")
    run = webmacs("import", str(file), WEBMACS_TOKEN=token)
    assert run.returncode == 1
    assert run.stdout.splitlines() == [
        "line 2: The event has another value or quality at this time, and what is stored is never replaced. (conflict)",
        "line 3: There is no such event: 'nobody'. (unknown_event)",
        "2 lines: 0 values stored, 0 were there before, 2 rejected.",
    ]
    found = json.loads(webmacs("import", "--json", str(file), WEBMACS_TOKEN=token).stdout)
    assert found["rejected_total"] == 2


def test_mistakes_are_one_line(webmacs: Command, boiler: Event, people: People, token: str, tmp_path: Path) -> None:
    file = tmp_path / "values.csv"
    file.write_bytes(b"\xff")
    packed = tmp_path / "values.csv.gz"
    packed.write_bytes(gzip.compress(b"event,timestamp,value\n")[:-4])
    viewer = people.the("viewer").token
    experiment = "00000000-0000-0000-0000-000000000000"
    for command, said in (
        (["export"], "Say who asks"),
        (["export", "--token", "x"], "token"),
        (["export", "--token", token, "--time-zone", "Nowhere/Land"], "There is no time zone Nowhere/Land."),
        (["export", "--token", token, "--experiment", experiment], "There is no experiment"),
        (["export", "--token", token, "--experiment", experiment, "--events", "1"], "leave out --events"),
        (["export", "--token", token, "--url", "http://127.0.0.1:1"], "Nobody answers"),
        (["export", "--token", token, str(tmp_path / "no" / "such")], "cannot be written"),
        (["import", "--token", viewer, str(file)], "Only operators"),
        (["import", "--token", token, str(file)], "not text in UTF-8"),
        (["import", "--token", token, str(packed)], "cannot be read"),
    ):
        run = webmacs(*command)
        assert run.returncode == 1, command
        assert said in refused(run)
    assert list(tmp_path.glob("*.part")) == []
