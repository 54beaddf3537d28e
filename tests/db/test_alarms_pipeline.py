"""From a value to an alarm: points raise and clear, the clock silences, a rule that goes leaves nothing active."""

import pytest

from tests.db.alarms import Alarms
from tests.db.ingest import Ingest, Point, at
from tests.support.sql import Sql


@pytest.fixture
def rule(alarms: Alarms, sql: Sql) -> int:
    """A rule that watches for more than 10, without a cooldown."""
    number = alarms.rule("high")
    sql.superuser.execute("update private.rules set cooldown_seconds = 0 where id = %s", (number,))
    return number


@pytest.fixture
def event(rule: int, sql: Sql) -> int:
    """The event that the rule watches."""
    row = sql.superuser.execute("select event_id from private.rules where id = %s", (rule,)).fetchone()
    assert row is not None
    return int(row[0])


def test_every_spike_of_a_batch_is_in_the_journal(rule: int, event: int, alarms: Alarms, ingest: Ingest) -> None:
    ingest(*[Point(event, value, at(n)) for n, value in enumerate([9.0, 11.0, 9.0, 12.0, 13.0, 8.0])])
    alarm = alarms.newest(rule)
    assert [(line["step"], line["happened_at"], line["value"]) for line in alarms.journal(alarm["id"])] == [
        ("raised", at(1), 11),
        ("returned", at(2), 9),
        ("raised", at(3), 12),
        ("returned", at(5), 8),
    ]
    assert (alarm["state"], alarm["occurrences"], alarm["value"]) == ("returned_unacknowledged", 2, 12)
    assert alarm["message"] == f"{_name(alarms, event)} is 12 V"


def _name(alarms: Alarms, event: int) -> str:
    (row,) = alarms.rows("select name from private.events where id = %s", event)
    return str(row["name"])


@pytest.mark.parametrize(
    "change",
    [
        "delete from private.rules where id = %s",
        "update private.rules set enabled = false where id = %s",
        "update private.rules set threshold = 100 where id = %s",
    ],
)
def test_a_rule_that_changes_leaves_nothing_active(
    change: str, rule: int, event: int, alarms: Alarms, sql: Sql, ingest: Ingest
) -> None:
    ingest(Point(event, 11.0, at(1)))
    alarm = alarms.newest(rule)["id"]
    assert alarms.get(alarm)["state"] == "active_unacknowledged"
    sql.superuser.execute(change.encode(), (rule,))
    assert alarms.get(alarm)["state"] == "returned_unacknowledged"


def test_an_event_that_is_purged_leaves_nothing_active(
    rule: int, event: int, alarms: Alarms, sql: Sql, ingest: Ingest
) -> None:
    ingest(Point(event, 11.0, at(1)))
    alarm = alarms.newest(rule)["id"]
    sql.as_role("admin").execute("select api.purge_event(%s)", (event,))
    assert alarms.get(alarm)["state"] == "returned_unacknowledged"


def test_the_clock_ends_a_shelf(rule: int, event: int, alarms: Alarms, sql: Sql, ingest: Ingest) -> None:
    ingest(Point(event, 11.0, at(1)))
    alarm = alarms.newest(rule)["id"]
    sql.as_role("operator").execute("select api.shelve_alarm(%s, now() + interval '1 hour', 'x')", (alarm,))
    sidecar = sql.as_login("webmacs_sidecar")
    sidecar.execute("select private.tick(clock_timestamp() + interval '61 minutes')")
    assert alarms.get(alarm)["silenced_by"] is None
