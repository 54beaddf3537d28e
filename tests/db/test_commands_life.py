"""The life of a command: which steps there are, who takes them, and what the clock does."""

import itertools

import psycopg
import pytest

from tests.support.drive import Drive, Row, Valve
from tests.support.people import People
from tests.support.sql import Sql

STATES = ("queued", "sent", "done", "failed", "expired", "superseded", "outcome_unknown")
STEPS = {
    ("queued", "sent"),
    ("queued", "done"),
    ("queued", "failed"),
    ("queued", "expired"),
    ("queued", "superseded"),
    ("sent", "done"),
    ("sent", "failed"),
    ("sent", "expired"),
    ("sent", "outcome_unknown"),
    ("outcome_unknown", "done"),
    ("outcome_unknown", "failed"),
    ("outcome_unknown", "expired"),
}
FORCE = "update private.commands set state = %s where id = %s"


def in_state(drive: Drive, state: str) -> Row:
    """A command that has come so far."""
    made = drive.set(drive.valve().event, 1)
    for step in {"queued": (), "outcome_unknown": ("sent", "outcome_unknown")}.get(state, (state,)):
        drive.superuser.execute(FORCE, (step, made["id"]))
    return drive.command(made)


@pytest.mark.parametrize(("before", "after"), list(itertools.permutations(STATES, 2)))
def test_only_these_steps_are_possible(drive: Drive, before: str, after: str) -> None:
    command = in_state(drive, before)
    if (before, after) in STEPS:
        drive.superuser.execute(FORCE, (after, command["id"]))
        assert drive.state(command) == after
    else:
        with pytest.raises(psycopg.Error, match=f"A command that is {before} cannot become {after}."):
            drive.superuser.execute(FORCE, (after, command["id"]))


@pytest.mark.parametrize("state", STATES)
def test_each_state_has_its_times(drive: Drive, state: str) -> None:
    command = in_state(drive, state)
    assert (command["sent_at"] is not None) == (state in ("sent", "outcome_unknown"))
    assert (command["finished_at"] is None) == (state in ("queued", "sent"))


def test_no_other_state(drive: Drive) -> None:
    with pytest.raises(psycopg.Error, match="cannot become lost"):
        drive.superuser.execute(FORCE, ("lost", in_state(drive, "queued")["id"]))


@pytest.mark.parametrize("change", ["value = 2", "event_id = event_id + 1", "expires_at = expires_at + '1 s'"])
def test_what_is_asked_for_does_not_change(drive: Drive, change: str) -> None:
    command = in_state(drive, "queued")
    with pytest.raises(psycopg.Error, match="What a command asks for cannot change"):
        drive.superuser.execute(f"update private.commands set {change} where id = %s".encode(), (command["id"],))


def test_a_new_command_is_queued(drive: Drive) -> None:
    with pytest.raises(psycopg.Error, match="A new command is queued"):
        drive.superuser.execute(
            "insert into private.commands (event_id, value, requested_by, state, expires_at)"
            " values (%s, 1, 'me', 'done', now() + '1 min')",
            (drive.valve().event,),
        )


# sending ----------------------------------------------------------------------


def test_it_is_pushed_once_with_what_the_controller_needs(drive: Drive) -> None:
    valve, source = drive.valve(), drive.event()
    drive.measure(source, 1)
    drive.interlock(valve.event, source, "between", 0, 5, max_age=30)
    made = drive.set(valve.event, 40, ttl_seconds=60)
    (pushed,) = drive.claim(valve)
    assert (pushed["public_id"], pushed["value"]) == (made["public_id"], 40)
    assert pushed["event_public_id"] == made["event_public_id"]
    assert 0 < pushed["ttl"] <= 60
    (interlock,) = pushed["interlocks"]
    assert interlock.pop("event_public_id")
    assert interlock.pop("instance") is interlock.pop("channel") is None
    assert interlock == {"operator": "between", "threshold": 0, "threshold_high": 5, "max_age": 30}
    assert drive.state(made) == "sent"
    assert drive.claim(valve) == []


def test_a_later_command_supersedes_what_waits(drive: Drive) -> None:
    valve, other = drive.valve(), drive.valve()
    first, elsewhere, second = drive.set(valve.event, 1), drive.set(other.event, 1), drive.set(valve.event, 2)
    assert [drive.state(command) for command in (first, elsewhere, second)] == ["superseded", "queued", "queued"]
    assert [pushed["value"] for pushed in drive.claim(valve)] == [2]


def test_what_was_sent_is_not_superseded(drive: Drive) -> None:
    valve = drive.valve()
    first = drive.set(valve.event, 1)
    drive.claim(valve)
    second = drive.set(valve.event, 2)
    assert (drive.state(first), drive.state(second)) == ("sent", "queued")
    assert [pushed["value"] for pushed in drive.claim(valve)] == [2]


def test_only_the_newest_socket_gets_it(drive: Drive) -> None:
    valve = drive.valve()
    older, newer = valve.socket, drive.connect(valve.controller)
    drive.set(valve.event, 1)
    assert drive.claim(valve, older) == []
    assert len(drive.claim(valve, newer)) == 1


def test_an_older_socket_that_closes_takes_nothing_away(drive: Drive) -> None:
    valve = drive.valve()
    older, newer = valve.socket, drive.connect(valve.controller)
    drive.sidecar.execute("select private.leave_commands(%s, %s)", (valve.controller.id, older))
    drive.set(valve.event, 1)
    assert len(drive.claim(valve, newer)) == 1


def test_an_older_socket_takes_over_from_one_that_closed(drive: Drive) -> None:
    valve = drive.valve()
    older, newer = valve.socket, drive.connect(valve.controller)
    drive.set(valve.event, 1)
    drive.claim(valve, newer)
    drive.sidecar.execute("select private.leave_commands(%s, %s)", (valve.controller.id, newer))
    assert len(drive.claim(valve, older)) == 1
    assert drive.claim(valve, newer) == []


def test_a_new_socket_gets_again_what_has_no_answer(drive: Drive) -> None:
    valve = drive.valve()
    made = drive.set(valve.event, 1)
    (first,) = drive.claim(valve)
    sent_at = drive.command(made)["sent_at"]
    (again,) = drive.claim(valve, drive.connect(valve.controller))
    assert first["public_id"] == again["public_id"]
    assert drive.command(made)["sent_at"] == sent_at


def test_a_sidecar_that_does_not_know_what_it_claimed_claims_again(drive: Drive) -> None:
    valve = drive.valve()
    made = drive.set(valve.event, 1)
    drive.claim(valve)
    assert [pushed["public_id"] for pushed in drive.claim(valve, again=True)] == [made["public_id"]]
    drive.answer(valve.controller, made, "done", 1)
    assert drive.claim(valve, again=True) == []


def test_a_new_socket_does_not_get_what_a_later_command_overtook(drive: Drive) -> None:
    valve = drive.valve()
    for value in (1, 2):
        drive.set(valve.event, value)
        drive.claim(valve)
    assert [pushed["value"] for pushed in drive.claim(valve, drive.connect(valve.controller))] == [2]


def test_a_controller_gets_its_own_commands_alone(drive: Drive) -> None:
    valve, other = drive.valve(), drive.valve()
    drive.set(valve.event, 1)
    assert drive.claim(other) == []
    assert drive.claim(Valve(valve.event, other.controller, valve.socket)) == []


def test_it_is_judged_again_when_it_is_sent(drive: Drive) -> None:
    valve = drive.valve()
    made = drive.set(valve.event, 90)
    drive.superuser.execute("update private.events set max_value = 50 where id = %s", (valve.event,))
    assert drive.claim(valve) == []
    failed = drive.command(made)
    assert failed["state"] == "failed"
    assert failed["error"].startswith("value must be from 0 to 50 %")


def test_an_interlock_that_blocks_meanwhile_fails_it(drive: Drive) -> None:
    valve, source = drive.valve(), drive.event()
    drive.interlock(valve.event, source)
    drive.measure(source, 1)
    made = drive.set(valve.event, 1)
    drive.measure(source, 6)
    assert drive.claim(valve) == []
    assert "must be at most 5 %, but is 6 %" in drive.command(made)["error"]


def test_an_interlock_keeps_back_what_was_sent_before(drive: Drive) -> None:
    """The controller may have carried it out: it has not failed, but it is not sent again."""
    valve, source = drive.valve(), drive.event()
    drive.interlock(valve.event, source)
    drive.measure(source, 1)
    made = drive.set(valve.event, 1)
    drive.claim(valve)
    drive.measure(source, 6)
    assert drive.claim(valve, drive.connect(valve.controller)) == []
    assert drive.state(made) == "sent"


def test_another_controller_took_the_channel_over(drive: Drive, people: People) -> None:
    valve = drive.valve()
    made = drive.set(valve.event, 1)
    drive.superuser.execute(
        "update private.plugin_instances set controller_id = %s where controller_id = %s",
        (people.controller().id, valve.controller.id),
    )
    assert drive.claim(valve) == []
    assert drive.command(made)["error"] == "Something else drives it now."


def test_the_controller_is_removed(drive: Drive) -> None:
    valve = drive.valve()
    waiting = drive.set(valve.event, 1)
    drive.superuser.execute("delete from private.controllers where id = %s", (valve.controller.id,))
    drive.tick()
    command = drive.command(waiting)
    assert (command["state"], command["controller_id"]) == ("failed", None)
    assert "is driven by no channel" in command["error"]
    assert drive.newest(valve.event) is None


def test_it_names_the_channel_that_drives_the_event_now(drive: Drive) -> None:
    """The controller's own list is as old as its hello."""
    valve = drive.valve()
    drive.set(valve.event, 1)
    drive.superuser.execute(
        "update private.channel_mappings set channel = 'other' where event_id = %s returning id", (valve.event,)
    )
    (pushed,) = drive.claim(valve)
    assert (pushed["instance"], pushed["channel"]) == (valve.instance, "other")


def test_it_names_the_channels_that_the_controller_judges_itself(drive: Drive, people: People) -> None:
    controller = people.controller()
    other, own, valve = drive.valve(), drive.valve(controller=controller), drive.valve(controller=controller)
    for source in (own, other):
        drive.measure(source.event, 1)
        drive.interlock(valve.event, source.event)
    drive.set(valve.event, 1)
    (pushed,) = drive.claim(valve)
    assert [(lock["instance"], lock["channel"]) for lock in pushed["interlocks"]] == [(own.instance, "c"), (None, None)]


@pytest.mark.parametrize(("own", "seconds"), [(True, 60), (False, 7)])
def test_it_has_no_longer_than_what_another_controller_measured_is_fresh(
    drive: Drive, people: People, own: bool, seconds: float
) -> None:
    controller = people.controller()
    source, valve = drive.valve(controller=controller if own else None), drive.valve(controller=controller)
    drive.interlock(valve.event, source.event, max_age=10)
    drive.measure(source.event, 1, seconds_ago=3)
    drive.set(valve.event, 1, ttl_seconds=60)
    (pushed,) = drive.claim(valve)
    assert seconds - 2 < pushed["ttl"] <= seconds


# answers ----------------------------------------------------------------------


def sent(drive: Drive, valve: Valve) -> Row:
    made = drive.set(valve.event, 1)
    drive.claim(valve)
    return made


@pytest.mark.parametrize("state", ["done", "failed", "expired", "outcome_unknown"])
def test_the_controller_says_what_became_of_it(drive: Drive, state: str) -> None:
    valve = drive.valve()
    made = sent(drive, valve)
    drive.answer(valve.controller, made, state, 0.5, "It sticks")
    command = drive.command(made)
    assert (command["state"], command["value_read"], command["error"]) == (state, 0.5, "It sticks")


def test_an_answer_again_changes_nothing(drive: Drive) -> None:
    valve = drive.valve()
    made = sent(drive, valve)
    drive.answer(valve.controller, made, "done", 1)
    before = drive.command(made)
    drive.answer(valve.controller, made, "done", 1)
    drive.answer(valve.controller, made, "failed", 2, "No, it failed")
    assert drive.command(made) == before


def test_the_answer_of_another_controller_counts_for_nothing(drive: Drive, people: People) -> None:
    valve = drive.valve()
    made = sent(drive, valve)
    drive.answer(people.controller(), made, "done", 1)
    assert drive.state(made) == "sent"


def test_an_answer_to_what_was_not_sent_counts_for_nothing(drive: Drive) -> None:
    valve = drive.valve()
    made = drive.set(valve.event, 1)
    drive.answer(valve.controller, made, "done", 1)
    assert drive.state(made) == "queued"


@pytest.mark.parametrize("state", ["done", "failed", "expired"])
def test_a_late_answer_is_better_than_none(drive: Drive, state: str) -> None:
    valve = drive.valve()
    made = sent(drive, valve)
    drive.tick(60)
    assert drive.state(made) == "outcome_unknown"
    drive.answer(valve.controller, made, state, 1)
    assert (drive.command(made)["state"], drive.command(made)["value_read"]) == (state, 1)


def test_the_controller_does_not_know_either_but_reads_the_output(drive: Drive) -> None:
    valve = drive.valve()
    made = sent(drive, valve)
    drive.tick(60)
    drive.answer(valve.controller, made, "outcome_unknown", 0.25)
    assert drive.command(made)["value_read"] == 0.25


# the clock --------------------------------------------------------------------


def test_what_could_not_be_sent_in_time_expires(drive: Drive) -> None:
    valve = drive.valve()
    made = drive.set(valve.event, 1, ttl_seconds=20)
    drive.tick(19)
    assert drive.state(made) == "queued"
    drive.tick(20)
    assert drive.state(made) == "expired"
    assert drive.claim(valve) == []


def test_it_says_why_it_was_not_sent(drive: Drive) -> None:
    valve, here = drive.valve(), drive.valve()
    drive.superuser.execute("update private.controllers set connected_at = now() where id = %s", (here.controller.id,))
    commands = [drive.set(one.event, 1, ttl_seconds=1) for one in (valve, here)]
    drive.tick(2)
    errors = [drive.command(command)["error"] for command in commands]
    assert errors == [
        f"The controller {valve.controller.name} is not connected.",
        "It could not be carried out in time.",
    ]


@pytest.mark.parametrize(("before", "after"), [("queued", "expired"), ("sent", "outcome_unknown")])
def test_a_clock_that_is_set_back_prolongs_no_command(drive: Drive, before: str, after: str) -> None:
    valve = drive.valve()
    made = drive.set(valve.event, 1)
    if before == "sent":
        drive.claim(valve)
    drive.tick(-3600)
    assert drive.state(made) == after


def test_what_hinders_set_points_keeps_no_command_from_its_end(drive: Drive, sql: Sql) -> None:
    waiting = drive.set(drive.valve().event, 1, ttl_seconds=1)
    with sql.as_login("postgres").transaction() as broken:
        clock = broken.connection
        clock.execute("alter function private.settle_commands() rename to settle_no_commands")
        clock.execute("select private.tick(clock_timestamp() + interval '2 seconds')")
        ended = clock.execute("select state from private.commands where id = %s", (waiting["id"],)).fetchone()
        raise psycopg.Rollback(broken)
    assert ended == ("expired",)


def test_what_was_sent_is_unknown_after_ten_seconds_more(drive: Drive) -> None:
    valve = drive.valve()
    made = drive.set(valve.event, 1, ttl_seconds=20)
    drive.claim(valve)
    drive.tick(29)
    assert drive.state(made) == "sent"
    drive.tick(31)
    assert drive.state(made) == "outcome_unknown"


def test_purging_the_event_takes_its_commands_along(drive: Drive, people: People) -> None:
    valve = drive.valve()
    made = sent(drive, valve)
    drive.superuser.execute("select api.purge_event(%s)", (valve.event,))
    drive.answer(valve.controller, made, "done", 1)
    assert drive.rows(drive.superuser, "select from private.commands where id = %s", made["id"]) == []


def test_people_go_and_their_commands_stay(drive: Drive) -> None:
    made = drive.set(drive.valve().event, 1)
    drive.superuser.execute("update private.commands set user_id = null where id = %s", (made["id"],))
    assert drive.command(made)["requested_by"] == made["requested_by"]
