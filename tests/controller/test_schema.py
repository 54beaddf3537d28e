"""Settings as a JSON Schema, from which the page draws its form and by which the database checks values."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

import msgspec
import pytest
from webmacs_controller.sdk import ConfigError, setting
from webmacs_controller.sdk.config import read_config
from webmacs_controller.sdk.discovery import survey
from webmacs_controller.sdk.schema import schema_of


@dataclass(frozen=True)
class Register:
    """One quantity."""

    address: Annotated[int, setting("Number of the first register", ge=0, le=65535)]
    kind: Literal["u16", "f32"] = "u16"


@dataclass(frozen=True)
class Bus:
    """How the device is reached."""

    host: Annotated[str, setting("Name or address", title="Device", min_length=1)]
    wait: Annotated[float, setting("For an answer", unit="s", gt=0)] = 1.5
    password: Annotated[str, setting("If it wants one", secret=True)] = field(default="", repr=False)
    unit: int | None = None
    parity: Literal["even", "odd"] | None = None
    registers: Annotated[tuple[Register, ...], setting("What is read")] = ()


def test_a_form_can_be_drawn_from_it() -> None:
    assert schema_of(Bus) == {
        "description": "How the device is reached.",
        "type": "object",
        "properties": {
            "host": {
                "title": "Device",
                "propertyOrder": 1,
                "description": "Name or address",
                "type": "string",
                "minLength": 1,
            },
            "wait": {
                "title": "Wait",
                "propertyOrder": 2,
                "description": "For an answer",
                "unit": "s",
                "type": "number",
                "exclusiveMinimum": 0,
                "default": 1.5,
            },
            "password": {
                "title": "Password",
                "propertyOrder": 3,
                "description": "If it wants one",
                "writeOnly": True,
                "type": "string",
                "default": "",
            },
            "unit": {"title": "Unit", "propertyOrder": 4, "type": ["integer", "null"], "default": None},
            "parity": {
                "title": "Parity",
                "propertyOrder": 5,
                "type": ["string", "null"],
                "enum": ["even", "odd", None],
                "default": None,
            },
            "registers": {
                "title": "Registers",
                "propertyOrder": 6,
                "description": "What is read",
                "type": "array",
                "default": [],
                "items": {
                    "description": "One quantity.",
                    "type": "object",
                    "properties": {
                        "address": {
                            "title": "Address",
                            "propertyOrder": 1,
                            "description": "Number of the first register",
                            "type": "integer",
                            "minimum": 0,
                            "maximum": 65535,
                        },
                        "kind": {
                            "title": "Kind",
                            "propertyOrder": 2,
                            "type": "string",
                            "enum": ["f32", "u16"],
                            "default": "u16",
                        },
                    },
                    "required": ["address"],
                    "additionalProperties": False,
                },
            },
        },
        "required": ["host"],
        "additionalProperties": False,
    }


@pytest.mark.parametrize(
    ("register", "message"),
    [
        ({"adress": 1}, "x.registers[1].adress: unknown setting; allowed are address, kind"),
        ({}, "x.registers[1].address: is missing"),
        ({"address": -1}, "x.registers[1].address: expected `int` >= 0"),
    ],
)
def test_a_mistake_in_a_table_inside_is_named_by_its_place(register: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError) as error:
        read_config(Bus, {"host": "a", "registers": [{"address": 1}, register]}, "x")
    assert str(error.value) == message


def test_settings_that_contain_themselves_are_refused() -> None:
    with pytest.raises(TypeError, match="Tree contains itself"):
        schema_of(Tree)


@dataclass(frozen=True)
class Tree:
    branches: "list[Tree]"


def test_each_shipped_plugin_describes_itself_and_each_of_its_settings() -> None:
    found = survey()
    assert not found.broken
    assert {"system", "simulated"} <= {plugin.id for plugin in found.usable}
    for plugin in found.usable:
        assert plugin.description
        assert all(each["description"] for each in plugin.schema["properties"].values())
        assert msgspec.json.decode(msgspec.json.encode(plugin))["schema"] == plugin.schema
