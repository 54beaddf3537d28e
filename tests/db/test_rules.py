"""Rules: what happens when values arrive and when time goes by. The semantics as a whole are in tests/rules."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.db.ingest import at
from tests.db.rules import Rules
from tests.support.sql import Sql

HUGE = 1.7e308


@pytest.fixture(scope="module")
def rules(sql: Sql) -> Rules:
    """Makes rules and lets points arrive."""
    return Rules(sql)


@pytest.mark.parametrize(
    ("highest", "value", "words"),
    [
        (100, 59.6485, "59.6"),
        (100, 60.0, "60"),
        (2, 1.05612, "1.056"),
        (100, 10.04, "10.04"),  # of 10, which it is above
        (125000, 0.4812, "0.48"),
        (125000, 30411.7, "30412"),
    ],
)
def test_a_message_has_the_digits_of_the_page(highest: float, value: float, words: str, rules: Rules) -> None:
    statement = """
        select private.value_text(%s, e, array[10, null]) as words
        from jsonb_populate_record(null::private.events, jsonb_build_object('min_value', 0, 'max_value', %s)) e
    """
    assert rules.rows(statement, value, highest) == [{"words": words}]


def test_a_spike_within_a_batch_fires(rules: Rules) -> None:
    event = rules.event()
    rule = rules.save(event, message="{rule}: {event} {value} {unit} above {threshold}, {severity}, {nonsense}")
    rules.arrive(event, (0, 5), (1, 12.5), (2, 5))
    (message,) = rules.messages(rule)
    assert message.endswith(" 12.5 bar above 10, medium, {nonsense}")


def test_a_value_that_flickers_within_the_deadband_fires_once(rules: Rules) -> None:
    event = rules.event()
    rule = rules.save(event, deadband=2)
    rules.arrive(event, (0, 11), (1, 9), (2, 11), (3, 8.5), (4, 11))
    rules.arrive(event, (5, 9), (6, 11))
    assert len(rules.messages(rule)) == 1
    rules.arrive(event, (7, 8), (8, 11))
    assert len(rules.messages(rule)) == 2


def test_a_late_point_fires_nothing(rules: Rules) -> None:
    event = rules.event()
    rule = rules.save(event)
    rules.arrive(event, (10, 5))
    rules.arrive(event, (9, 50))
    rules.arrive(event, (12, 5), (11, 50))
    assert rules.messages(rule) == []


def test_a_delay_ends_by_the_clock(rules: Rules) -> None:
    event = rules.event()
    rule = rules.save(event, on_delay_seconds=60)
    rules.arrive(event, (0, 20))
    rules.wait(30)
    assert rules.messages(rule) == []
    rules.wait(61)
    assert len(rules.messages(rule)) == 1
    rules.wait(120)
    assert len(rules.messages(rule)) == 1


def test_a_backlog_is_judged_by_its_own_time(rules: Rules) -> None:
    """The points are months old; the delay has long passed by the clock on the wall, but not by theirs."""
    event = rules.event()
    rule = rules.save(event, on_delay_seconds=60)
    rules.arrive(event, (0, 20))
    rules.wait(0)
    rules.arrive(event, (30, 5))
    rules.wait(3600)
    assert rules.messages(rule) == []


def test_what_persists_beyond_the_cooldown_fires_when_it_is_over(rules: Rules) -> None:
    event = rules.event()
    rule = rules.save(event, cooldown_seconds=60)
    rules.arrive(event, (0, 20), (1, 5), (2, 20), (59, 20))
    assert len(rules.messages(rule)) == 1
    rules.wait(0.5)
    assert len(rules.messages(rule)) == 1
    rules.wait(2)
    assert len(rules.messages(rule)) == 2


def test_absent_data_are_noticed_and_end_with_data(rules: Rules) -> None:
    event = rules.event()
    rule = rules.save(event, kind="no_data", timeout_seconds=60, actions=[{"kind": "log"}, {"kind": "alarm"}])
    rules.arrive(event, (0, 20))
    rules.wait(59)
    assert rules.messages(rule) == []
    rules.wait(61)
    assert len(rules.messages(rule)) == 1
    rules.arrive(event, (90, 20))
    assert rules.alarm_states(rule) == ["returned_unacknowledged"]


def test_absent_data_are_noticed_of_an_event_that_never_had_any(rules: Rules) -> None:
    rule = rules.save(rules.event(), kind="no_data", timeout_seconds=60)
    rules.wait(59)
    assert rules.messages(rule) == []
    rules.wait(61)
    (message,) = rules.messages(rule)
    assert message.startswith("No data from pressure")


def test_thousands_that_are_due_at_once_get_their_turn(rules: Rules) -> None:
    event = rules.event()
    rules.superuser.execute(
        "insert into private.rules (name, event_id, kind, timeout_seconds)"
        " select 'many ' || n, %s, 'no_data', 60 from generate_series(1, 2500) n",
        (event,),
    )
    fired = (
        "select count(*) from api.rule_states s join api.rules r on r.id = s.rule_id where r.event_id = %s and active"
    )
    turns = []
    for second in range(4):
        rules.wait(61 + second)
        turns.append(rules.number(fired, event))
    assert turns == [1000, 2000, 2500, 2500]


def test_the_rules_of_an_archived_event_rest(rules: Rules) -> None:
    event = rules.event()
    high = rules.save(event, actions=[{"kind": "alarm"}])
    silent = rules.save(event, kind="no_data", timeout_seconds=60)
    rules.arrive(event, (0, 20))
    rules.superuser.execute("update private.events set archived_at = now() where id = %s", (event,))
    assert rules.alarm_states(high) == ["returned_unacknowledged"]
    rules.wait(1000)
    assert rules.messages(silent) == []
    rules.superuser.execute("update private.events set archived_at = null where id = %s", (event,))
    rules.wait(59)
    assert rules.messages(silent) == []
    rules.wait(61)
    assert len(rules.messages(silent)) == 1


def test_silence_from_before_the_rule_does_not_count(rules: Rules) -> None:
    event = rules.event()
    rules.arrive(event, (0, 20))
    an_hour_ago = "update private.latest set received_at = now() - interval '1 hour' where event_id = %s"
    rules.superuser.execute(an_hour_ago, (event,))
    rule = rules.save(event, kind="no_data", timeout_seconds=60)
    rules.arrive(event, (3600, 20))
    assert rules.messages(rule) == []
    rules.arrive(event, (3661, 20))
    assert len(rules.messages(rule)) == 1


def test_a_message_has_the_digits_of_a_rate_that_mean_anything(rules: Rules) -> None:
    event = rules.event()
    rule = rules.save(event, kind="rate", threshold=2, window_seconds=10, message="{value} {unit}")
    rules.arrive(event, (0, 0), (3, 10))
    assert rules.messages(rule) == ["3.333 bar/s"]


def test_a_rate_over_a_window(rules: Rules) -> None:
    event = rules.event()
    rule = rules.save(event, kind="rate", threshold=2, window_seconds=10)
    rules.arrive(event, (0, 0), (5, 5), (10, 10), (15, 35))
    assert [message.partition(" changes by ")[2] for message in rules.messages(rule)] == ["3 bar/s"]


def test_a_rule_that_fails_stops_no_other_and_no_value(rules: Rules) -> None:
    event = rules.event()
    overflows = rules.save(event, kind="rate", window_seconds=10)
    works = rules.save(event)
    logged = len(rules.log())
    rules.arrive(event, (0, -HUGE), (1, HUGE))
    rules.arrive(event, (2, -HUGE), (3, HUGE))
    assert len(rules.messages(works)) == 2
    assert len(rules.log()) == logged + 1
    assert "out of range" in rules.state(overflows)["failure"]
    rules.superuser.execute(
        "update private.rule_states set failed_at = now() - interval '1 minute' where rule_id = %s", (overflows,)
    )
    rules.arrive(event, (60, -1))
    assert rules.state(overflows)["failure"] is None


@contextmanager
def failing_log(sql: Sql, rule: int) -> Iterator[None]:
    """Meanwhile this rule cannot write into the log."""
    sql.superuser.execute("""
        create function private.fail() returns trigger language plpgsql as $$ begin raise 'no room'; end $$
    """)
    sql.superuser.execute(f"""
        create trigger fail before insert on private.log_entries
        for each row when (new.source = 'rule {rule}') execute function private.fail()
    """)
    try:
        yield
    finally:
        sql.superuser.execute("drop function private.fail cascade")


def test_a_failing_action_stops_no_other_and_no_value(rules: Rules, sql: Sql) -> None:
    event = rules.event()
    fails, works = rules.save(event), rules.save(event)
    with failing_log(sql, fails):
        rules.arrive(event, (0, 20))
    assert rules.state(fails)["failure"] == "no room"
    assert len(rules.messages(works)) == 1


def test_a_rule_that_fails_by_the_clock_stops_no_other_and_is_tried_again(rules: Rules, sql: Sql) -> None:
    silent = [rules.save(rules.event(), kind="no_data", timeout_seconds=60) for _ in range(5)]
    with failing_log(sql, silent[2]):
        rules.wait(61)
        rules.wait(1)
    assert [len(rules.messages(rule)) for rule in silent] == [1, 1, 0, 1, 1]
    assert rules.state(silent[2])["failure"] == "no room"
    rules.wait(72)
    assert [len(rules.messages(rule)) for rule in silent] == [1, 1, 1, 1, 1]
    assert rules.state(silent[2])["failure"] is None


def test_a_failure_from_a_future_that_the_clock_left_again_does_not_stop_the_rule(rules: Rules) -> None:
    event = rules.event()
    rule = rules.save(event)
    rules.superuser.execute(
        "update private.rule_states set failure = 'x', failed_at = now() + interval '1 year' where rule_id = %s",
        (rule,),
    )
    rules.arrive(event, (0, 20))
    assert len(rules.messages(rule)) == 1


def test_a_changed_rule_starts_anew_and_its_alarm_returns(rules: Rules) -> None:
    event = rules.event()
    rule = rules.save(event, actions=[{"kind": "alarm"}])
    rules.arrive(event, (0, 20))
    assert rules.alarm_states(rule) == ["active_unacknowledged"]
    rules.change(rule, message="only words")
    assert rules.alarm_states(rule) == ["active_unacknowledged"]
    rules.change(rule, threshold=15)
    assert rules.alarm_states(rule) == ["returned_unacknowledged"]
    rules.arrive(event, (1, 20))
    assert rules.alarm_states(rule) == ["active_unacknowledged"]


@pytest.mark.parametrize("change", ["update private.rules set enabled = false", "delete from private.rules"])
def test_the_alarm_of_a_rule_that_ends_returns(change: str, rules: Rules) -> None:
    event = rules.event()
    rule = rules.save(event, actions=[{"kind": "alarm"}])
    rules.arrive(event, (0, 20))
    alarm = rules.number("select id from private.alarms where rule_id = %s", rule)
    rules.superuser.execute(f"{change} where id = %s".encode(), (rule,))
    (row,) = rules.rows("select state from api.alarms where id = %s", alarm)
    assert row["state"] == "returned_unacknowledged"
    rules.arrive(event, (1, 5), (2, 20))
    assert rules.rows("select state from api.alarms where rule_id = %s", rule) in ([], [row])


def test_the_log_says_which_rules_go_with_an_event(rules: Rules) -> None:
    event, valve = rules.event(), rules.event("actuator")
    rules.save(event, name="watches")
    setter = rules.save(
        rules.event(), name="sets", actions=[{"kind": "set_value", "event_id": valve, "value": 1}, {"kind": "log"}]
    )
    rules.superuser.execute("select api.purge_event(%s), api.purge_event(%s)", (event, valve))
    gone, cannot = rules.log()[-2:]
    assert gone.startswith("Rule watches is gone: ")
    assert cannot.startswith("Rule sets cannot set ")
    assert rules.rows("select kind, event_id from api.rule_actions where rule_id = %s order by kind", setter) == [
        {"kind": "log", "event_id": None},
        {"kind": "set_value", "event_id": None},
    ]


def test_a_disabled_rule_does_nothing(rules: Rules) -> None:
    event = rules.event()
    rule = rules.save(event, enabled=False, kind="no_data", timeout_seconds=1)
    rules.arrive(event, (0, 20), (100, 20))
    rules.wait(60)
    assert rules.messages(rule) == []


def test_bad_quality_is_not_judged_but_is_data(rules: Rules, sql: Sql) -> None:
    event = rules.event()
    above = rules.save(event)
    silent = rules.save(event, kind="no_data", timeout_seconds=60)
    for second in (0, 50, 100):
        sql.superuser.execute(
            "select private.ingest('{null}', array[%s::int], '{63}', array[%s], '{99}')",
            (event, at(second)),
        )
    assert rules.messages(above) == rules.messages(silent) == []


def test_severity_is_the_level_of_the_entry(rules: Rules) -> None:
    levels = {}
    for severity in ("low", "medium", "high", "critical"):
        event = rules.event()
        rule = rules.save(event, severity=severity)
        rules.arrive(event, (0, 20))
        (row,) = rules.rows("select level::text from api.log_entries where source = %s", f"rule {rule}")
        levels[severity] = row["level"]
    assert levels == {"low": "info", "medium": "warning", "high": "error", "critical": "error"}


def test_a_rule_commands_nothing_because_of_what_is_long_past(rules: Rules) -> None:
    event, valve = rules.event(), rules.event("range")
    rules.save(event, name="too late", actions=[{"kind": "set_value", "event_id": valve, "value": 50}])
    rules.arrive(event, (0, 20))
    assert rules.rows("select * from api.commands where event_id = %s", valve) == []
    assert "Rule too late fired, but set nothing to 50: that was at 2026-01-05 12:00:00" in rules.log()[-1]
