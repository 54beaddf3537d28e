"""What sidecars find about the parts: told once, in the order of time, however many see it."""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from tests.support.people import People
from tests.support.sql import Sql

START = datetime(2026, 1, 1, tzinfo=UTC)
GOOD: dict[str, str | None] = {"database": None, "postgrest": None}
BAD: dict[str, str | None] = {"database": None, "postgrest": "It answered 503."}


class Reports:
    """Reports as sidecars send them, and what became of them; in a database of its own."""

    def __init__(self, sql: Sql) -> None:
        self._sidecar = sql.as_login("webmacs_sidecar")
        self._superuser = sql.superuser
        self.clear()

    def __call__(self, sidecar: UUID, seconds: float, problems: dict[str, str | None]) -> None:
        at = START + timedelta(seconds=seconds)
        self._sidecar.execute("select private.report_health(%s, %s, %s::jsonb)", (sidecar, at, json.dumps(problems)))

    def log(self) -> list[tuple[str, str]]:
        return self._superuser.execute(
            "select level::text, message from private.log_entries where source = 'health' order by id"
        ).fetchall()

    def clear(self) -> None:
        for table in ("health", "health_reports", "log_entries"):
            self._superuser.execute(f"delete from private.{table}".encode())


@pytest.fixture
def report(sql: Sql) -> Reports:
    return Reports(sql)


ILL = ("error", "Health at 2026-01-01 00:00:10 UTC: postgrest does not work: It answered 503.")
WELL = ("info", "Health at 2026-01-01 00:00:20 UTC: postgrest works again.")


def test_parts_that_work_are_not_news(report: Reports) -> None:
    report(uuid4(), 0, GOOD)
    report(uuid4(), 1, GOOD)
    assert report.log() == []


def test_each_change_is_told_once(report: Reports) -> None:
    sidecar = uuid4()
    for seconds, problems in ((0, GOOD), (10, BAD), (15, BAD), (20, GOOD), (25, GOOD)):
        report(sidecar, seconds, problems)
    assert report.log() == [ILL, WELL]


def test_another_wording_of_the_same_trouble_is_not_news(report: Reports) -> None:
    sidecar = uuid4()
    report(sidecar, 10, BAD)
    report(sidecar, 11, {**BAD, "postgrest": "No answer within 3 s."})
    assert report.log() == [ILL]


def test_several_sidecars_that_see_the_same_tell_it_once(report: Reports) -> None:
    one, other = uuid4(), uuid4()
    report(one, 10, BAD)
    report(other, 11, BAD)
    report(one, 20, GOOD)
    assert report.log() == [ILL]
    report(other, 21, GOOD)
    assert len(report.log()) == 2


def test_an_outage_that_all_tell_of_afterwards_is_told_once(report: Reports) -> None:
    one, other = uuid4(), uuid4()
    report(one, 0, GOOD)
    report(other, 0, GOOD)
    for sidecar in (one, other):
        report(sidecar, 10, {**GOOD, "database": "It failed."})
        report(sidecar, 20, GOOD)
    assert [message.partition(" UTC: ")[2] for _, message in report.log()] == [
        "database does not work: It failed.",
        "database works again.",
    ]


def test_trouble_of_one_sidecar_lasts_though_others_are_well(report: Reports) -> None:
    one, other = uuid4(), uuid4()
    report(one, 10, BAD)
    report(other, 15, GOOD)
    assert report.log() == [ILL]


def test_a_sidecar_that_is_gone_does_not_count(report: Reports, sql: Sql) -> None:
    gone = uuid4()
    report(gone, 10, BAD)
    sql.superuser.execute("update private.health_reports set reported_at = now() - interval '3 minutes'")
    report(uuid4(), 20, GOOD)
    assert report.log() == [ILL, WELL]


def test_several_parts_are_one_entry(report: Reports) -> None:
    report(uuid4(), 10, {"ingest": "Waiting.", "stream": "Waiting.", "keys": None})
    assert report.log() == [
        (
            "error",
            "Health at 2026-01-01 00:00:10 UTC: ingest does not work: Waiting. stream does not work: Waiting.",
        )
    ]


def test_webhooks_are_told(report: Reports, sql: Sql) -> None:
    sql.superuser.execute(
        "insert into private.webhooks (name, url, secret, types)"
        " values ('health', 'https://example.org', 'whsec_' || repeat('A', 32), '{system.health_changed}')"
    )
    sidecar = uuid4()
    report(sidecar, 10, BAD)
    report(sidecar, 20, GOOD)
    bodies = [
        json.loads(body) for (body,) in sql.superuser.execute("select body from private.webhook_deliveries order by id")
    ]
    assert [body["timestamp"] for body in bodies] == ["2026-01-01T00:00:10.000000Z", "2026-01-01T00:00:20.000000Z"]
    assert [body["data"] for body in bodies] == [
        {"ok": False, "problems": {"postgrest": BAD["postgrest"]}, "changed": {"postgrest": BAD["postgrest"]}},
        {"ok": True, "problems": {}, "changed": {"postgrest": None}},
    ]


@pytest.mark.parametrize("role", ["viewer", "operator", "admin", "controller"])
def test_nobody_else_reports(sql: Sql, people: People, role: str) -> None:
    allowed = sql.superuser.execute(
        "select has_function_privilege(%s, p.oid, 'execute') from pg_proc p"
        " where p.pronamespace = 'private'::regnamespace and p.proname in ('report_health', 'report_presence')",
        (f"webmacs_{role}",),
    ).fetchall()
    assert allowed == [(False,), (False,)]
