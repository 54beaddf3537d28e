"""The examples of docs/integrator.md are run, one after another, against a sidecar and PostgREST."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.sidecar.conftest import Door
from tests.sidecar.plant import Plant
from tests.support.people import People
from tests.support.sql import Sql

PAGE = (Path(__file__).parents[2] / "docs/integrator.md").read_text()
READING, SENDING, LISTENING, ACTING = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def names(door: Door, postgrest: str, people: People, sql: Sql) -> dict[str, Any]:
    """What the examples take from before them."""
    plant = Plant(sql.superuser)
    boiler = plant.event("Boiler")
    plant.store(boiler, ("2026-01-01T12:00:00Z", 40))
    stream = door.url.replace("http", "ws") + "/ws/datapoints/stream"
    return {
        "REST": postgrest,
        "STREAM": stream,
        "TOKEN": people.the("operator").token,
        "heater": plant.event("Heater").id,
        "public_id": str(boiler.public_id),
    }


def run(example: str, names: dict[str, Any]) -> None:
    exec(compile(example, "integrator.md", "exec"), names)  # noqa: S102 - our own page


def test_reading_and_sending(names: dict[str, Any]) -> None:
    run(READING, names)
    assert {"Boiler", "Heater"} <= {event["name"] for event in names["newest"]}
    assert len(names["hours"]["series"]) == 1
    run(SENDING, names)
    assert (names["answer"]["accepted"], names["answer"]["rejected"]) == (2, [])
    run(SENDING, names)  # as after a lost answer
    assert names["answer"]["duplicates"] == 2


def test_listening(names: dict[str, Any]) -> None:
    def on_value(event: str, *_value: Any) -> None:
        assert event == names["public_id"]
        raise StopIteration  # the example listens for ever

    with pytest.raises(StopIteration):
        run(LISTENING, names | {"on_value": on_value})


def test_acting(names: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    run(READING, names)
    run(ACTING, names)
    assert "Heater is a sensor" in capsys.readouterr().out
