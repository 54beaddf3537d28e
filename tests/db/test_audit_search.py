"""The audit log is searched by person, table, row and time, each by an index."""

import json
from typing import Any

import pytest

from tests.support.sql import Sql

FILL = """
    insert into private.audit_log (changed_at, actor, role, table_name, operation, row_id, new, actor_public_id)
    select '2026-01-01Z'::timestamptz + n * interval '1 minute', 'person ' || n %% 200, 'webmacs_operator',
           (array['events', 'rules', 'commands', 'webhooks', 'users'])[1 + n %% 5], 'update', (n / 20)::text,
           '{"a": 1}', lpad((n %% 200)::text, 32, '0')::uuid
    from generate_series(1, 30000) n
"""
LATEST = "order by changed_at desc limit 50"
SEARCHES = {
    "a person": f"actor = 'person 7' {LATEST}",
    "a person, whatever its name": f"actor_public_id = '00000000-0000-0000-0000-000000000007' {LATEST}",
    "a person at a time": f"actor = 'person 7' and changed_at between '2026-01-03Z' and '2026-01-04Z' {LATEST}",
    "a row": f"table_name = 'events' and row_id = '17' {LATEST}",
    "a table": f"table_name = 'events' {LATEST}",
    "a table at a time": f"table_name = 'events' and changed_at < '2026-01-05Z' {LATEST}",
    "a time": "changed_at between '2026-01-03T12:00Z' and '2026-01-03T14:00Z' order by changed_at",
    "the newest": "true order by id desc limit 50",
}


@pytest.fixture(scope="module")
def full(sql: Sql) -> Sql:
    """The log of three weeks."""
    sql.superuser.execute(FILL.replace("%%", "%"))
    sql.superuser.execute("analyze private.audit_log")
    return sql


@pytest.mark.parametrize("search", SEARCHES)
def test_each_search_has_its_index(search: str, full: Sql) -> None:
    condition = SEARCHES[search]
    row = (
        full.as_role("admin")
        .execute(f"explain (analyze, format json) select * from api.audit_log where {condition}".encode())
        .fetchone()
    )
    assert row is not None
    plan = row[0] if isinstance(row[0], list) else json.loads(row[0])
    nodes = list(_nodes(plan[0]["Plan"]))
    assert any("Index" in node["Node Type"] for node in nodes)
    assert all(node["Node Type"] != "Seq Scan" for node in nodes)
    assert sum(node.get("Rows Removed by Filter", 0) for node in nodes) < 3000


def _nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for part in plan.get("Plans", []) for node in _nodes(part))]
