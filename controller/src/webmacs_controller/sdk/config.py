"""Turns a table of settings into a frozen dataclass, or says what is wrong with it."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from webmacs_controller.sdk.errors import ConfigError
from webmacs_controller.sdk.schema import Schema, schema_of

T = TypeVar("T")


def read_config(kind: type[T], table: Mapping[str, Any], where: str) -> T:
    """`table` as a `kind`. Raises ConfigError, naming the key below `where` and what is allowed there."""
    _check_keys(schema_of(kind), table, where)
    try:
        return msgspec.convert(dict(table), kind)
    except msgspec.ValidationError as error:
        raise ConfigError(explain(str(error), where)) from None


def _check_keys(schema: Schema, value: Any, where: str) -> None:
    """All tables in `value`, at any depth."""
    if isinstance(value, Mapping) and "properties" in schema:
        _check_table(schema, value, where)
    elif isinstance(value, list | tuple) and "items" in schema:
        for number, item in enumerate(value):
            _check_keys(schema["items"], item, f"{where}[{number}]")


def _check_table(schema: Schema, table: Mapping[str, Any], where: str) -> None:
    known = schema["properties"]
    for key, value in table.items():
        if key not in known:
            allowed = ", ".join(known) or "nothing: there is nothing to set here"
            raise ConfigError(f"{where}.{key}: unknown setting; allowed are {allowed}")
        _check_keys(known[key], value, f"{where}.{key}")
    for key in schema["required"]:
        if key not in table:
            raise ConfigError(f"{where}.{key}: is missing")


def explain(message: str, where: str) -> str:
    """msgspec says "Expected `int`, got `str` - at `$.seed`"; people look for the key first."""
    problem, _, path = message.partition(" - at `$")
    return f"{where}{path.rstrip('`')}: {problem[:1].lower()}{problem[1:]}"
