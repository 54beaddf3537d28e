"""The examples of docs/files-and-tools.md for pandas are run: from a file, and from the database as the reader."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from tests.sidecar.conftest import Door
from tests.sidecar.plant import Plant
from tests.support.database import Database
from tests.support.people import People
from tests.support.sql import Sql

PAGE = (Path(__file__).parents[2] / "docs/files-and-tools.md").read_text()
FROM_FILE, FROM_DATABASE = re.findall(r"```python\n(import pandas.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def asked(sql: Sql) -> str:
    """The address of a file with three values of two events."""
    plant = Plant(sql.superuser)
    boiler, cooler = plant.event("Boiler"), plant.event("Cooler, small")
    plant.store(boiler, ("2026-01-01T00:00:10.25Z", 1), ("2026-01-01T00:00:20Z", 0.1 + 0.2))
    plant.store(cooler, ("2026-01-01T00:01:00.000001Z", 5))
    return f"/export/datapoints?events={boiler.id},{cooler.id}&from=2026-01-01&to=2026-02-01&time_zone=Europe/Zurich"


def run(example: str, **names: Any) -> dict[str, Any]:
    """What the example has made of these names."""
    exec(compile(example, "files-and-tools.md", "exec"), names)  # noqa: S102 - our own page
    return names


def test_from_a_file(
    door: Door, people: People, asked: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    answer = door.get(asked, people.the("viewer").token)
    name = unquote(answer.headers["Content-Disposition"].partition("filename*=UTF-8''")[2])
    (tmp_path / name).write_bytes(answer.content)
    monkeypatch.chdir(tmp_path)
    made = run(FROM_FILE.replace("webmacs_Boiler_2026-01-01T0000_2026-02-01T0000.csv", name))
    table = made["table"]
    assert list(table.columns) == ["Boiler", "Cooler, small"]
    assert table["Boiler"].dropna().tolist() == [1, 0.1 + 0.2]  # to the last bit
    assert table.index[0] == datetime(2026, 1, 1, 0, 0, 10, 250_000, UTC)
    assert table.index[-1].microsecond == 1
    assert "0.65" in capsys.readouterr().out  # the mean of the first minute


def test_from_the_database(database: Database, asked: str) -> None:
    example = FROM_DATABASE.replace(
        "postgresql://webmacs_reader@127.0.0.1:5433/webmacs", database.uri("webmacs_reader")
    )
    begin, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    values = run(example, begin=begin, end=end, password=None)["values"]
    assert values["event"].tolist() == ["Boiler", "Boiler"]
    assert values["value"].tolist() == [1, 0.1 + 0.2]
    assert values["ts"].max() < end
