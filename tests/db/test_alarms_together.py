"""Whatever happens in whatever order, and beside each other: the alarms are what their journal says."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.db.alarms import Alarms
from tests.support.postgres import Connection
from tests.support.sql import Sql

# What is never true. Each query finds what breaks it.
NEVER = {
    "a rule has two open alarms": """
        select rule_id from private.alarms where state <> 'normal' and rule_id is not null
        group by rule_id having count(*) > 1""",
    "an alarm is not in the state of its journal": """
        select a.id from private.alarms a
        where a.state <> (select j.state from private.alarm_journal j where j.alarm_id = a.id
                          order by j.id desc limit 1)""",
    "a step leads where no transition does": """
        select * from (
            select j.step, j.state,
                   lag(j.state, 1, 'normal') over (partition by j.alarm_id order by j.id) as state_before
            from private.alarm_journal j) s
        where not exists (select from private.alarm_transitions t
                          where (t.state, t.step, t.next_state) = (s.state_before, s.step, s.state))""",
    "occurrences are not the raisings": """
        select a.id from private.alarms a
        where a.occurrences <> (select count(*) from private.alarm_journal j
                                where j.alarm_id = a.id and j.step = 'raised')""",
    "an open alarm is silent, or not, against the shelves and experiments": """
        select * from private.unsettled_alarms(clock_timestamp())""",
    "an alarm was acknowledged and waits for it": """
        select id from private.alarms where acknowledged_at is not null and unacknowledged_since is not null""",
    "an active alarm has returned": """
        select id from private.alarms where (returned_at is null) <> (state like 'active%') and state <> 'normal'""",
}

ACKNOWLEDGE_ALL = b"select api.acknowledge_alarm(array(select id from api.alarms where state <> 'normal'))"
ACTIONS: dict[str, bytes] = {
    "acknowledge": ACKNOWLEDGE_ALL,
    "shelve": b"select api.shelve_alarm(max(id), now() + interval '1 hour', 'x') from api.alarms having count(*) > 0",
    "unshelve": b"select api.unshelve_alarm(max(id)) from api.alarms having count(*) > 0",
    # in the order in which everybody locks
    "reset": b"select api.reset_alarm(id) from (select id from api.alarms"
    b" where state = 'latched_acknowledged' order by id) waiting",
    "start": b"insert into api.experiments (name, kind) values ('run', 'run') on conflict do nothing",
    "stop": b"delete from api.experiments where name = 'run'",
}
happenings = st.lists(
    st.one_of(
        st.tuples(st.integers(0, 2), st.sampled_from(["fired", "cleared"])),
        st.tuples(st.just(0), st.sampled_from([*ACTIONS])),
    ),
    max_size=20,
)


def _broken(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    found = {rule: connection.execute(query.encode()).fetchall() for rule, query in NEVER.items()}
    return {rule: rows for rule, rows in found.items() if rows}


@pytest.fixture(scope="module")
def rules(alarms: Alarms) -> list[int]:
    """One that an experiment suppresses, a latched one, and both."""
    return [
        alarms.rule(suppressed_by="run"),
        alarms.rule(latched=True),
        alarms.rule(latched=True, suppressed_by="run"),
    ]


@settings(max_examples=75)
@given(happenings)
def test_in_any_order(alarms: Alarms, sql: Sql, rules: list[int], some: list[tuple[int, str]]) -> None:
    with sql.superuser.transaction(force_rollback=True):
        for rule, what in some:
            if what in ACTIONS:
                sql.superuser.execute(ACTIONS[what])
            else:
                alarms.happen((rules[rule], what))
        assert _broken(sql.superuser) == {}


def _pipeline(connection: Connection, rules: list[int]) -> None:
    for turn in range(60):
        names = ["fired" if (turn + n) % 2 else "cleared" for n in range(len(rules))]
        connection.execute(
            "select private.rule_alarms(%s::int[], %s::text[], array_fill(now(), '{6}'),"
            " array_fill(1::float8, '{6}'), %s::text[])",
            (rules, names, names),
        )


def _operate(connection: Connection) -> None:
    for _ in range(30):
        for what in ("acknowledge", "shelve", "start", "unshelve", "stop"):
            connection.execute(ACTIONS[what])


def _reset(connection: Connection) -> None:
    for _ in range(60):
        try:
            connection.execute(ACTIONS["reset"])
        except psycopg.Error as error:
            if error.sqlstate != "PT409":  # it came again meanwhile
                raise


def _tick(connection: Connection) -> None:
    for _ in range(60):
        connection.execute("select private.tick(clock_timestamp())")


def test_beside_each_other(alarms: Alarms, sql: Sql) -> None:
    """Two pipelines with rules of their own, two operators and the clock; nobody fails, nobody waits in a circle."""
    halves = [[alarms.rule(latched=n % 2 == 0, suppressed_by="run") for n in range(6)] for _ in range(2)]
    work: list[Callable[[], None]] = [
        partial(_pipeline, sql.as_login("postgres"), halves[0]),
        partial(_pipeline, sql.as_login("postgres"), halves[1]),
        partial(_operate, sql.as_login("postgres")),
        partial(_reset, sql.as_login("postgres")),
        partial(_tick, sql.as_login("webmacs_sidecar")),
    ]
    with ThreadPoolExecutor(len(work)) as threads:
        for running in [threads.submit(part) for part in work]:
            running.result()
    alarms.tick()
    assert _broken(sql.superuser) == {}
