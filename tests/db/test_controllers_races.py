"""A hello while somebody else writes the same configuration: neither gets an error for it."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier

import psycopg
import pytest

from tests.support.hello import Message, channel, hello, say
from tests.support.people import Caller, People
from tests.support.postgres import Connection
from tests.support.sql import Sql

HELLO_WAITS = """
    select from pg_stat_activity
    where query like '%private.controller_hello%' and wait_event_type = 'Lock' and datname = current_database()
"""
ADD = """
    insert into api.channel_mappings (plugin_instance_id, channel, channel_name, unit)
    select id, %s, 'by hand', 'V' from api.plugin_instances where controller_id = %s
"""
RENAME = """
    update api.events set name = name || ' (2)', max_value = 7
    where id = (select m.event_id from api.channel_mappings m join api.plugin_instances i on i.id = m.plugin_instance_id
                where i.controller_id = %s)
"""
COUNT = """
    select count(*) from private.channel_mappings m join private.plugin_instances i on i.id = m.plugin_instance_id
    where i.controller_id = %s and i.name like 'oven%%'
"""
WITHOUT_CHANNEL = """
    select name from private.events where id not in (select event_id from private.channel_mappings
                                                     where event_id is not null)
"""
CHANNELS = [f"c{number}" for number in range(20)]


@pytest.fixture
def controller(sql: Sql, people: People) -> Caller:
    """With an oven that has one channel."""
    caller = people.controller()
    say(sql, caller, hello(channel("a"), instance=f"oven of {caller.name}"))
    return caller


def with_a_kiln(controller: Caller, *channels: Message) -> Message:
    """A hello with a new instance, too: it has raised the version of the configuration before it comes to channels."""
    message = hello(channel("a"), *channels, instance=f"oven of {controller.name}")
    message["instances"].append({"name": "kiln", "plugin": "simulated", "channels": [channel("x")]})
    return message


@pytest.fixture(scope="module")
def slow(sql: Sql, people: People) -> Connection:
    """An administrator whose statements stop between their row and what follows, while somebody holds the lock 42."""
    sql.superuser.execute(
        "create function stop() returns trigger language plpgsql"
        " as 'begin perform pg_advisory_xact_lock_shared(42); return null; end'"
    )
    for table in ("channel_mappings", "events"):
        sql.superuser.execute(
            f"create trigger stop after insert or update on private.{table} for each row"
            " when (current_setting('test.stop', true) = 'on') execute function stop()".encode()
        )
    administrator = sql.as_caller(people.the("admin"))
    administrator.execute("set test.stop = on")
    return administrator


@pytest.mark.parametrize("statement", [ADD.replace("%s", "'b'", 1), RENAME], ids=["the same channel", "the same event"])
def test_who_writes_is_waited_for_and_comes_first(
    statement: str, sql: Sql, slow: Connection, controller: Caller
) -> None:
    """They hold the name, the hello the version of the configuration, and each wants what the other has."""
    with ThreadPoolExecutor(2) as pool, sql.as_login("postgres") as another:
        another.execute("select pg_advisory_lock(42)")
        writing = pool.submit(slow.execute, statement.encode(), (controller.id,))
        sql.until_blocked(slow)
        greeting = pool.submit(say, sql, controller, with_a_kiln(controller, channel("b")))
        while not another.execute(HELLO_WAITS).fetchall():
            pass
        another.execute("select pg_advisory_unlock(42)")
        assert writing.result(20).rowcount == 1
        instances = greeting.result(20)["instances"]
    assert [[one["channel"] for one in instance["channels"]] for instance in instances] == [["x"], ["a", "b"]]


def test_two_sockets_and_an_administrator_add_the_same_channels(sql: Sql, controller: Caller) -> None:
    start = Barrier(3)

    def greet() -> None:
        start.wait()
        say(sql, controller, with_a_kiln(controller, *map(channel, CHANNELS)))

    def add() -> None:
        admin = sql.as_role("admin")
        start.wait()
        for name in reversed(CHANNELS):
            with suppress(psycopg.errors.UniqueViolation):  # the hello was quicker
                admin.execute(ADD, (name, controller.id))

    with ThreadPoolExecutor(3) as pool:
        for work in [pool.submit(greet), pool.submit(greet), pool.submit(add)]:
            work.result(20)
    assert sql.superuser.execute(COUNT, (controller.id,)).fetchone() == (1 + len(CHANNELS),)
    assert sql.superuser.execute(WITHOUT_CHANNEL).fetchall() == []
