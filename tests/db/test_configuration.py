"""The version of a controller's configuration: raised once by each statement that changes what it is told."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier

import pytest

from tests.support.drive import Drive
from tests.support.hello import Message, channel, hello, say
from tests.support.people import Caller, People
from tests.support.postgres import Connection
from tests.support.sql import Sql


@dataclass
class Oven:
    """A controller with an instance of two channels, somebody who changes them, and somebody who listens."""

    sql: Sql
    controller: Caller
    listener: Connection
    instance: int

    def change(self, statement: str) -> None:
        values = {"controller": self.controller.id, "instance": self.instance}
        self.sql.superuser.execute(statement.encode(), values)

    def welcome(self) -> Message:
        return say(self.sql, self.controller, hello(channel("a"), channel("b", direction="output"), config_version=9))

    def told(self) -> list[str]:
        """The notifications since the last time that this was asked."""
        self.sql.superuser.execute("notify webmacs_configuration, 'end'")
        heard = []
        for notify in self.listener.notifies(timeout=20):
            if notify.payload == "end":
                break
            heard.append(notify.payload)
        return heard


GUARD = """
    insert into private.interlocks (event_id, source_event_id, operator, threshold, max_age_seconds)
    select event_id, event_id, 'lt', 5, 60 from private.channel_mappings
    where plugin_instance_id = %(instance)s and channel = 'b'
"""


@pytest.fixture
def oven(sql: Sql, people: People) -> Iterator[Oven]:
    controller = people.controller()
    say(sql, controller, hello(channel("a"), channel("b", direction="output")))
    row = sql.superuser.execute(
        "select id from private.plugin_instances where controller_id = %s", (controller.id,)
    ).fetchone()
    assert row is not None
    sql.superuser.execute(GUARD.encode(), {"instance": row[0]})
    with sql.as_login("postgres") as listener:
        listener.execute("listen webmacs_configuration")
        yield Oven(sql, controller, listener, row[0])


OF_INSTANCES = "update private.plugin_instances set {} where id = %(instance)s"
OF_CHANNELS = "update private.channel_mappings set {} where plugin_instance_id = %(instance)s"
OF_EVENTS = """
    update private.events set {} where id in (
        select event_id from private.channel_mappings where plugin_instance_id = %(instance)s)
"""
OF_INTERLOCKS = """
    update private.interlocks set {} where event_id in (
        select event_id from private.channel_mappings where plugin_instance_id = %(instance)s)
"""

TOLD = [
    OF_INSTANCES.format("name = 'kiln'"),
    OF_INSTANCES.format("plugin = 'modbus'"),
    OF_INSTANCES.format("demo_mode = not demo_mode"),
    OF_INSTANCES.format("enabled = false"),
    OF_INSTANCES.format("interval_seconds = 0.01"),
    OF_INSTANCES.format("""config = '{"port": 502}'"""),
    OF_INSTANCES.format("""secrets = '{"password": "x"}'"""),
    OF_CHANNELS.format("calibration = '[[0, 0], [1, 2]]'"),
    OF_CHANNELS.format("report = 'change', deadband = 0.5"),
    OF_CHANNELS.format("heartbeat_seconds = 10"),
    OF_CHANNELS.format("safe_after_seconds = null"),
    OF_CHANNELS.format("event_id = null"),
    OF_CHANNELS.format("channel = channel || '2'"),
    OF_EVENTS.format("archived_at = now()"),
    OF_EVENTS.format("max_value = 1000"),
    GUARD,
    OF_INTERLOCKS.format("threshold = 6"),
    OF_INTERLOCKS.format("operator = 'between', threshold_high = 7"),
    OF_INTERLOCKS.format("max_age_seconds = 1"),
    OF_INTERLOCKS.format("enabled = false"),
    OF_INTERLOCKS.format("").replace("update", "delete from").replace("set ", ""),
    "delete from private.channel_mappings where plugin_instance_id = %(instance)s",
    "delete from private.plugin_instances where id = %(instance)s",
    "insert into private.plugin_instances (controller_id, name, plugin)"
    " select %(controller)s, n, 'p' from unnest('{x,y,z}'::text[]) n",
    "insert into private.channel_mappings (plugin_instance_id, channel, channel_name, unit)"
    " select %(instance)s, n, n, 'V' from unnest('{x,y,z}'::text[]) n",
    "select api.purge_event(event_id) from private.channel_mappings"
    " where plugin_instance_id = %(instance)s and channel = 'a'",
]

NOT_TOLD = [
    OF_INSTANCES.format("status = 'error', status_detail = 'x', setting_error = 'y', reported_at = now()"),
    OF_INSTANCES.format("interval_seconds = interval_seconds, config = config"),
    OF_INSTANCES.format("enabled = false").replace("where", "where false and"),
    OF_CHANNELS.format("status = 'bad', status_detail = 'x'"),
    OF_CHANNELS.format("channel_name = 'x', unit = 'V', min_value = 0, max_value = 1, safe_value = 1"),
    OF_EVENTS.format("description = 'something'"),
    OF_INTERLOCKS.format("description = 'something', threshold = threshold"),
    "update private.controllers set description = 'here' where id = %(controller)s",
]


@pytest.mark.parametrize("statement", TOLD)
def test_what_changes_the_welcome_raises_it_once(statement: str, oven: Oven) -> None:
    before = oven.welcome()
    oven.told()
    oven.change(statement)
    assert oven.told() == [f"{oven.controller.id}:{before['config_version'] + 1}"]
    after = oven.welcome()
    assert {**after, "config_version": 0} != {**before, "config_version": 0}


def test_an_output_is_told_with_its_interlocks(oven: Oven, drive: Drive) -> None:
    """Who drives it without being asked has to judge them. What is measured elsewhere, or by nobody, is nobody's."""
    output = drive.number(
        "select event_id from private.channel_mappings where plugin_instance_id = %s and channel = 'b'", oven.instance
    )
    elsewhere, purged = drive.valve().event, drive.event()
    drive.interlock(output, elsewhere, "between", 1, 2, max_age=7)
    drive.interlock(output, purged, "gt", 3)
    drive.superuser.execute("select api.purge_event(%s)", (purged,))
    of_input, of_output = (channel["interlocks"] for channel in oven.welcome()["instances"][0]["channels"])
    assert of_input == []
    assert [(lock["instance"], lock["channel"], lock["threshold"]) for lock in of_output] == [
        ("oven", "b", 5),
        (None, None, 1),
        (None, None, 3),
    ]
    assert (of_output[1]["operator"], of_output[1]["threshold_high"], of_output[1]["max_age"]) == ("between", 2, 7)
    oven.change(OF_EVENTS.format("archived_at = now()"))
    assert [lock["instance"] for lock in oven.welcome()["instances"][0]["channels"][1]["interlocks"]] == [None] * 3


@pytest.mark.parametrize("statement", NOT_TOLD)
def test_what_does_not_leaves_it(statement: str, oven: Oven) -> None:
    before = oven.welcome()
    oven.told()
    oven.change(statement)
    assert oven.told() == []
    assert oven.welcome() == before


def test_once_for_all_rows_of_a_statement(oven: Oven) -> None:
    before = oven.welcome()["config_version"]
    for statement in (OF_CHANNELS.format("deadband = 1"), OF_EVENTS.format("archived_at = now()")):
        oven.change(statement)
    assert oven.welcome()["config_version"] == before + 2


def test_an_instance_that_moves_concerns_both(oven: Oven, people: People) -> None:
    other = people.controller()
    oven.told()
    oven.change(f"update private.plugin_instances set controller_id = {other.id} where id = %(instance)s")
    assert sorted(told.split(":")[0] for told in oven.told()) == sorted([str(oven.controller.id), str(other.id)])


def test_a_controller_that_is_deleted_leaves_nothing(oven: Oven) -> None:
    oven.change("delete from private.controllers where id = %(controller)s")
    left = oven.sql.superuser.execute(
        "select from private.configurations where controller_id = %s", (oven.controller.id,)
    )
    assert left.fetchall() == []


def test_at_the_same_time_each_counts(oven: Oven) -> None:
    """Statements about the same and about several controllers, at once: none is lost, and none waits for ever."""
    before = oven.welcome()["config_version"]
    barrier = Barrier(4)

    def change(number: int) -> None:
        with oven.sql.as_login("postgres") as own:
            barrier.wait()
            own.execute(
                "update private.plugin_instances set interval_seconds = interval_seconds + %s where id = %s",
                (number, oven.instance),
            )

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(change, range(1, 5)))
    assert oven.welcome()["config_version"] == before + 4


def test_a_version_is_that_of_what_the_welcome_says(oven: Oven) -> None:
    """A change that is not committed is in neither."""
    before = oven.welcome()
    with oven.sql.as_login("postgres") as own, own.transaction():
        own.execute("update private.plugin_instances set enabled = false where id = %s", (oven.instance,))
        assert oven.welcome() == before
    after = oven.welcome()
    assert (after["config_version"], after["instances"][0]["enabled"]) == (before["config_version"] + 1, False)
