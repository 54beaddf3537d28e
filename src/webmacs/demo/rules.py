"""The rules and the interlock that a new installation shows, on the simulated reactor; saved as people save them."""

from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from webmacs.demo.channels import CONTROLLER

# Whoever deletes them does not want them back: the audit log knows that there were some.
NONE_YET = "select not exists (select from api.audit_log where table_name in ('rules', 'interlocks'))"
EVENTS = """
    select m.channel, m.event_id
      from api.channel_mappings m
      join api.plugin_instances i on i.id = m.plugin_instance_id and i.plugin = 'simulated'
      join api.controllers c on c.id = i.controller_id
     where c.name = %s and m.event_id is not null
"""
INTERLOCK = """
    insert into api.interlocks (event_id, source_event_id, operator, threshold, max_age_seconds, description)
    values (%s, %s, 'gt', 20, 5, 'the heater needs air')
"""
LOG = {"kind": "log"}
ALARM = {"kind": "alarm"}

# Events stand here by their channels. By the recipe of the plug-in the first two fire once in each of its rounds of six
# minutes, the last never: it is for those who heat by hand.
RULES: list[dict[str, Any]] = [
    {
        "name": "Bed heats fast",
        "event_id": "temp_reactor",
        "kind": "rate",
        "operator": "gt",
        "threshold": 0.2,
        "deadband": 0.05,
        "window_seconds": 30,
        "severity": "low",
        "message": "{event} rises by {value} {unit}",
        "actions": [ALARM],
    },
    {
        "name": "Bed hot",
        "event_id": "temp_reactor",
        "operator": "gt",
        "threshold": 50,
        "deadband": 5,
        "severity": "medium",
        "message": "{event} is {value} {unit}, more than {threshold} {unit}",
        "actions": [LOG, ALARM, {"kind": "webhook", "webhook_type": "sensor.threshold_exceeded"}],
    },
    {
        "name": "Reactor silent",
        "event_id": "pressure_chamber",
        "kind": "no_data",
        "timeout_seconds": 10,
        "severity": "high",
        "actions": [LOG, ALARM],
    },
    {
        "name": "Bed overheats",
        "event_id": "temp_reactor",
        "operator": "gt",
        "threshold": 85,
        "deadband": 5,
        "severity": "critical",
        "latched": True,
        "message": "{event} is {value} {unit}: full air",
        "actions": [LOG, ALARM, {"kind": "set_value", "event_id": "valve_position", "value": 100}],
    },
]
CHANNELS = {"temp_reactor", "pressure_chamber", "volume_flow", "heater_power", "valve_position"}


def make_rules(connection: psycopg.Connection) -> None:
    """Make them, unless anybody ever made a rule or an interlock here, or the reactor has not been heard yet.

    The caller commits.
    """
    connection.execute("set local role webmacs_admin")
    events: dict[str, int] = dict(connection.execute(EVENTS, [CONTROLLER]).fetchall())
    none_yet = connection.execute(NONE_YET).fetchone() == (True,)
    if none_yet and events.keys() >= CHANNELS:
        connection.execute(INTERLOCK, [events["heater_power"], events["volume_flow"]])
        for rule in RULES:
            connection.execute("select api.save_rule(%s::json)", [Jsonb(_numbered(rule, events))])


def _numbered(rule: dict[str, Any], events: dict[str, int]) -> dict[str, Any]:
    """The same, its events and those of its actions by number."""
    actions = [{**one, "event_id": events[one["event_id"]]} if "event_id" in one else one for one in rule["actions"]]
    return {**rule, "event_id": events[rule["event_id"]], "actions": actions}
