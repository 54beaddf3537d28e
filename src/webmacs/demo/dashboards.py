"""The dashboard that a new installation shows, on the simulated reactor: shared, and saved as people save theirs."""

from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from webmacs.demo.channels import CONTROLLER

# Whoever deletes it does not want it back: the audit log knows that there was one.
NONE_YET = "select not exists (select from api.audit_log where table_name = 'dashboards')"
EVENTS = """
    select m.channel, e.public_id::text
      from api.channel_mappings m
      join api.plugin_instances i on i.id = m.plugin_instance_id and i.plugin = 'simulated'
      join api.controllers c on c.id = i.controller_id
      join api.events e on e.id = m.event_id
     where c.name = %s
"""
# private, because who starts the system is nobody who signs in, and so no owner by the rules of the API
MAKE = "insert into private.dashboards (name, shared, widgets) values (%s, true, %s)"
SIGN = "update private.dashboards set author = 'WebMACS', changed_by = 'WebMACS' where name = %s and user_id is null"

NAME = "Reactor"
NOTE = "A simulated dryer. It heats by a recipe of six minutes; whoever sets the heater or the valve takes it over."


def _widget(kind: str, place: tuple[int, int, int, int], *channels: str, **options: Any) -> dict[str, Any]:
    x, y, w, h = place
    return {"type": kind, "x": x, "y": y, "w": w, "h": h, "channels": channels, "options": options}


VALVE: dict[str, Any] = {"onValue": 100, "offValue": 0, "onText": "Open", "offText": "Shut", "ask": True}
# Events stand here by their channels.
WIDGETS = [
    _widget("curve", (0, 0, 14, 11), "temp_inlet", "temp_reactor", "temp_outlet", span="900"),
    _widget("number", (14, 0, 5, 5), "temp_reactor", spark=True, range=True),
    _widget("number", (19, 0, 5, 5), "pressure_chamber", spark=True, range=True),
    _widget("gauge", (14, 5, 5, 6), "volume_flow", min=0, max=150, low=20),
    _widget("alarms", (19, 5, 5, 6), most=20),
    _widget("curve", (0, 11, 14, 9), "heater_power", "valve_position", "volume_flow", span="900"),
    _widget("slider", (14, 11, 5, 6), "heater_power", min=0, max=100, step=1, ask=True),
    _widget("switch", (19, 11, 5, 6), "valve_position", **VALVE),
    _widget("text", (14, 17, 10, 3), text=NOTE),
]
CHANNELS = {channel for widget in WIDGETS for channel in widget["channels"]}


def is_new(connection: psycopg.Connection) -> bool:
    """Whether the reactor has been heard, and nobody has ever made a dashboard here."""
    none_yet = connection.execute(NONE_YET).fetchone() == (True,)
    return none_yet and _events(connection).keys() >= CHANNELS


def make_dashboard(connection: psycopg.Connection) -> None:
    """Make it, unless anybody ever made one here, or the reactor has not been heard yet. The caller commits."""
    connection.execute("set local role webmacs_owner")
    if is_new(connection):
        events = _events(connection)
        connection.execute(MAKE, [NAME, Jsonb([_placed(n, widget, events) for n, widget in enumerate(WIDGETS, 1)])])
        connection.execute(SIGN, [NAME])


def _events(connection: psycopg.Connection) -> dict[str, str]:
    """The reactor's, by channel."""
    return dict(connection.execute(EVENTS, [CONTROLLER]).fetchall())


def _placed(number: int, widget: dict[str, Any], events: dict[str, str]) -> dict[str, Any]:
    """The same as the database has it, its events by public_id."""
    options = {**widget["options"], "events": [events[channel] for channel in widget["channels"]]}
    place = {key: widget[key] for key in ("type", "x", "y", "w", "h")}
    return {**place, "id": f"w{number}", "options": options if widget["channels"] else widget["options"]}
