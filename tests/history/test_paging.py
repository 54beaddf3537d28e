"""Raw points page by page, each after the last time stamp of the one before (docs/files-and-tools.md)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.db.plant import Plant
from tests.support.people import People
from tests.support.rest import Api
from tests.support.sql import Sql

WEEKS = 10
POINTS = 5000
PAGE = 700
PLAN = """
    explain (analyze, costs off, format json)
    select * from api.datapoints where event_id = %s and ts > %s order by ts limit %s
"""


@pytest.fixture(scope="module")
def event(sql: Sql) -> int:
    """An event with points in several partitions."""
    number = Plant(sql.superuser).event()
    sql.superuser.execute(
        """
        select private.make_partitions_for(array_agg(d))
        from generate_series(now() - %(weeks)s * interval '1 week', now(), '1 day') d
        """,
        {"weeks": WEEKS},
    )
    sql.superuser.execute(
        """
        insert into private.datapoints (event_id, quality, ts, value)
        select %(event)s, 192, now() - n * interval '1 week' * %(weeks)s / %(points)s, n
        from generate_series(1, %(points)s) n
        """,
        {"event": number, "weeks": WEEKS, "points": POINTS},
    )
    sql.superuser.execute("analyze private.datapoints")
    return number


def test_each_point_once_and_in_order(event: int, api: Api) -> None:
    found: list[dict[str, Any]] = []
    after = "-infinity"
    while True:
        page = _page(api, event, after)
        if not page:
            break
        found += page
        after = page[-1]["ts"]
    assert [point["value"] for point in found] == list(range(POINTS, 0, -1))


def test_a_deep_page_reads_only_itself(event: int, sql: Sql, people: People) -> None:
    after = datetime.now(UTC) - timedelta(weeks=4)
    row = sql.as_caller(people.the("viewer")).execute(PLAN, (event, after, PAGE)).fetchone()
    assert row
    nodes = _nodes(row[0][0]["Plan"])
    assert not [node for node in nodes if "Sort" in node["Node Type"]]
    scans = [node for node in nodes if node.get("Relation Name", "").startswith("datapoints")]
    assert {node["Node Type"] for node in scans} <= {"Index Scan", "Index Only Scan"}
    assert sum(node["Actual Rows"] for node in scans) <= PAGE


def _page(api: Api, event: int, after: str) -> list[dict[str, Any]]:
    query: dict[str, str | int] = {
        "select": "ts,value",
        "event_id": f"eq.{event}",
        "ts": f"gt.{after}",
        "order": "ts",
        "limit": PAGE,
    }
    page: list[dict[str, Any]] = api.as_role("viewer").get("/datapoints", params=query).raise_for_status().json()
    return page


def _nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan] + [node for child in plan.get("Plans", []) for node in _nodes(child)]
