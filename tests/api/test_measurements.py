"""The view for Grafana and pandas, and the examples of docs/files-and-tools.md, as the role that reads."""

import re
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from tests.sidecar.plant import Plant
from tests.support.postgres import Connection
from tests.support.sql import Sql

PAGE = (Path(__file__).parents[2] / "docs/files-and-tools.md").read_text()
EXAMPLES = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
BEGIN, END = "2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z"


def as_grafana_sends_it(query: str) -> str:
    """Its macros, as its documentation for PostgreSQL replaces them."""
    query = re.sub(r"\$__timeFilter\((\w+)\)", rf"\1 BETWEEN '{BEGIN}' AND '{END}'", query)
    query = query.replace("$__timeFrom()", f"'{BEGIN}'").replace("$__timeTo()", f"'{END}'")
    return query.replace("$__interval", "1m")


@pytest.fixture(scope="module")
def reader(sql: Sql) -> Connection:
    plant = Plant(sql.superuser)
    boiler, cooler = plant.event("Boiler"), plant.event("Cooler")
    plant.store(boiler, ("2026-01-01T00:00:10Z", 1), ("2026-01-01T00:00:20Z", 2), ("2026-01-02T00:00:00Z", 9))
    plant.store(cooler, ("2026-01-01T00:00:30Z", 5))
    return sql.as_login("webmacs_reader")


def test_a_panel(reader: Connection) -> None:
    rows = reader.execute(as_grafana_sends_it(EXAMPLES[0]).encode()).fetchall()
    assert [row[1:] for row in rows] == [("Boiler", 1), ("Boiler", 2), ("Cooler", 5)]
    assert rows[0][0] == datetime(2026, 1, 1, 0, 0, 10, tzinfo=UTC)


def test_a_panel_of_means(reader: Connection) -> None:
    rows = reader.execute(as_grafana_sends_it(EXAMPLES[1]).encode()).fetchall()
    assert sorted(row[1:] for row in rows) == [("Boiler", 1.5), ("Cooler", 5)]


def test_a_panel_of_years(reader: Connection) -> None:
    rows = reader.execute(as_grafana_sends_it(EXAMPLES[2]).encode()).fetchall()
    assert sorted(row[1:] for row in rows) == [("Boiler", 1), ("Boiler", 2), ("Cooler", 5)]
    assert min(row[0] for row in rows) <= datetime(2026, 1, 1, 0, 0, 10, tzinfo=UTC)


def test_the_newest_values(reader: Connection) -> None:
    rows = reader.execute(EXAMPLES[3].encode()).fetchall()
    assert [row[:3] for row in rows] == [("Boiler", 9, "°C"), ("Cooler", 5, "°C")]


def test_a_range_reads_its_own_partitions_alone(reader: Connection) -> None:
    plan = "\n".join(row[0] for row in reader.execute(f"explain {as_grafana_sends_it(EXAMPLES[0])}".encode()))
    assert len(set(re.findall(r"datapoints_\d{8}T\d{4}", plan))) == 1
    assert "Index Cond: ((event_id = e.id)" in plan


def test_nothing_can_be_written(reader: Connection) -> None:
    for statement in ("delete from api.measurements", "update api.events set name = 'x'", "select api.purge_event(1)"):
        with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)):
            reader.execute(statement.encode())
