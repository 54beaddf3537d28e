"""Values arrive while rules are changed, deleted and made anew, and while others write the same events."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.db.ingest import Ingest, Point, at
from tests.db.rules import Rules
from tests.support.sql import Sql

BATCHES = 150
ACTIONS = [{"kind": "alarm"}, {"kind": "log"}]


def together(*jobs: Callable[[], None]) -> None:
    """Run all at once; raises what any of them raised."""
    with ThreadPoolExecutor(len(jobs)) as pool:
        for done in [pool.submit(job) for job in jobs]:
            done.result()


def test_rules_change_and_go_while_values_arrive(sql: Sql) -> None:
    rules = Rules(sql)
    events = [rules.event() for _ in range(3)]
    saved = [rules.save(event, actions=ACTIONS) for event in events for _ in range(3)]
    changes, clock = sql.as_login("postgres"), sql.as_login("webmacs_sidecar")

    def arrive(first: int) -> Callable[[], None]:
        ingest = Ingest(sql.as_login("webmacs_sidecar"))
        order = events[first:] + events[:first]

        def run() -> None:
            for batch in range(BATCHES):
                ingest(*[Point(event, 50.0 * (batch % 2), at(2 * batch + first)) for event in order])

        return run

    def change() -> None:
        for turn in range(BATCHES):
            rule = saved[turn % len(saved)]
            changes.execute("update private.rules set threshold = threshold + 1 where id = %s", (rule,))
            if turn % 10 == 9:
                changes.execute("delete from private.rules where id = %s", (rule,))

    def tick() -> None:
        for _ in range(BATCHES):
            clock.execute("select private.tick()")

    together(arrive(0), arrive(1), change, tick)
    (stored,) = sql.superuser.execute("select count(*) from private.datapoints").fetchone() or (0,)
    assert stored == 2 * BATCHES * len(events)
    failures = sql.superuser.execute("select failure from private.rule_states where failure is not null").fetchall()
    assert failures == []


@pytest.mark.parametrize("table", ["rules", "events"])
def test_who_holds_a_rule_or_its_event_delays_no_other(sql: Sql, table: str) -> None:
    rules = Rules(sql)
    events = [rules.event(), rules.event()]
    held, free = (rules.save(event, kind="no_data", timeout_seconds=1, message="silent") for event in events)
    row = {"rules": held, "events": events[0]}[table]
    somebody = sql.as_login("postgres")
    with somebody.transaction():
        somebody.execute(f"update private.{table} set name = name where id = %s".encode(), (row,))
        rules.wait(2)
        assert (rules.messages(held), rules.messages(free)) == ([], ["silent"])
    rules.wait(3)
    assert rules.messages(held) == ["silent"]


def test_who_holds_an_alarm_does_not_stop_the_clock(sql: Sql) -> None:
    rules = Rules(sql)
    event, other = rules.event(), rules.event()
    rule = rules.save(event, off_delay_seconds=60, actions=ACTIONS)
    rules.arrive(event, (0, 20), (1, 5))
    rules.save(other, name="late")
    rules.arrive(other, (1000, 5))
    rules.arrive(other, (0, 20))
    somebody = sql.as_login("postgres")
    with somebody.transaction():
        somebody.execute("update private.alarms set message = message where rule_id = %s", (rule,))
        rules.superuser.execute("select private.tick(clock_timestamp() + interval '61 seconds')")
        assert rules.alarm_states(rule) == ["active_unacknowledged"]
        assert rules.rows("select points from private.backlogs") == [{"points": 1}]
    rules.superuser.execute("select private.tick(clock_timestamp() + interval '61 seconds')")
    assert rules.alarm_states(rule) == ["returned_unacknowledged"]


def test_nobody_holds_a_row_for_ever(sql: Sql) -> None:
    assert sql.as_login("postgres").execute("show idle_in_transaction_session_timeout").fetchone() == ("30s",)
