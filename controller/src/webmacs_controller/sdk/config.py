"""Turns a table of settings into a frozen dataclass, or says what is wrong with it."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any, TypeVar

import msgspec

from webmacs_controller.sdk.errors import ConfigError

T = TypeVar("T")


def read_config(kind: type[T], table: Mapping[str, Any], where: str) -> T:
    """`table` as a `kind`. Raises ConfigError, naming the key below `where` and what is allowed there."""
    _check_keys(kind, table, where)
    try:
        return msgspec.convert(dict(table), kind)
    except msgspec.ValidationError as error:
        raise ConfigError(_explain(str(error), where)) from None


def _check_keys(kind: type[Any], table: Mapping[str, Any], where: str) -> None:
    known = {field.name: field for field in fields(kind)}
    for key in table:
        if key not in known:
            allowed = ", ".join(known) or "nothing: there is nothing to set here"
            raise ConfigError(f"{where}.{key}: unknown setting; allowed are {allowed}")
    for name, field in known.items():
        if name not in table and field.default is MISSING and field.default_factory is MISSING:
            raise ConfigError(f"{where}.{name}: is missing")


def _explain(message: str, where: str) -> str:
    """msgspec says "Expected `int`, got `str` - at `$.seed`"; people look for the key first."""
    problem, _, path = message.partition(" - at `$")
    return f"{where}{path.rstrip('`')}: {problem[:1].lower()}{problem[1:]}"
