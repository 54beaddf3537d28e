"""Rules that command: the same checks, the log instead of an answer, and no circle without an end."""

import itertools
from typing import Any

import pytest

from tests.support.drive import Drive, Row
from tests.support.sql import Sql

_numbers = itertools.count(1)


class Rule:
    """A rule that fires when its event exceeds 5, and sets another one then."""

    def __init__(self, drive: Drive, sets: int | None, to: float, watches: int | None = None, **more: Any) -> None:
        self.drive = drive
        self.event = watches or drive.event()
        self.name = f"rule {next(_numbers)}"
        self.id = drive.number(
            "insert into private.rules (name, event_id, kind, operator, threshold, cooldown_seconds)"
            " values (%s, %s, 'threshold', %s, %s, 0) returning id",
            self.name,
            self.event,
            more.get("operator", "gt"),
            more.get("threshold", 5),
        )
        drive.superuser.execute(
            "insert into private.rule_actions (rule_id, kind, event_id, value) values (%s, 'set_value', %s, %s)",
            (self.id, sets, to),
        )

    def fire(self, quality: int = 192) -> None:
        self.drive.measure(self.event, 0, quality=quality)
        self.drive.measure(self.event, 6, quality=quality)

    @property
    def commands(self) -> list[Row]:
        return self.drive.rows(
            self.drive.superuser, "select * from api.commands where rule_id = %s order by id", self.id
        )

    @property
    def complaints(self) -> list[str]:
        rows = self.drive.rows(
            self.drive.superuser,
            "select message from private.log_entries where starts_with(message, %s)",
            f"Rule {self.name} fired, but ",
        )
        return [row["message"] for row in rows]


def test_a_rule_commands(drive: Drive) -> None:
    valve = drive.valve()
    rule = Rule(drive, valve.event, 40)
    rule.fire()
    (command,) = rule.commands
    assert (command["state"], command["value"], command["user_id"]) == ("queued", 40, None)
    assert command["requested_by"] == f"rule {rule.name}"
    assert command["reason"] == f"{drive.name(rule.event)} is 6 %"
    assert [pushed["value"] for pushed in drive.claim(valve)] == [40]
    assert rule.complaints == []


def test_several_firings_in_one_batch_leave_the_last(drive: Drive) -> None:
    valve = drive.valve()
    rule = Rule(drive, valve.event, 40)
    drive.superuser.execute(
        "select private.ingest(array_fill(null::int, array[6]), array_fill(%s::int, array[6]),"
        " array_fill(192::smallint, array[6]), array(select clock_timestamp() + n * interval '1 ms'"
        " from generate_series(1, 6) n), '{0,6,0,6,0,6}')",
        (rule.event,),
    )
    assert [command["state"] for command in rule.commands] == ["superseded", "superseded", "queued"]


def test_an_operator_after_a_rule(drive: Drive) -> None:
    valve = drive.valve()
    rule = Rule(drive, valve.event, 40)
    rule.fire()
    drive.set(valve.event, 10)
    assert [command["state"] for command in rule.commands] == ["superseded"]


def test_out_of_range_is_written_to_the_log(drive: Drive) -> None:
    valve = drive.valve()
    rule = Rule(drive, valve.event, 50)
    drive.superuser.execute("update private.events set max_value = 10 where id = %s", (valve.event,))
    rule.fire()
    (complaint,) = rule.complaints
    assert complaint.startswith(f"Rule {rule.name} fired, but set nothing to 50: value must be from 0 to 10 %")
    assert [command["state"] for command in rule.commands] == ["failed"]
    assert drive.newest(rule.event) == 6


def test_an_interlock_is_written_to_the_log(drive: Drive) -> None:
    valve, source = drive.valve(), drive.event()
    drive.interlock(valve.event, source)
    rule = Rule(drive, valve.event, 40)
    rule.fire()
    (complaint,) = rule.complaints
    assert complaint.endswith(f"{drive.name(source)} has no value.")


def test_an_interlock_on_the_very_value_that_fired(drive: Drive) -> None:
    valve = drive.valve()
    rule = Rule(drive, valve.event, 40)
    drive.interlock(valve.event, rule.event, "lte", 5)
    rule.fire()
    (complaint,) = rule.complaints
    assert "must be at most 5 %, but is 6 %" in complaint
    assert [command["state"] for command in rule.commands] == ["failed"]


def test_an_interlock_that_the_value_fulfils_that_fired(drive: Drive) -> None:
    valve = drive.valve()
    rule = Rule(drive, valve.event, 40)
    drive.interlock(valve.event, rule.event, "gt", 5)
    rule.fire()
    assert [pushed["value"] for pushed in drive.claim(valve)] == [40]


@pytest.mark.parametrize(("output", "lets"), [(96, True), (192, False), (216, False), (64, False), (None, False)])
def test_a_simulated_value_drives_only_what_is_simulated(drive: Drive, output: int | None, lets: bool) -> None:
    valve = drive.valve()
    rule = Rule(drive, valve.event, 40)
    if output is not None:
        drive.measure(valve.event, 0, quality=output)
    rule.fire(quality=96)
    assert [command["state"] for command in rule.commands] == ["queued" if lets else "failed"]
    words = f"{drive.name(rule.event)} is simulated, and {drive.name(valve.event)} is not."
    assert rule.complaints == [] if lets else rule.complaints[0].endswith(words)


def test_a_measured_value_drives_also_what_is_simulated(drive: Drive) -> None:
    valve = drive.valve()
    drive.measure(valve.event, 0, quality=96)
    rule = Rule(drive, valve.event, 40)
    rule.fire()
    assert [command["state"] for command in rule.commands] == ["queued"]


def test_a_simulation_that_begins_before_the_command_is_sent(drive: Drive) -> None:
    valve = drive.valve()
    rule = Rule(drive, valve.event, 40)
    rule.fire()
    drive.measure(rule.event, 7, quality=96)
    assert drive.claim(valve) == []
    assert [command["state"] for command in rule.commands] == ["failed"]


def test_what_follows_from_what_is_simulated_is_simulated(drive: Drive) -> None:
    """So no rule drives by a detour what it may not drive."""
    set_point, valve = drive.event("range"), drive.valve()
    first = Rule(drive, set_point, 40)
    second = Rule(drive, valve.event, 30, watches=set_point)
    first.fire(quality=96)
    stored = drive.rows(drive.superuser, "select value, quality from private.latest where event_id = %s", set_point)
    assert stored == [{"value": 40, "quality": 96}]
    drive.superuser.execute("select private.tick_commands(clock_timestamp())")
    drive.superuser.execute("select private.tick_set_points(clock_timestamp())")
    assert [command["state"] for command in second.commands] == ["failed"]


def test_what_is_refused_supersedes_nothing(drive: Drive) -> None:
    valve, source = drive.valve(), drive.event()
    drive.measure(source, 1)
    made = drive.set(valve.event, 10)
    rule = Rule(drive, valve.event, 40)
    drive.interlock(valve.event, rule.event, "lte", 5)
    rule.fire()
    assert drive.state(made) == "queued"


def test_an_interlock_that_blocks_later_is_written_to_the_log_too(drive: Drive) -> None:
    valve, source = drive.valve(), drive.event()
    drive.measure(source, 1)
    drive.interlock(valve.event, source)
    rule = Rule(drive, valve.event, 40)
    rule.fire()
    assert rule.complaints == []
    drive.measure(source, 6)
    assert drive.claim(valve) == []
    assert len(rule.complaints) == 1


def test_an_interlock_of_a_set_point_sees_the_value_that_fired(drive: Drive) -> None:
    set_point = drive.event("range")
    rule = Rule(drive, set_point, 40)
    drive.interlock(set_point, rule.event, "lte", 5)
    rule.fire()
    (complaint,) = rule.complaints
    assert "must be at most 5 %, but is 6 %" in complaint
    assert drive.newest(set_point) is None


def test_a_purged_event_is_written_to_the_log(drive: Drive) -> None:
    valve = drive.valve()
    rule = Rule(drive, valve.event, 40)
    drive.superuser.execute("select api.purge_event(%s)", (valve.event,))
    rule.fire()
    assert rule.complaints == [f"Rule {rule.name} fired, but set nothing to 40: the event was deleted."]


def test_one_that_may_not_keeps_the_others_from_nothing(drive: Drive) -> None:
    good, bad = drive.valve(), drive.event("actuator")
    watched = drive.event()
    rules = [Rule(drive, bad, 1, watched), Rule(drive, good.event, 2, watched)]
    rules[0].fire()
    assert len(rules[0].complaints) == 1
    assert [command["value"] for command in rules[1].commands] == [2]


def test_a_set_point_is_stored_in_the_same_transaction(drive: Drive) -> None:
    set_point = drive.event("range")
    rule = Rule(drive, set_point, 40)
    rule.fire()
    assert [command["state"] for command in rule.commands] == ["done"]
    assert drive.newest(set_point) == 40


def test_a_set_point_that_somebody_holds_keeps_no_measured_value_waiting(drive: Drive, sql: Sql) -> None:
    set_point = drive.event("range")
    drive.measure(set_point, 1)
    rule = Rule(drive, set_point, 40)
    holder = sql.as_login("postgres")
    with holder.transaction():
        holder.execute("select from private.latest where event_id = %s for update", (set_point,))
        rule.fire()
        assert drive.newest(rule.event) == 6
        assert [command["state"] for command in rule.commands] == ["queued"]
    drive.tick()
    assert drive.newest(set_point) == 40


def test_a_chain_of_set_points_goes_on_with_the_clock(drive: Drive) -> None:
    first, second = drive.event("range"), drive.event("range")
    start, then = Rule(drive, first, 40), Rule(drive, second, 50, first)
    start.fire()
    assert drive.newest(first) == 40
    assert [command["state"] for command in then.commands] == ["queued"]
    drive.tick()
    assert [command["state"] for command in then.commands] == ["done"]
    assert drive.newest(second) == 50


def test_a_circle_of_rules_ends_nowhere_and_harms_nobody(drive: Drive) -> None:
    """Each value clears one rule and fires the next: a step a second, not a stack that overflows."""
    a, b = drive.event("range"), drive.event("range")
    for event in (a, b):
        drive.measure(event, 1)
    rules = [
        Rule(drive, b, 9, a, operator="gt"),
        Rule(drive, a, 1, b, operator="gt"),
        Rule(drive, b, 1, a, operator="lt"),
        Rule(drive, a, 9, b, operator="lt"),
    ]
    drive.set(a, 9)
    before = len([command for rule in rules for command in rule.commands])
    for _ in range(8):
        drive.tick()
    after = len([command for rule in rules for command in rule.commands])
    assert before <= 3
    assert before < after <= before + 2 * 8
