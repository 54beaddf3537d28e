"""What a controller says at its hello, and what it is told."""

import json
from typing import Any

from psycopg.types.json import Jsonb

from tests.support.people import Caller
from tests.support.sql import Sql

Message = dict[str, Any]

# As the SDK writes them: nothing refers to anything, and every object names all its keys.
BUS: Message = {
    "type": "object",
    "properties": {
        "host": {"propertyOrder": 1, "type": "string", "minLength": 1, "maxLength": 20, "pattern": "^[a-z.]+$"},
        "port": {"propertyOrder": 2, "type": "integer", "minimum": 1, "maximum": 65535, "default": 502},
        "wait": {"propertyOrder": 3, "type": "number", "exclusiveMinimum": 0, "multipleOf": 0.5, "default": 1.5},
        "parity": {"propertyOrder": 4, "type": ["string", "null"], "enum": ["even", "odd", None], "default": None},
        "fast": {"propertyOrder": 5, "type": "boolean", "default": False},
        "password": {"propertyOrder": 6, "type": "string", "minLength": 8, "writeOnly": True, "default": ""},
        "registers": {
            "propertyOrder": 7,
            "type": "array",
            "maxItems": 2,
            "default": [],
            "items": {
                "type": "object",
                "properties": {
                    "address": {"type": "integer", "minimum": 0},
                    "scale": {"anyOf": [{"type": "number"}, {"type": "array", "minItems": 2}], "default": 1},
                },
                "required": ["address"],
                "additionalProperties": False,
            },
        },
        "labels": {"propertyOrder": 8, "type": "object", "additionalProperties": {"type": "string"}, "default": {}},
        "logins": {
            "propertyOrder": 9,
            "type": "array",
            "items": {"type": "object", "properties": {"key": {"type": "string", "writeOnly": True}}},
            "default": [],
        },
    },
    "required": ["host"],
    "additionalProperties": False,
}


def channel(number: str = "t1", **more: Any) -> Message:
    """A channel of a hello."""
    return {"id": number, "name": "Temperature", "unit": "°C", "min": -40, "max": 120, "direction": "input"} | more


def plugin(schema: Message | None = BUS, **more: Any) -> Message:
    """A plugin of a hello."""
    return {"id": "bus", "name": "Bus", "version": "1.0", "description": "A field bus.", "schema": schema} | more


def hello(*channels: Message, instance: str = "oven", **more: Any) -> Message:
    """A hello with one instance, or with what `more` says."""
    instances = [{"name": instance, "plugin": "simulated", "demo": True, "channels": list(channels)}]
    return {"software": "test 1", "instances": instances} | more


def say(sql: Sql, controller: Caller, message: object) -> Message:
    """The welcome, without the time."""
    with sql.as_login("webmacs_sidecar") as sidecar:
        sidecar.execute("select set_config('request.jwt.claims', %s, false)", (json.dumps(controller.claims),))
        row = sidecar.execute("select private.controller_hello(%s, %s)", (controller.id, Jsonb(message))).fetchone()
    assert row is not None
    welcome: Message = row[0]
    del welcome["time"]
    return welcome
