"""What the database refuses, and that the answer names the field."""

from typing import Any

import pytest

from tests.api.world import World, new_row
from tests.support.rest import Api
from tests.support.sql import Sql

LONG = "x" * 3000
WIDE = [{"id": f"w{n}", "type": "text", "x": 0, "y": n, "w": 1, "h": 1, "options": {"a": LONG * 3}} for n in range(30)]
BETWEEN = {"operator": "between"}
NO_DATA = {"kind": "no_data", "operator": None, "threshold": None}


def deep(levels: int) -> dict[str, Any]:
    """Objects in objects."""
    return {"x": deep(levels - 1)} if levels > 1 else {}


# resource, what is wrong with a row that is otherwise right, the constraint that says so
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("users", {"username": "x"}, "username must be 2 to 50 letters, digits, dots, - or _"),
    ("users", {"username": "a b"}, "username must be 2 to 50 letters, digits, dots, - or _"),
    ("users", {"username": "line\nbreak"}, "username must be 2 to 50 letters, digits, dots, - or _"),
    ("users", {"email": "nowhere"}, "email must be an address of at most 254 characters"),
    ("users", {"email": "a@" + LONG}, "email must be an address of at most 254 characters"),
    ("users", {"role": "controller"}, "role must be viewer, operator or admin"),
    ("controllers", {"name": " padded "}, "name must be 1 to 255 characters"),
    ("controllers", {"name": ""}, "name must be 1 to 255 characters"),
    ("events", {"name": LONG}, "name must be 1 to 255 characters"),
    ("events", {"name": ""}, "name must be 1 to 255 characters"),
    ("events", {"unit": ""}, "unit must be 1 to 255 characters"),
    ("events", {"unit": " "}, "unit must be 1 to 255 characters"),
    ("events", {"unit": "\t\n"}, "unit must be 1 to 255 characters"),
    ("events", {"name": "padded\t"}, "name must be 1 to 255 characters"),
    ("events", {"area": ""}, "area must be 1 to 255 characters"),
    ("events", {"archived_at": "infinity"}, "archived_at must be finite"),
    ("events", {"description": LONG}, "description must have at most 2000 characters"),
    ("events", {"max_value": "Infinity"}, "min_value and max_value must be finite"),
    ("events", {"min_value": "NaN"}, "min_value and max_value must be finite"),
    ("events", {"min_value": 10, "max_value": 10}, "min_value must be less than max_value"),
    ("plugin_instances", {"name": ""}, "name must be 1 to 255 characters"),
    ("plugin_instances", {"plugin": ""}, "plugin must be 1 to 100 characters"),
    ("plugin_instances", {"config": [1]}, "config must be an object"),
    ("plugin_instances", {"config": {"x": LONG * 70}}, "config must have at most 200000 characters"),
    ("plugin_instances", {"config": {"x": [{"y": 10**309}]}}, "config must have no number beyond 1e308"),
    ("plugin_instances", {"config": {"x": -(10**309)}}, "config must have no number beyond 1e308"),
    ("plugin_instances", {"config": deep(21)}, "config must have at most 20 levels"),
    ("plugin_instances", {"secrets": {"x": 10**309}}, "secrets must have no number beyond 1e308"),
    ("plugin_instances", {"secrets": deep(21)}, "secrets must have at most 20 levels"),
    ("plugin_instances", {"interval_seconds": 0.009}, "interval_seconds must be from 0.01 to 86400"),
    ("plugin_instances", {"interval_seconds": 86401}, "interval_seconds must be from 0.01 to 86400"),
    ("plugin_instances", {"interval_seconds": "NaN"}, "interval_seconds must be from 0.01 to 86400"),
    ("plugin_instances", {"secrets": ["password"]}, "secrets must be an object"),
    ("plugin_instances", {"secrets": {"x": LONG * 7}}, "secrets must have at most 20000 characters"),
    ("channel_mappings", {"channel": ""}, "channel must be 1 to 100 characters"),
    ("channel_mappings", {"channel_name": ""}, "channel_name must be 1 to 255 characters"),
    ("channel_mappings", {"unit": ""}, "unit must be 1 to 255 characters"),
    ("channel_mappings", {"report": "sometimes"}, "report must be every or change"),
    ("channel_mappings", {"deadband": -0.1}, "deadband must be a finite number, 0 or more"),
    ("channel_mappings", {"deadband": "Infinity"}, "deadband must be a finite number, 0 or more"),
    ("channel_mappings", {"deadband": "NaN"}, "deadband must be a finite number, 0 or more"),
    ("channel_mappings", {"heartbeat_seconds": 0.5}, "heartbeat_seconds must be from 1 to 86400"),
    ("channel_mappings", {"heartbeat_seconds": 86401}, "heartbeat_seconds must be from 1 to 86400"),
    ("channel_mappings", {"safe_after_seconds": -1}, "safe_after_seconds must be null or from 0 to 86400"),
    ("channel_mappings", {"safe_after_seconds": "NaN"}, "safe_after_seconds must be null or from 0 to 86400"),
    ("experiments", {"name": ""}, "name must be 1 to 255 characters"),
    ("experiments", {"kind": ""}, "kind must be 1 to 100 characters"),
    ("experiments", {"description": LONG * 4}, "description must have at most 10000 characters"),
    (
        "experiments",
        {"started_at": "2026-01-05", "stopped_at": "2026-01-05"},
        "stopped_at must be after started_at",
    ),
    ("experiments", {"started_at": "infinity"}, "started_at and stopped_at must be in the years 1900 to 2200"),
    (
        "experiments",
        {"started_at": "4713-01-01 BC"},
        "started_at and stopped_at must be in the years 1900 to 2200",
    ),
    ("experiments", {"stopped_at": "2201-01-01Z"}, "started_at and stopped_at must be in the years 1900 to 2200"),
    ("experiments", {"stopped_at": "infinity"}, "started_at and stopped_at must be in the years 1900 to 2200"),
    ("experiments", {"parameters": [1]}, "parameters must be an object"),
    ("experiments", {"parameters": {"x": LONG * 40}}, "parameters must have at most 100000 characters"),
    ("experiment_notes", {"text": " \n"}, "text must be 1 to 10000 characters"),
    ("experiment_notes", {"text": LONG * 4}, "text must be 1 to 10000 characters"),
    ("experiment_notes", {"noted_at": "infinity"}, "noted_at must be finite"),
    ("dashboards", {"name": ""}, "name must be 1 to 100 characters"),
    ("dashboards", {"widgets": WIDE}, "widgets must have at most 200000 characters"),
    ("log_entries", {"message": LONG}, "message must be 1 to 2000 characters"),
    ("log_entries", {"message": " \n"}, "message must be 1 to 2000 characters"),
    ("log_entries", {"source": LONG}, "source must have at most 255 characters"),
    ("webhooks", {"name": ""}, "name must be 1 to 255 characters"),
    ("webhooks", {"url": ""}, "url must be 1 to 2048 printable ASCII characters"),
    ("webhooks", {"url": "https://a.org/" + LONG}, "url must be 1 to 2048 printable ASCII characters"),
    ("webhooks", {"url": "https://a.org/a b"}, "url must be 1 to 2048 printable ASCII characters"),
    ("webhooks", {"url": "https://münchen.de/"}, "url must be 1 to 2048 printable ASCII characters"),
    ("webhooks", {"url": "nonsense"}, "url must begin with http:// or https:// and name a host"),
    ("webhooks", {"url": "ftp://a.org/"}, "url must begin with http:// or https:// and name a host"),
    ("webhooks", {"url": "https:///path"}, "url must begin with http:// or https:// and name a host"),
    ("webhooks", {"url": "https://?a.org"}, "url must begin with http:// or https:// and name a host"),
    ("webhooks", {"url": "https://a.org\\@b.org/"}, "url must begin with http:// or https:// and name a host"),
    ("webhooks", {"url": "https://a.org:port/"}, "url must begin with http:// or https:// and name a host"),
    ("webhooks", {"url": "https://a.org:70000/"}, "url must have a port from 1 to 65535"),
    ("webhooks", {"url": "https://[::1]:0/"}, "url must have a port from 1 to 65535"),
    ("webhooks", {"url": "https://me@a.org/"}, "url must have no user name and no password in it"),
    ("webhooks", {"url": "https://me:secret@a.org:80/"}, "url must have no user name and no password in it"),
    ("webhooks", {"secret": "short"}, "secret must be whsec_ and 24 to 64 bytes in base64"),
    (
        "webhooks",
        {"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS"},
        "secret must be whsec_ and 24 to 64 bytes in base64",
    ),
    ("webhooks", {"secret": "whsec_" + "A" * 88}, "secret must be whsec_ and 24 to 64 bytes in base64"),
    ("webhooks", {"types": []}, "types must name at least one type"),
    ("webhooks", {"min_severity": "urgent"}, "min_severity must be low, medium, high or critical"),
    ("webhooks", {"template": LONG * 4, "content_type": "text/plain"}, "template must be 1 to 10000 characters"),
    ("webhooks", {"template": " ", "content_type": "text/plain"}, "template must be 1 to 10000 characters"),
    ("webhooks", {"content_type": "text/html"}, "content_type must be application/json or text/plain"),
    ("webhooks", {"content_type": "text/plain"}, "content_type must be application/json without a template"),
    ("webhooks", {"reading_interval_seconds": 0}, "reading_interval_seconds must be from 0.1 to 86400"),
    ("webhooks", {"reading_interval_seconds": "NaN"}, "reading_interval_seconds must be from 0.1 to 86400"),
    ("rules", {"name": " padded"}, "name must be 1 to 255 characters"),
    ("rules", {"kind": "nonsense"}, "kind must be threshold, rate or no_data"),
    ("rules", {"operator": "above"}, "operator must be gt, lt, gte, lte, eq, between or not_between"),
    ("rules", {"operator": None}, "operator and threshold must be given, but not for no_data"),
    ("rules", {"threshold": None}, "operator and threshold must be given, but not for no_data"),
    ("rules", {"kind": "no_data", "timeout_seconds": 1}, "operator and threshold must be given, but not for no_data"),
    ("rules", BETWEEN, "threshold_high must be given for between and not_between alone"),
    ("rules", {"threshold_high": 1}, "threshold_high must be given for between and not_between alone"),
    ("rules", {"threshold": "NaN"}, "threshold and threshold_high must be from -1e300 to 1e300"),
    ("rules", BETWEEN | {"threshold_high": "Infinity"}, "threshold and threshold_high must be from -1e300 to 1e300"),
    ("rules", BETWEEN | {"threshold_high": 49}, "threshold_high must not be less than threshold"),
    ("rules", {"deadband": -1}, "deadband must be from 0 to 1e300"),
    ("rules", {"deadband": "Infinity"}, "deadband must be from 0 to 1e300"),
    (
        "rules",
        {"operator": "not_between", "threshold": 1, "threshold_high": 2, "deadband": 0.6},
        "deadband must be at most half of the range of not_between",
    ),
    ("rules", {"kind": "rate"}, "window_seconds must be given for rate, and for it alone"),
    ("rules", {"window_seconds": 1}, "window_seconds must be given for rate, and for it alone"),
    ("rules", {"kind": "rate", "window_seconds": 0}, "window_seconds must be from 0.001 to 86400"),
    ("rules", NO_DATA, "timeout_seconds must be given for no_data, and for it alone"),
    ("rules", {"timeout_seconds": 1}, "timeout_seconds must be given for no_data, and for it alone"),
    ("rules", NO_DATA | {"timeout_seconds": 0}, "timeout_seconds must be from 0.1 to 31536000"),
    ("rules", {"on_delay_seconds": -1}, "on_delay_seconds must be from 0 to 86400"),
    ("rules", {"off_delay_seconds": "NaN"}, "off_delay_seconds must be from 0 to 86400"),
    ("rules", {"cooldown_seconds": -1}, "cooldown_seconds must be from 0 to 31536000"),
    ("rules", {"severity": "fatal"}, "severity must be low, medium, high or critical"),
    ("rules", {"suppressed_by": ""}, "suppressed_by must be 1 to 100 characters"),
    ("rules", {"message": " "}, "message must be 1 to 500 characters"),
    ("interlocks", {"operator": "above"}, "operator must be gt, lt, gte, lte, eq, between or not_between"),
    ("interlocks", BETWEEN, "threshold_high must be given for between and not_between alone"),
    ("interlocks", {"threshold": "Infinity"}, "threshold and threshold_high must be from -1e300 to 1e300"),
    ("interlocks", BETWEEN | {"threshold_high": 4}, "threshold_high must not be less than threshold"),
    ("interlocks", {"max_age_seconds": 0}, "max_age_seconds must be from 0.1 to 86400"),
    ("interlocks", {"description": ""}, "description must be 1 to 500 characters"),
    ("rule_actions", {"kind": "mail"}, "kind must be log, alarm, webhook or set_value"),
    ("rule_actions", {"kind": "webhook"}, "webhook_type must be given for webhook, and for it alone"),
    ("rule_actions", {"webhook_type": "sensor.reading"}, "webhook_type must be given for webhook, and for it alone"),
    (
        "rule_actions",
        {"kind": "webhook", "webhook_type": "alarm.raised"},
        "webhook_type is sensor.threshold_exceeded or sensor.reading",
    ),
    ("rule_actions", {"event_id": 1}, "event_id must be given for set_value alone"),
    ("rule_actions", {"value": 1}, "value must be given for set_value, and for it alone"),
]

# what is missing, of another type, unknown or taken: the status and the word that names it
WRONG: list[tuple[str, dict[str, Any], int, str]] = [
    ("events", {"unit": None}, 400, '"unit"'),
    ("events", {"name": None}, 400, '"name"'),
    ("events", {"min_value": None}, 400, '"min_value"'),
    ("events", {"event_type": "nonsense"}, 400, "event_type"),
    ("events", {"nonsense": 1}, 400, "'nonsense'"),
    ("events", {"name": "taken"}, 409, "name"),
    ("users", {"username": "TAKEN"}, 409, "username is taken"),
    ("users", {"username": "other", "email": "Taken@Example.org"}, 409, "email is taken"),
    ("users", {"state": "nonsense"}, 400, "account_state"),
    ("users", {"role": "owner"}, 400, "role"),
    ("plugin_instances", {"controller_id": 999}, 409, "controller_id"),
    ("channel_mappings", {"plugin_instance_id": 999}, 409, "plugin_instance_id"),
    ("channel_mappings", {"event_id": 999}, 409, "event_id"),
    ("channel_mappings", {"direction": "sideways"}, 400, "direction"),
    ("experiment_events", {"event_id": 999}, 409, "event_id"),
    ("experiment_notes", {"experiment_id": 999}, 409, "experiment_id"),
    ("experiment_notes", {"experiment_id": None}, 400, '"experiment_id"'),
    ("experiment_notes", {"text": None}, 400, '"text"'),
    ("experiments", {"parameters": None}, 400, '"parameters"'),
    ("experiments", {"keep": None}, 400, '"keep"'),
    ("experiments", {"keep": "perhaps"}, 400, "perhaps"),
    ("log_entries", {"level": "fatal"}, 400, "log_level"),
    ("controllers", {"name": "foreign"}, 409, "name"),
    ("webhooks", {"url": None}, 400, '"url"'),
    ("webhooks", {"name": None}, 400, '"name"'),
    ("webhooks", {"types": None}, 400, "types must be among sensor.reading, "),
    ("webhooks", {"types": ["alarm.raised", "nonsense"]}, 400, "types must be among sensor.reading, "),
    ("webhooks", {"types": [None]}, 400, "types must be among sensor.reading, "),
    ("webhooks", {"types": "alarm.raised"}, 400, "alarm.raised"),
    ("webhooks", {"event_ids": [999]}, 409, "event_ids must be numbers of events"),
    ("webhooks", {"event_ids": []}, 400, "event_ids must name at least one event"),
    ("webhooks", {"event_ids": [None]}, 400, '"event_id"'),
    ("webhooks", {"template": '{"value": {value}}'}, 400, "template must be JSON"),
    ("webhooks", {"enabled": None}, 400, '"enabled"'),
    ("plugin_instances", {"name": None}, 400, '"name"'),
    ("plugin_instances", {"config": None}, 400, '"config"'),
    ("plugin_instances", {"interval_seconds": None}, 400, '"interval_seconds"'),
    ("channel_mappings", {"deadband": None}, 400, '"deadband"'),
    ("interlocks", {"event_id": 999}, 409, "event_id must name an event"),
    ("interlocks", {"source_event_id": 999}, 409, "source_event_id must name an event"),
    ("rules", {"event_id": 999}, 409, "event_id must name an event"),
    ("rules", {"event_id": None}, 400, '"event_id"'),
    ("rule_actions", {"rule_id": 999}, 409, "rule_id must name a rule"),
    ("rule_actions", {"kind": "set_value", "value": 1, "event_id": 999}, 422, "event_id must name an event"),
    ("rule_actions", {"kind": "set_value", "value": 1}, 422, "event_id must name an event"),
    (
        "rule_actions",
        {"kind": "set_value", "value": 1, "event_id": 1},
        422,
        "event_id must name what can be set, but ",
    ),
]


@pytest.fixture(scope="module", autouse=True)
def _taken(sql: Sql) -> None:
    """Names that are taken."""
    sql.superuser.execute("""
        insert into private.events (name, unit, min_value, max_value) values ('taken', 'V', 0, 1);
        select private.add_user('taken', 'taken@example.org', 'viewer', 'the secret hash');
    """)


@pytest.mark.parametrize(("resource", "wrong", "constraint"), REFUSED)
def test_refused_with_the_name_of_the_field(
    resource: str, wrong: dict[str, Any], constraint: str, api: Api, world: World
) -> None:
    answer = api.as_role("admin").post(f"/{resource}", json=new_row(resource, world.foreign) | wrong)
    assert answer.status_code == 400
    assert answer.json()["code"] == "23514"
    assert f'"{constraint}"' in answer.json()["message"]


@pytest.mark.parametrize(("resource", "wrong", "status", "word"), WRONG)
def test_wrong_values_are_named(
    resource: str, wrong: dict[str, Any], status: int, word: str, api: Api, world: World
) -> None:
    answer = api.as_role("admin").post(f"/{resource}", json=new_row(resource, world.foreign) | wrong)
    assert answer.status_code == status, answer.text
    assert word in answer.json()["message"]


def test_every_constraint_was_tried(sql: Sql) -> None:
    """Tables that people write through functions have tests of their own, where their functions are tested."""
    alarms = {"alarms", "alarm_journal", "alarm_shelves"}
    elsewhere = alarms | {
        "audit_log",
        "audit_seals",
        "commands",
        "controller_plugins",
        "experiment_files",
        "housekeeping",
        "login_failures",
        "plugin_packages",
        "plugin_package_assignments",
        "retention",
        "update_bundles",
        "update_offers",
        "update_source",
        "updates",
        "webhook_deliveries",
    }
    out_of_reach = {
        ("plugin_instances", "status must be unknown, connected, error, demo or stopped"),
        ("channel_mappings", "status must be unknown, ok, no_value, uncertain or bad"),
        ("channel_mappings", "min_value and max_value must be finite"),
        ("channel_mappings", "min_value must be less than max_value"),
        ("channel_mappings", "safe_value must be from min_value to max_value"),
        ("controllers", "last_seen_agent must be at most 300 characters"),
        # the range of the event, which is finite, is asked first
        ("rule_actions", "value must be finite"),
    }
    constraints = sql.superuser.execute("""
        select relname, conname from pg_constraint join pg_class on pg_class.oid = conrelid
        where contype = 'c' and relnamespace = 'private'::regnamespace
          and relname in (select relname from pg_class where relnamespace = 'api'::regnamespace)
    """).fetchall()
    tried = {(resource, constraint) for resource, _, constraint in REFUSED} | out_of_reach
    assert {pair for pair in constraints if pair[0] not in elsewhere} == tried


def test_a_refusal_shows_no_secret(api: Api) -> None:
    answer = api.as_role("admin").patch("/users?username=eq.taken", json={"username": "x"})
    assert answer.status_code == 400
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("role", "resource", "change"),
    [
        ("viewer", "users", {"role": "admin"}),
        ("viewer", "users", {"state": "active"}),
        ("operator", "users", {"role": "admin"}),
        ("admin", "users", {"password_hash": "x"}),
        ("admin", "users", {"public_id": "00000000-0000-0000-0000-000000000000"}),
        ("admin", "events", {"id": 1}),
        ("admin", "events", {"public_id": "00000000-0000-0000-0000-000000000000"}),
        ("admin", "events", {"created_at": "2026-01-01"}),
        ("operator", "log_entries", {"message": "changed"}),
        ("admin", "log_entries", {"user_id": 1}),
        ("operator", "experiments", {"created_at": "2026-01-01"}),
        ("operator", "experiment_notes", {"author": "somebody else"}),
        ("operator", "experiment_notes", {"experiment_id": 1}),
        ("admin", "controllers", {"last_seen_at": "2026-01-01"}),
        ("admin", "plugin_instances", {"status": "connected"}),
        ("admin", "plugin_instances", {"setting_error": None}),
        ("admin", "plugin_instances", {"secret_names": []}),
        ("admin", "channel_mappings", {"status": "ok"}),
        ("admin", "channel_mappings", {"safe_value": 0}),
        ("admin", "channel_mappings", {"direction": "output"}),
        ("admin", "webhooks", {"id": 1}),
        ("admin", "webhooks", {"disabled_reason": "x"}),
        ("admin", "webhooks", {"retry_at": None}),
        ("admin", "webhook_deliveries", {"state": "delivered"}),
    ],
)
def test_columns_out_of_reach(role: str, resource: str, change: dict[str, Any], api: Api, world: World) -> None:
    answer = api.as_role(role).patch(f"/{resource}?{world.own[role].filters[resource]}", json=change)
    assert answer.status_code in (400, 403)
