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
        for rule in _rules(events):
            connection.execute("select api.save_rule(%s::json)", [Jsonb(rule)])


def _rules(events: dict[str, int]) -> list[dict[str, Any]]:
    """By the recipe of the plug-in the first two fire once in each of its rounds of six minutes, the last never: it is
    for those who heat by hand."""
    log, alarm = {"kind": "log"}, {"kind": "alarm"}
    return [
        {
            "name": "Bed heats fast",
            "event_id": events["temp_reactor"],
            "kind": "rate",
            "operator": "gt",
            "threshold": 0.2,
            "deadband": 0.05,
            "window_seconds": 30,
            "severity": "low",
            "message": "{event} rises by {value} {unit}",
            "actions": [alarm],
        },
        {
            "name": "Bed hot",
            "event_id": events["temp_reactor"],
            "operator": "gt",
            "threshold": 50,
            "deadband": 5,
            "severity": "medium",
            "message": "{event} is {value} {unit}, more than {threshold} {unit}",
            "actions": [log, alarm, {"kind": "webhook", "webhook_type": "sensor.threshold_exceeded"}],
        },
        {
            "name": "Reactor silent",
            "event_id": events["pressure_chamber"],
            "kind": "no_data",
            "timeout_seconds": 10,
            "severity": "high",
            "actions": [log, alarm],
        },
        {
            "name": "Bed overheats",
            "event_id": events["temp_reactor"],
            "operator": "gt",
            "threshold": 85,
            "deadband": 5,
            "severity": "critical",
            "latched": True,
            "message": "{event} is {value} {unit}: full air",
            "actions": [log, alarm, {"kind": "set_value", "event_id": events["valve_position"], "value": 100}],
        },
    ]
