"""Settings of plugin instances, checked by the JSON Schema that the controller has told; secrets; calibrations."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.support.hello import BUS, Message, channel, hello, plugin, say
from tests.support.people import Caller, People
from tests.support.postgres import Connection
from tests.support.sql import Sql

GOOD = {"host": "plc.local"}
INSERT = """
    insert into api.plugin_instances (controller_id, name, plugin, config, secrets)
    values (%s, %s, %s, %s, %s)
"""


@pytest.fixture(scope="module")
def controller(sql: Sql, people: People) -> Caller:
    caller = people.controller()
    say(sql, caller, {"plugins": [plugin(), plugin(None, id="anything"), plugin(NONSENSE, id="nonsense")]})
    return caller


@pytest.fixture
def admin(sql: Sql) -> Iterator[Connection]:
    with sql.as_role("admin").transaction(force_rollback=True) as transaction:
        yield transaction.connection


def add(admin: Connection, controller: Caller, config: object, secrets: object = None, kind: str = "bus") -> None:
    wrapped = None if secrets is None else Jsonb(secrets)
    admin.execute(INSERT, (controller.id, "Bus", kind, Jsonb(config), wrapped))


def nested(levels: int) -> Message:
    return {"anyOf": [nested(levels - 1), {"type": "string"}]} if levels else {"type": "string"}


NONSENSE: Message = {
    "type": 17,
    "properties": [],
    "required": "everything",
    "additionalProperties": {"minimum": "low", "pattern": "(", "enum": 3, "anyOf": {}, "maxLength": "x"},
}
HOST = "a text of 1 to 20 characters that matches ^[a-z.]+$"
KEYS = "host, port, wait, parity, fast, password, registers, labels, logins"

WRONG: list[tuple[Any, str]] = [
    ({}, f"config.host must be given: {HOST}."),
    ({"host": ""}, f"config.host must be {HOST}."),
    ({"host": "x" * 21}, f"config.host must be {HOST}."),
    ({"host": "PLC"}, f"config.host must be {HOST}."),
    ({"host": 7}, f"config.host must be {HOST}."),
    ({"host": None}, f"config.host must be {HOST}."),
    ({"hots": "plc"}, f"config.hots is not known; allowed are {KEYS}."),
    (GOOD | {"port": 0}, "config.port must be a whole number from 1 to 65535."),
    (GOOD | {"port": 65536}, "config.port must be a whole number from 1 to 65535."),
    (GOOD | {"port": 1.5}, "config.port must be a whole number from 1 to 65535."),
    (GOOD | {"port": 10**300}, "config.port must be a whole number from 1 to 65535."),
    (GOOD | {"port": "502"}, "config.port must be a whole number from 1 to 65535."),
    (GOOD | {"port": True}, "config.port must be a whole number from 1 to 65535."),
    (GOOD | {"wait": 0}, "config.wait must be a number, greater than 0, a multiple of 0.5."),
    (GOOD | {"wait": 0.7}, "config.wait must be a number, greater than 0, a multiple of 0.5."),
    (GOOD | {"parity": "mark"}, "config.parity must be one of even, odd, null."),
    (GOOD | {"fast": "yes"}, "config.fast must be true or false."),
    (GOOD | {"registers": {}}, "config.registers must be a list of at most 2 items."),
    (GOOD | {"registers": [{"address": 1}] * 3}, "config.registers must be a list of at most 2 items."),
    (GOOD | {"registers": [1]}, "config.registers[0] must be an object."),
    (
        GOOD | {"registers": [{"address": 1}, {}]},
        "config.registers[1].address must be given: a whole number of at least 0.",
    ),
    (GOOD | {"registers": [{"address": -1}]}, "config.registers[0].address must be a whole number of at least 0."),
    (
        GOOD | {"registers": [{"adress": 1}]},
        "config.registers[0].adress is not known; allowed are address, scale.",
    ),
    (
        GOOD | {"registers": [{"address": 1, "scale": "x"}]},
        "config.registers[0].scale must be a list of at least 2 items or a number.",
    ),
    (
        GOOD | {"registers": [{"address": 1, "scale": [1]}]},
        "config.registers[0].scale must be a list of at least 2 items.",
    ),
    (GOOD | {"labels": {"a": 1}}, "config.labels.a must be a text."),
    (GOOD | {"password": "correct horse"}, "config.password is a secret: it belongs into secrets."),
    (GOOD | {"logins": []}, "config.logins is a secret: it belongs into secrets."),
    # the first, in the order of the plugin's author
    (GOOD | {"wait": 0, "port": 0}, "config.port must be a whole number from 1 to 65535."),
]

WRONG_SECRETS: list[tuple[Any, str]] = [
    ({"password": "short"}, "secrets.password must be a text of at least 8 characters."),
    ({"password": 12345678}, "secrets.password must be a text of at least 8 characters."),
    ({"host": "plc.local"}, "secrets.host is no secret: it belongs into config."),
    ({"token": "x"}, "secrets.token is not known; allowed are password, logins."),
    ({"logins": [{"key": 1}]}, "secrets.logins[0].key must be a text."),
]


@pytest.mark.parametrize(
    "settings",
    [
        GOOD,
        GOOD | {"port": 1, "wait": 0.5, "parity": None, "fast": True, "registers": [], "labels": {}},
        GOOD | {"port": 65535, "wait": 2, "parity": "odd", "registers": [{"address": 0, "scale": [1, 2]}]},
        GOOD | {"labels": {"any key": "any value"}},
    ],
)
def test_what_the_plugin_allows(settings: Message, admin: Connection, controller: Caller) -> None:
    add(admin, controller, settings, {"password": "correct horse"})


@pytest.mark.parametrize(("settings", "message"), WRONG)
def test_a_wrong_setting_is_named_with_what_is_allowed(
    settings: Message, message: str, admin: Connection, controller: Caller
) -> None:
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        add(admin, controller, settings)
    assert refused.value.diag.message_primary == message


@pytest.mark.parametrize(("secrets", "message"), WRONG_SECRETS)
def test_a_wrong_secret_is_named_and_not_shown(
    secrets: Message, message: str, admin: Connection, controller: Caller
) -> None:
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        add(admin, controller, GOOD, secrets)
    assert refused.value.diag.message_primary == message
    assert "short" not in str(refused.value)


def test_a_changed_setting_is_checked_too(admin: Connection, controller: Caller) -> None:
    add(admin, controller, GOOD, {"password": "correct horse"})
    with pytest.raises(psycopg.errors.CheckViolation, match=r"config\.port must be"):
        admin.execute("""update api.plugin_instances set config = '{"host": "plc.local", "port": 0}'
                         where controller_id = %s""", (controller.id,))  # fmt: skip


@pytest.mark.parametrize("kind", ["anything", "not installed", "nonsense"])
@pytest.mark.parametrize("settings", [{}, {"x": [1, {"y": "z"}]}])
def test_without_a_schema_that_makes_sense_anything_is_taken(
    kind: str, settings: Message, admin: Connection, controller: Caller
) -> None:
    add(admin, controller, settings, {"x": "y"}, kind)


def test_what_became_wrong_can_still_be_switched_off(sql: Sql, people: People) -> None:
    """The plugin may be of another version by now."""
    controller = people.controller()
    say(sql, controller, {"plugins": [plugin(None)]})
    admin = sql.as_role("admin")
    add(admin, controller, {"old": True})
    say(sql, controller, {"plugins": [plugin()]})
    admin.execute("update api.plugin_instances set enabled = false where controller_id = %s", (controller.id,))
    with pytest.raises(psycopg.errors.CheckViolation, match=r"config\.old is not known"):
        admin.execute(
            'update api.plugin_instances set config = config || \'{"host": "x"}\' where controller_id = %s',
            (controller.id,),
        )


def test_who_drives_an_output_finds_it_when_its_instance_is_renamed(sql: Sql, people: People) -> None:
    controller, stranger = people.controller(), people.controller()
    say(sql, controller, {"plugins": [plugin(None, id="anything"), plugin()]})
    driving = {
        "valve": {"instance": "Bus", "channel": "v"},
        "other": {"instance": "Bus 2", "channel": "v"},
        "place": {"instance": "Bus", "channel": "v", "floor": 1},
        "name": "Bus",
    }
    with sql.as_role("admin").transaction() as transaction:
        admin = transaction.connection
        for owner, name, config in (
            (controller, "Bus", {}),
            (controller, "Rinsing", driving),
            (stranger, "R", driving),
        ):
            admin.execute(INSERT, (owner.id, name, "anything", Jsonb(config), None))
        rename = "update api.plugin_instances set name = %s where controller_id = %s and name = %s"
        admin.execute(rename, ("Line", controller.id, "Bus"))
        rows = admin.execute(
            "select name, config from api.plugin_instances where controller_id = any (%s) order by name",
            ([controller.id, stranger.id],),
        ).fetchall()
    assert rows == [
        ("Line", {}),
        ("R", driving),
        ("Rinsing", driving | {"valve": {"instance": "Line", "channel": "v"}}),
    ]


def test_two_that_are_renamed_at_the_same_time_do_not_wait_for_each_other(sql: Sql, people: People) -> None:
    """The first is held up between the row that it renames and the one that drives it, which is renamed meanwhile."""
    controller = people.controller()
    say(sql, controller, {"plugins": [plugin(None, id="anything")]})
    driving = {"valve": {"instance": "Bus", "channel": "v"}}
    with sql.as_role("admin").transaction() as transaction:
        for name, config in (("Bus", {}), ("Rinsing", driving)):
            transaction.connection.execute(INSERT, (controller.id, name, "anything", Jsonb(config), None))
    sql.superuser.execute("""
        create function pg_temp.rest() returns trigger
            language plpgsql as 'begin perform pg_sleep(1); return null; end';
        create trigger a_rest after update on private.plugin_instances for each row
            when (old.name = 'Bus') execute function pg_temp.rest()
    """)

    def rename(old: str, wait: float) -> str:
        time.sleep(wait)
        try:
            with sql.as_login("postgres") as login:
                login.execute(
                    "update api.plugin_instances set name = 'X' where controller_id = %s and name = %s",
                    (controller.id, old),
                )
        except psycopg.Error as error:
            return type(error).__name__
        return "renamed"

    try:
        with ThreadPoolExecutor() as pool:
            assert list(pool.map(rename, ("Bus", "Rinsing"), (0, 0.4))) == ["renamed", "UniqueViolation"]
    finally:
        sql.superuser.execute("drop trigger a_rest on private.plugin_instances")


def test_a_setting_that_became_wrong_keeps_no_other_instance_from_its_name(sql: Sql, people: People) -> None:
    controller = people.controller()
    say(sql, controller, {"plugins": [plugin(None), plugin(None, id="anything")]})
    with sql.as_role("admin").transaction() as transaction:
        admin = transaction.connection
        admin.execute(INSERT, (controller.id, "Bus", "anything", Jsonb({}), None))
        admin.execute(
            INSERT, (controller.id, "Old", "bus", Jsonb({"host": 7, "v": {"instance": "Bus", "channel": "v"}}), None)
        )
    say(sql, controller, {"plugins": [plugin(), plugin(None, id="anything")]})
    with sql.as_role("admin").transaction() as transaction:
        renamed = transaction.connection.execute(
            "update api.plugin_instances set name = 'Line' where controller_id = %s and name = 'Bus'", (controller.id,)
        )
        assert renamed.rowcount == 1


def test_what_a_controller_proposes_it_runs(sql: Sql, people: People) -> None:
    """However its schema is to be read: to be kept away for it would lose values."""
    instances = [{"name": "Bus", "plugin": "bus", "config": {"hots": "x"}}]
    welcome = say(sql, people.controller(), {"plugins": [plugin()], "instances": instances})
    assert welcome["instances"][0]["config"] == {"hots": "x"}


# secrets ------------------------------------------------------------------------


def test_secrets_join_those_that_are_there(sql: Sql, people: People) -> None:
    controller = people.controller()
    admin = sql.as_role("admin")
    add(admin, controller, {"host": "x"}, {"password": "first", "token": "second"})
    for change in ({"password": "third"}, {"token": None, "key": {"inner": None}}, {}):
        admin.execute(
            "update api.plugin_instances set secrets = %s where controller_id = %s", (Jsonb(change), controller.id)
        )
    admin.execute("update api.plugin_instances set interval_seconds = 2 where controller_id = %s", (controller.id,))
    (instance,) = say(sql, controller, hello(config_version=1))["instances"]
    assert instance["config"] == {"host": "x", "password": "third", "key": {"inner": None}}
    row = admin.execute(
        "select secrets, secret_names from api.plugin_instances where controller_id = %s", (controller.id,)
    ).fetchone()
    assert row == (None, ["key", "password"])


@pytest.mark.parametrize("role", ["viewer", "operator", "admin", "controller"])
def test_nobody_reads_them(role: str, sql: Sql) -> None:
    """There is no way into private at all; nor is the column granted, should there be one."""
    rights = sql.superuser.execute(
        "select has_schema_privilege(%(role)s, 'private', 'usage'),"
        " has_column_privilege(%(role)s, 'private.plugin_instances', 'secrets', 'select')",
        {"role": f"webmacs_{role}"},
    ).fetchone()
    assert rights == (False, False)


def test_the_audit_log_does_not_tell_them(sql: Sql, people: People) -> None:
    controller = people.controller()
    admin = sql.as_role("admin")
    add(admin, controller, {}, {"password": "hush hush"})
    admin.execute(
        "update api.plugin_instances set secrets = %s where controller_id = %s",
        (Jsonb({"password": "silence"}), controller.id),
    )
    admin.execute("delete from api.plugin_instances where controller_id = %s", (controller.id,))
    lines = admin.execute(
        "select old, new from api.audit_log where table_name = 'plugin_instances' order by id desc limit 3"
    ).fetchall()
    assert "hush" not in str(lines)
    assert "silence" not in str(lines)
    assert lines[1] == ({"secrets": "***"}, {"secrets": "***"})


# calibrations ---------------------------------------------------------------------

PAIRS = "calibration must be null or a list of 2 to 100 pairs [raw, value] of numbers, raw rising."
BOTH_WAYS = "calibration of an output must have values that all rise or all fall: it is used to write, too."


@pytest.fixture(scope="module")
def channels(sql: Sql, people: People) -> Caller:
    caller = people.controller()
    say(sql, caller, hello(channel("in"), channel("out", direction="output")))
    return caller


def calibrate(sql: Sql, channels: Caller, name: str, calibration: object) -> None:
    sql.as_role("admin").execute(
        "update api.channel_mappings m set calibration = %s from api.plugin_instances i"
        " where i.id = m.plugin_instance_id and i.controller_id = %s and m.channel = %s",
        (Jsonb(calibration) if calibration is not None else None, channels.id, name),
    )


@pytest.mark.parametrize(
    ("name", "calibration"),
    [
        ("in", None),
        ("in", [[0, 0], [1, 1]]),
        ("in", [[-1e300, 5], [0, 5], [0.5, -3]]),
        ("in", [[n, n % 7] for n in range(100)]),
        ("out", None),
        ("out", [[0, 0], [10, 100]]),
        ("out", [[0, 100], [5, 20], [10, 0]]),
    ],
)
def test_calibrations(name: str, calibration: object, sql: Sql, channels: Caller) -> None:
    calibrate(sql, channels, name, calibration)


@pytest.mark.parametrize(
    ("name", "calibration", "message"),
    [
        *[
            ("in", wrong, PAIRS)
            for wrong in (
                [],
                [[0, 0]],
                [[n, n] for n in range(101)],
                [[0, 0], [0, 1]],
                [[1, 0], [0, 1]],
                [[0, 0], [1]],
                [[0, 0], [1, 1, 1]],
                [[0, 0], ["1", 1]],
                [[0, 0], [1, None]],
                [[0, 0], 1],
                [[0, 0], [10**400, 1]],
                {"0": 0},
                "linear",
                17,
            )
        ],
        ("out", [[0, 0], [1, 0]], BOTH_WAYS),
        ("out", [[0, 0], [1, 2], [2, 1]], BOTH_WAYS),
        ("out", [[0, 0]], PAIRS),
    ],
)
def test_no_calibrations(name: str, calibration: object, message: str, sql: Sql, channels: Caller) -> None:
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        calibrate(sql, channels, name, calibration)
    assert refused.value.diag.message_primary == message


def test_a_channel_that_becomes_an_output_keeps_nobody_away(sql: Sql, people: People) -> None:
    controller = people.controller()
    say(sql, controller, hello(channel("in")))
    calibrate(sql, controller, "in", [[0, 0], [1, 0]])
    welcome = say(sql, controller, hello(channel("in", direction="output")))
    assert welcome["instances"][0]["channels"][0]["calibration"] == [[0, 0], [1, 0]]


def test_the_schema_of_these_tests_is_told(sql: Sql, controller: Caller) -> None:
    row = sql.as_role("viewer").execute(
        "select schema from api.controller_plugins where controller_id = %s and plugin = 'bus'", (controller.id,)
    )
    assert row.fetchone() == (BUS,)


def test_a_schema_of_many_levels_takes_no_time_worth_mentioning(sql: Sql, people: People) -> None:
    """Each choice is asked once: were it twice, this would take for ever."""
    controller = people.controller()
    schema = {"type": "object", "properties": {"x": nested(60)}}
    say(sql, controller, {"plugins": [plugin(schema)]})
    with pytest.raises(psycopg.errors.CheckViolation, match=r"config\.x must be a text\."):
        add(sql.as_role("admin"), controller, {"x": 1})
