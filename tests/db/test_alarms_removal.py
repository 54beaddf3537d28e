"""What happened can be read when the rule, the event or the person is gone."""

from tests.db.alarms import Alarms
from tests.support.people import People
from tests.support.sql import Sql

FIGURES = ["alarms_per_hour", "most_frequent_alarms", "standing_alarms", "chattering_alarms", "alarm_response"]


def test_a_rule(alarms: Alarms, sql: Sql) -> None:
    alarm = alarms.fire(alarms.rule())
    sql.superuser.execute("delete from private.rules where id = %s", (alarm["rule_id"],))
    after = alarms.get(alarm["id"])
    assert (after["rule_id"], after["name"], after["message"]) == (None, alarm["name"], "fired at 11")
    alarms.acknowledge(alarm["id"])
    assert alarms.get(alarm["id"])["acknowledged_at"] is not None


def test_a_latched_alarm_without_its_rule_can_be_reset(alarms: Alarms, sql: Sql) -> None:
    alarm = alarms.get(alarms.in_state("latched_acknowledged"))
    sql.superuser.execute("delete from private.rules where id = %s", (alarm["rule_id"],))
    alarms.reset(alarm["id"])
    assert alarms.get(alarm["id"])["state"] == "normal"


def test_an_event(alarms: Alarms, sql: Sql) -> None:
    alarm = alarms.fire(alarms.rule())
    sql.as_role("admin").execute("select api.purge_event(%s)", (alarm["event_id"],))
    after = alarms.get(alarm["id"])
    assert (after["rule_id"], after["event_id"], after["name"]) == (None, None, alarm["name"])
    assert alarms.steps(alarm["id"])[0] == "raised"


def test_a_person(alarms: Alarms, sql: Sql, people: People) -> None:
    person = people.user("operator", "leaver")
    alarm = alarms.fire(alarms.rule())["id"]
    connection = sql.as_caller(person)
    connection.execute("select api.acknowledge_alarm(array[%s]::bigint[], 'mine')", (alarm,))
    connection.execute("select api.shelve_alarm(%s, now() + interval '1 hour', 'later')", (alarm,))
    sql.superuser.execute("delete from private.users where id = %s", (person.id,))
    assert alarms.get(alarm)["acknowledged_by"] == "leaver"
    assert [(line["actor"], line["user_id"], line["comment"]) for line in alarms.journal(alarm)[1:]] == [
        ("leaver", None, "mine"),
        ("leaver", None, "later"),
    ]


def test_the_figures_remain(alarms: Alarms, sql: Sql) -> None:
    alarms.fire(alarms.rule())
    sql.superuser.execute("delete from private.rules")
    for figure in FIGURES:
        sql.as_role("viewer").execute(f"select * from api.{figure}".encode())
