"""Who is told of a step of an alarm: live listeners always, webhooks unless it is silent."""

import json
from typing import Any

import pytest

from tests.db.alarms import Alarms
from tests.support.postgres import Connection
from tests.support.sql import Sql


@pytest.fixture
def listener(sql: Sql) -> Connection:
    """Listens to changes, as a sidecar does."""
    connection = sql.as_login("webmacs_sidecar")
    connection.execute("listen webmacs_changes")
    return connection


@pytest.fixture(scope="module")
def webhook(sql: Sql) -> None:
    """A webhook that wants all that alarms do."""
    sql.superuser.execute(
        "insert into private.webhooks (name, url, secret, types) values"
        " ('all', 'https://example.org', 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', '{alarm.*}')"
    )


def _told(listener: Connection) -> list[list[int]]:
    """The pages of alarms that were told since the last time; committed before this call."""
    listener.execute("select 1")
    bodies = [json.loads(note.payload) for note in listener.notifies(timeout=0)]
    return [body["ids"] for body in bodies if body["topic"] == "alarm"]


def _sent(sql: Sql, rule: int) -> list[tuple[str, dict[str, Any]]]:
    rows = sql.superuser.execute(
        "select d.type, d.body::json -> 'data' from private.webhook_deliveries d"
        " join private.alarms a on a.public_id::text = d.body::json -> 'data' ->> 'alarm'"
        " where a.rule_id = %s order by d.id",
        (rule,),
    )
    return rows.fetchall()


def _types(sql: Sql, rule: int) -> list[str]:
    return [kind.removeprefix("alarm.") for kind, _ in _sent(sql, rule)]


def test_every_step_is_told(alarms: Alarms, sql: Sql, listener: Connection) -> None:
    rule = alarms.rule()
    alarm = alarms.fire(rule)["id"]
    alarms.acknowledge(alarm)
    sql.as_role("operator").execute("select api.shelve_alarm(%s, now() + interval '1 hour', 'x')", (alarm,))
    alarms.clear(rule)
    assert _told(listener) == [[alarm]] * 4
    alarms.acknowledge(alarm)  # changes nothing
    assert _told(listener) == []


def test_many_are_told_in_pages(alarms: Alarms, listener: Connection) -> None:
    rules = [alarms.rule() for _ in range(401)]
    alarms.happen(*[(rule, step) for rule in rules for step in ("fired", "cleared")])
    pages = _told(listener)
    assert sorted(len(page) for page in pages) == [1, 200, 200]
    assert {alarm for page in pages for alarm in page} == {alarms.newest(rule)["id"] for rule in rules}


def test_what_is_told_is_read(alarms: Alarms, sql: Sql) -> None:
    first, second = (alarms.fire(alarms.rule()) for _ in range(2))
    rows = (
        sql.as_login("webmacs_sidecar")
        .execute("select private.live_alarms(%s)", ([second["id"], first["id"], 999999],))
        .fetchall()
    )
    assert [row["id"] for (row,) in rows] == [first["id"], second["id"]]
    assert rows[0][0].keys() == first.keys()


@pytest.mark.usefixtures("webhook")
def test_webhooks_of_a_life(alarms: Alarms, sql: Sql) -> None:
    rule = alarms.rule("high", latched=True)
    alarm = alarms.fire(rule, 1, 12.5)
    alarms.clear(rule)
    alarms.acknowledge(alarm["id"])
    alarms.reset(alarm["id"])
    assert _types(sql, rule) == ["raised", "returned", "acknowledged", "reset"]
    data = _sent(sql, rule)[0][1]
    assert {key: data[key] for key in ("rule", "severity", "value", "unit", "message", "state", "actor")} == {
        "rule": alarm["name"],
        "severity": "high",
        "value": 12.5,
        "unit": "V",
        "message": "fired at 12.5",
        "state": "active_unacknowledged",
        "actor": "system",
    }


@pytest.mark.usefixtures("webhook")
def test_silence_is_kept_and_its_end_announced(alarms: Alarms, sql: Sql) -> None:
    rule = alarms.rule(suppressed_by="quiet")
    sql.superuser.execute("insert into private.experiments (name, kind) values ('quiet', 'quiet')")
    alarms.fire(rule)
    alarms.clear(rule)
    alarms.fire(rule)
    assert _types(sql, rule) == []
    sql.superuser.execute("delete from private.experiments where name = 'quiet'")
    assert _types(sql, rule) == ["unsuppressed", "raised"]
    alarm = alarms.newest(rule)["id"]
    operator = sql.as_role("operator")
    operator.execute("select api.shelve_alarm(%s, now() + interval '1 hour', 'x')", (alarm,))
    alarms.acknowledge(alarm)
    operator.execute("select api.unshelve_alarm(%s)", (alarm,))
    assert _types(sql, rule)[2:] == ["shelved", "acknowledged", "unshelved", "raised"]


@pytest.mark.usefixtures("webhook")
def test_what_was_told_before_its_silence_is_told_to_have_returned(alarms: Alarms, sql: Sql) -> None:
    rule = alarms.rule()
    alarm = alarms.fire(rule)["id"]
    sql.as_role("operator").execute("select api.shelve_alarm(%s, now() + interval '1 hour', 'x')", (alarm,))
    alarms.clear(rule)
    alarms.fire(rule)
    alarms.clear(rule)
    assert _types(sql, rule) == ["raised", "shelved", "returned"]
    sql.as_role("operator").execute("select api.unshelve_alarm(%s)", (alarm,))
    # its condition does not hold any more
    assert _types(sql, rule)[3:] == ["unshelved"]


@pytest.mark.usefixtures("webhook")
def test_one_silence_that_ends_in_another_is_not_told_as_raised(alarms: Alarms, sql: Sql) -> None:
    rule = alarms.rule(suppressed_by="calm")
    alarm = alarms.fire(rule)["id"]
    operator = sql.as_role("operator")
    operator.execute("select api.shelve_alarm(%s, now() + interval '1 hour', 'x')", (alarm,))
    sql.superuser.execute("insert into private.experiments (name, kind) values ('calm', 'calm')")
    operator.execute("select api.unshelve_alarm(%s)", (alarm,))
    assert _types(sql, rule) == ["raised", "shelved", "unshelved", "suppressed"]
    sql.superuser.execute("delete from private.experiments where name = 'calm'")
    assert _types(sql, rule)[4:] == ["unsuppressed", "raised"]
