"""rpc/test_rule: what a rule would have done, without doing it."""

import psycopg
import pytest

from tests.db.rules import Row, Rules
from tests.support.sql import Sql


@pytest.fixture(scope="module")
def rules(sql: Sql) -> Rules:
    """Makes rules and lets points arrive."""
    return Rules(sql)


@pytest.fixture(scope="module")
def event(rules: Rules) -> int:
    """Its values rise above 10 twice."""
    made = rules.event()
    rules.arrive(made, (0, 5), (1, 20), (2, 5), (3, 30), (100, 30), (101, 5))
    return made


def firings(answer: Row) -> list[tuple[str, float, str | None]]:
    """When it would have fired, with which value, and when cleared."""
    return [(each["fired_at"][11:19], each["value"], (each["cleared_at"] or "")[11:19]) for each in answer["firings"]]


def test_an_unsaved_rule(rules: Rules, event: int) -> None:
    answer = rules.test({"event_id": event, "operator": "gt", "threshold": 10, "cooldown_seconds": 0}, 0, 200)
    assert (answer["points"], answer["fired"]) == (6, 2)
    assert firings(answer) == [("12:00:01", 20, "12:00:02"), ("12:00:03", 30, "12:01:41")]
    assert answer["firings"][0]["message"].endswith(" is 20 bar")


def test_a_saved_rule_and_what_it_would_do_if_it_were_changed(rules: Rules, event: int) -> None:
    rule = rules.save(event, threshold=25, actions=[{"kind": "alarm"}])
    assert firings(rules.test({"id": rule}, 0, 200)) == [("12:00:03", 30, "12:01:41")]
    assert len(firings(rules.test({"id": rule, "threshold": 10}, 0, 200))) == 2
    assert rules.test({"id": rule, "on_delay_seconds": 98}, 0, 200)["fired"] == 0
    assert firings(rules.test({"id": rule, "on_delay_seconds": 90}, 0, 200)) == [("12:01:33", 30, "12:01:41")]


def test_the_range_ends_where_it_says(rules: Rules, event: int) -> None:
    rule = {"event_id": event, "operator": "gt", "threshold": 10, "cooldown_seconds": 0}
    assert firings(rules.test(rule, 0, 1)) == []
    assert firings(rules.test(rule, 0, 50)) == [("12:00:01", 20, "12:00:02"), ("12:00:03", 30, "")]


def test_absent_data_within_the_range_and_at_its_end(rules: Rules, event: int) -> None:
    answer = rules.test({"event_id": event, "kind": "no_data", "timeout_seconds": 60, "cooldown_seconds": 0}, 0, 200)
    assert firings(answer) == [("12:01:03", 30, "12:01:40"), ("12:02:41", 5, "")]


def test_it_leaves_nothing_behind(rules: Rules, event: int) -> None:
    tables = ("rules", "rule_states", "rule_actions", "log_entries", "alarms", "alarm_journal", "audit_log", "commands")
    counts = " || ',' || ".join(f"(select count(*) from private.{table})" for table in tables)
    before = rules.rows(f"select {counts} as counts")
    rules.test({"event_id": event, "operator": "gt", "threshold": 10}, 0, 200)
    assert rules.rows(f"select {counts} as counts") == before


REFUSED: list[tuple[Row, float, float, str, str]] = [
    ({"operator": "between"}, 0, 1, "23514", "threshold_high must be given for between"),
    ({"nonsense": 1}, 0, 1, "PT422", "A rule has no nonsense."),
    ({"event_id": 999999}, 0, 1, "23503", "event_id must name an event"),
    ({"id": 999999}, 0, 1, "PT404", "There is no rule 999999."),
    ({}, 1, 1, "PT400", '"from" before "to"'),
]


@pytest.mark.parametrize(("wrong", "begin", "end", "code", "words"), REFUSED)
def test_what_is_wrong_is_refused(
    wrong: Row, begin: float, end: float, code: str, words: str, rules: Rules, event: int
) -> None:
    with pytest.raises(psycopg.Error) as refusal:
        rules.test({"event_id": event, "operator": "gt", "threshold": 1} | wrong, begin, end)
    assert refusal.value.sqlstate == code
    assert words in str(refusal.value)


def test_a_rate_of_many_values_is_found_in_the_time_of_a_request(rules: Rules) -> None:
    event = rules.event()
    rules.arrive(event, *[(second / 10, second % 10) for second in range(30_000)])
    rule = {"event_id": event, "kind": "rate", "window_seconds": 0.1, "operator": "lt", "threshold": -10}
    with rules.superuser.transaction():
        rules.superuser.execute("set local statement_timeout = '10s'")  # that of PostgREST's roles
        assert rules.test(rule | {"cooldown_seconds": 0}, 0, 3000)["fired"] == 2_999


def test_too_long_a_range_is_refused(rules: Rules) -> None:
    event = rules.event()
    rules.superuser.execute(
        "insert into private.datapoints select %s, 192, '2026-01-05'::timestamptz + n * interval '1 ms', 1"
        " from generate_series(1, 500001) n",
        (event,),
    )
    with pytest.raises(psycopg.Error, match="more than 500000 values") as refusal:
        rules.test({"event_id": event, "operator": "gt", "threshold": 1}, -50_000, 1_000_000)
    assert refusal.value.sqlstate == "PT413"
