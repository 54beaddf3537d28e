"""A backlog: one log entry for each rule says what it would have done."""

import pytest

from tests.db.rules import Rules
from tests.support.sql import Sql


@pytest.fixture(scope="module")
def rules(sql: Sql) -> Rules:
    """Makes rules and lets points arrive."""
    return Rules(sql)


def report(rules: Rules, seconds: float = 11) -> list[str]:
    """What is reported so many seconds from now."""
    before = len(rules.log())
    rules.superuser.execute("select private.tick_late_points(clock_timestamp() + %s * interval '1 second')", (seconds,))
    rules.superuser.execute("select private.report_backlogs()")
    return rules.log()[before:]


def test_one_entry_for_each_rule_when_the_backlog_is_over(rules: Rules) -> None:
    event = rules.event()
    rules.save(event, name="high")
    rules.save(event, name="higher", threshold=50)
    rules.save(event, name="disabled", enabled=False)
    rules.arrive(event, (1000, 5))
    rules.arrive(event, (0, 5), (1, 20), (2, 5), (3, 30))
    rules.arrive(event, (4, 5))
    assert report(rules, seconds=5) == []
    high, higher = sorted(report(rules))
    assert high.startswith("5 values of ")
    assert "came too late for rule high; it would have fired 2 times, first at 2026-01-05T12:00:01+00:00: " in high
    assert higher.endswith("rule higher; it would not have fired.")
    assert report(rules) == []


def test_jitter_is_no_backlog(rules: Rules) -> None:
    event = rules.event()
    rules.save(event)
    rules.arrive(event, (10, 5))
    rules.arrive(event, (6, 50))
    assert report(rules) == []


def test_the_backlog_of_an_event_that_no_rule_watches_is_not_kept(rules: Rules) -> None:
    event = rules.event()
    rules.arrive(event, (1000, 5))
    rules.arrive(event, (0, 5))
    assert rules.rows("select * from private.late_points where event_id = %s", event) == []


def test_a_rule_that_cannot_be_tried_says_so(rules: Rules) -> None:
    event = rules.event()
    rules.save(event, name="overflows", kind="rate", window_seconds=10)
    rules.arrive(event, (1000, 5))
    rules.arrive(event, (0, -1.7e308), (1, 1.7e308))
    (entry,) = report(rules)
    assert "rule overflows; what it would have done is not known: " in entry


def test_a_rule_that_cannot_be_tried_in_time_says_so_and_the_others_report(rules: Rules, sql: Sql) -> None:
    event = rules.event()
    rules.save(event, name="quick")
    rules.arrive(event, (1000, 5))
    rules.arrive(event, (0, 5), (1, 20))
    slow = rules.event()
    rules.save(slow, name="slow")
    rules.arrive(slow, (1000, 5))
    rules.arrive(slow, (0, 5))
    sidecar, somebody = sql.as_login("webmacs_sidecar"), sql.as_login("postgres")
    sidecar.execute("set statement_timeout = '2s'")
    rules.superuser.execute("select private.tick_late_points(clock_timestamp() + interval '11 seconds')")
    with somebody.transaction():
        somebody.execute("select from private.events where id = %s for update", (slow,))
        sidecar.execute("select private.report_backlogs()")
    quick, late = rules.log()[-2:]
    assert "rule quick; it would have fired 1 times" in quick
    assert "rule slow; what it would have done is not known: canceling statement due to statement timeout" in late
    assert rules.rows("select * from private.backlogs") == []


def test_backlogs_of_one_rule_become_one_entry(rules: Rules) -> None:
    event = rules.event()
    rules.save(event, name="twice")
    rules.arrive(event, (1000, 5))
    for second in (0, 100):
        rules.arrive(event, (second, 20), (second + 1, 5))
        rules.superuser.execute("select private.tick_late_points(clock_timestamp() + interval '11 seconds')")
    (entry,) = report(rules)
    assert entry.startswith("4 values of ")
    assert "it would have fired 2 times" in entry
