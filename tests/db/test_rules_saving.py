"""rpc/save_rule: a rule and its actions, all or nothing."""

import json

import psycopg
import pytest

from tests.db.rules import Row, Rules
from tests.support.sql import Sql


@pytest.fixture(scope="module")
def rules(sql: Sql) -> Rules:
    """Makes rules."""
    return Rules(sql)


def test_a_rule_is_saved_with_its_actions_and_changed(rules: Rules) -> None:
    event, valve = rules.event(), rules.event("actuator")
    actions = [
        {"kind": "log"},
        {"kind": "alarm"},
        {"kind": "webhook", "webhook_type": "sensor.threshold_exceeded"},
        {"kind": "set_value", "event_id": valve, "value": 0},
    ]
    rule = rules.save(event, actions=actions)
    saved = rules.change(rule)
    assert [action["kind"] for action in saved["actions"]] == ["log", "alarm", "webhook", "set_value"]
    assert saved["deadband"] == 0
    changed = rules.change(rule, threshold=20, actions=[{"kind": "alarm"}])
    assert changed["threshold"] == 20
    assert [action["kind"] for action in changed["actions"]] == ["alarm"]
    assert rules.change(rule, severity="high")["actions"] == changed["actions"]


def test_what_was_read_may_be_sent_back(rules: Rules) -> None:
    rule = rules.save(rules.event(), actions=[{"kind": "log"}, {"kind": "alarm"}])
    read = rules.change(rule)["actions"]
    assert [action["kind"] for action in rules.change(rule, actions=read)["actions"]] == ["log", "alarm"]


def test_of_two_who_change_one_the_second_is_told(rules: Rules) -> None:
    rule = rules.save(rules.event())
    read = rules.version(rule)
    rules.change(rule, threshold=1)
    with pytest.raises(psycopg.Error, match=r"version is 2 by now: \S+ changed this rule meanwhile\.") as refusal:
        rules.ask("select api.save_rule(%s)", json.dumps({"id": rule, "version": read, "threshold": 2, "actions": []}))
    assert refusal.value.sqlstate == "PT409"
    assert rules.rows("select threshold from api.rules where id = %s", rule) == [{"threshold": 1}]
    assert len(rules.rows("select from api.rule_actions where rule_id = %s", rule)) == 1


@pytest.mark.parametrize(
    ("version", "code"), [({}, "PT428"), ({"version": None}, "PT428"), ({"version": "1"}, "PT422")]
)
def test_a_whole_rule_is_not_saved_blindly(version: Row, code: str, rules: Rules) -> None:
    rule = rules.save(rules.event())
    with pytest.raises(psycopg.Error, match=r"^version must") as refusal:
        rules.ask("select api.save_rule(%s)", json.dumps({"id": rule, "threshold": 2} | version))
    assert refusal.value.sqlstate == code


def test_every_change_counts_also_of_single_columns_and_of_actions_alone(rules: Rules) -> None:
    rule = rules.save(rules.event())
    assert rules.change(rule, actions=[{"kind": "alarm"}])["version"] == 2
    rules.superuser.execute("update api.rules set enabled = false where id = %s", (rule,))
    assert rules.version(rule) == 3
    assert rules.change(rule, threshold=5)["version"] == 4


REFUSED: list[tuple[Row, str, str]] = [
    ({"operator": "between"}, "23514", "threshold_high must be given for between"),
    ({"operator": "above"}, "23514", "operator must be gt, lt, gte, lte, eq, between or not_between"),
    ({"cooldown_seconds": -1}, "23514", "cooldown_seconds must be from 0 to 31536000"),
    ({"event_id": 999999}, "23503", "event_id must name an event"),
    ({"nonsense": 1, "public_id": None}, "PT422", "A rule has no nonsense, public_id."),
    ({"id": None}, "PT422", "id must be the number of a rule."),
    ({"nonsense": 1}, "PT422", "A rule has no nonsense."),
    ({"event_id": "x"}, "PT422", "event_id must be a whole number."),
    ({"event_id": 1.5}, "PT422", "event_id must be a whole number."),
    ({"event_id": 99999999999}, "PT422", "event_id must be a whole number."),
    ({"threshold": [1]}, "PT422", "threshold must be a number."),
    ({"threshold": "10"}, "PT422", "threshold must be a number."),
    ({"threshold": 10**400}, "PT422", "threshold must be a number."),
    ({"threshold": True}, "PT422", "threshold must be a number."),
    ({"enabled": 5}, "PT422", "enabled must be true or false."),
    ({"name": ["a"]}, "PT422", "name must be text."),
    ({"message": {}}, "PT422", "message must be text."),
    ({"threshold": None}, "23514", "operator and threshold must be given"),
    ({"id": "x"}, "PT422", "id must be the number of a rule."),
    ({"id": 1.5}, "PT422", "id must be the number of a rule."),
    ({"id": 999999}, "PT404", "There is no rule 999999."),
    ({"actions": None}, "PT400", "actions must be an array of objects."),
    ({"actions": [5]}, "PT400", "actions must be an array of objects."),
    ({"actions": [[{"kind": "log"}]]}, "PT400", "actions must be an array of objects."),
    ({"actions": [{"kind": "log", "bogus": 1}]}, "PT422", "An action has no bogus."),
    ({"actions": [{"kind": "set_value", "event_id": "x", "value": 1}]}, "PT422", "event_id must be a whole number."),
    ({"actions": {}}, "PT400", "actions must be an array of objects."),
    ({"actions": [{"kind": "mail"}]}, "23514", "kind must be log, alarm, webhook or set_value"),
    ({"actions": [{"kind": "log"}, {"kind": "log"}]}, "23505", "a rule writes one log entry"),
]


@pytest.mark.parametrize(("wrong", "code", "words"), REFUSED)
def test_what_is_wrong_is_refused_and_nothing_is_saved(wrong: Row, code: str, words: str, rules: Rules) -> None:
    rule = {"name": "refused", "event_id": rules.event(), "operator": "gt", "threshold": 1}
    with pytest.raises(psycopg.Error) as refusal:
        rules.ask("select api.save_rule(%s)", json.dumps(rule | wrong))
    assert refusal.value.sqlstate == code
    assert words in str(refusal.value)
    assert rules.rows("select from api.rules where name = 'refused'") == []


def test_an_action_on_a_sensor_leaves_no_rule_behind(rules: Rules) -> None:
    sensor = rules.event()
    action = {"kind": "set_value", "event_id": sensor, "value": 1}
    with pytest.raises(psycopg.Error, match=r"event_id must name what can be set, but .* is a sensor"):
        rules.save(sensor, name="half", actions=[{"kind": "log"}, action])
    assert rules.rows("select from api.rules where name = 'half'") == []


def test_an_action_sets_only_what_is_in_range(rules: Rules) -> None:
    valve = rules.event("actuator")
    with pytest.raises(psycopg.Error, match="value must be from 0 to 100, the range of pressure"):
        rules.save(rules.event(), actions=[{"kind": "set_value", "event_id": valve, "value": 101}])


def test_a_rule_that_is_not_there_is_not_changed(rules: Rules) -> None:
    with pytest.raises(psycopg.Error, match=r"There is no rule 999999\.") as refusal:
        rules.change(999999, threshold=1)
    assert refusal.value.sqlstate == "PT404"


def test_who_saved_it_is_in_the_audit_log(rules: Rules, sql: Sql) -> None:
    event = rules.event()
    wanted = {"name": "audited", "event_id": event, "operator": "gt", "threshold": 1, "actions": [{"kind": "log"}]}
    sql.as_role("admin").execute("select api.save_rule(%s)", (json.dumps(wanted),))
    entries = rules.rows(
        "select table_name, operation, role from api.audit_log"
        " where table_name like 'rule%%' and actor <> 'postgres' order by id"
    )
    assert entries == [
        {"table_name": "rules", "operation": "insert", "role": "webmacs_admin"},
        {"table_name": "rule_actions", "operation": "insert", "role": "webmacs_admin"},
    ]
