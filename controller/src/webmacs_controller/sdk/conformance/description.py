"""Rules on what a plugin says about itself and its settings."""

import re
from collections.abc import Collection, Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any, get_type_hints

import msgspec

from webmacs_controller.sdk.config import read_config
from webmacs_controller.sdk.conformance.rule import BrokenRule, require
from webmacs_controller.sdk.discovery import UnusableError, installed, load
from webmacs_controller.sdk.errors import ConfigError
from webmacs_controller.sdk.plugin import Plugin
from webmacs_controller.sdk.schema import Schema, schema_of

ID = re.compile(r"[a-z][a-z0-9_]{0,99}")


def says_who_it_is(plugin: Plugin[Any]) -> None:
    """Raises BrokenRule, as all of these."""
    meta = plugin.meta
    require(ID.fullmatch(meta.id) is not None, f"its id {meta.id!r} should be of a-z, 0-9 and _, and begin with a-z")
    for key in ("name", "version", "description"):
        require(bool(getattr(meta, key).strip()), f"PluginMeta.{key} should not be empty: people choose by it")


def is_found_by_its_entry_point(plugin: Plugin[Any]) -> None:
    """As the controller will find it."""
    plugin_id, kind = plugin.meta.id, type(plugin)
    entries = installed().get(plugin_id, [])
    require(
        bool(entries),
        f'no package is installed whose pyproject.toml has [project.entry-points."webmacs.plugins"] with '
        f'{plugin_id} = "{kind.__module__}:{kind.__name__}"; install yours with `pip install -e .`',
    )
    try:
        found = load(plugin_id, entries)
    except UnusableError as error:
        raise BrokenRule(f"its entry point is of no use: {error}") from None
    require(found is kind, f"the entry point {plugin_id!r} leads to {found}, not to {kind}")


def settings_are_a_frozen_dataclass(plugin: Plugin[Any]) -> None:
    """Of which the plugin has one as `config`."""
    kind = plugin.config_type
    frozen = is_dataclass(kind) and getattr(kind, "__dataclass_params__").frozen  # noqa: B009 - unknown to its type
    require(frozen, f"config_type {kind.__name__} should be a @dataclass(frozen=True)")
    require(isinstance(plugin.config, kind), f"its config is a {type(plugin.config).__name__}, not a {kind.__name__}")


def says_what_it_holds(plugin: Plugin[Any]) -> None:
    """In words, which the controller compares and shows."""
    held = plugin.holds()
    fine = isinstance(held, Collection) and not isinstance(held, str)
    require(fine and all(isinstance(words, str) and words for words in held), f"holds() should give names, not {held}")
    again = plugin.holds()
    require(set(again) == set(held), f"holds() gives {set(again)} the second time, not {set(held)}")


def a_form_can_be_drawn(plugin: Plugin[Any]) -> None:
    """Every setting, also of tables inside, has a description and one type."""
    try:
        schema = schema_of(plugin.config_type)
    except TypeError as error:
        raise BrokenRule(f"no JSON Schema can be made of its settings: {error}") from None
    for path, setting in _settings(schema, "config"):
        require("anyOf" not in setting, f"{path} should be of one type, or of one type and None")
        require("type" in setting, f"{path} should have a type, not {setting}")
        require(bool(setting.get("description")), f'{path} has no description: Annotated[…, setting("…")]')


def _settings(schema: Schema, path: str) -> Iterator[tuple[str, Schema]]:
    for key, setting in schema.get("properties", {}).items():
        yield f"{path}.{key}", setting
        yield from _settings(setting, f"{path}.{key}")
        yield from _settings(setting.get("items", {}), f"{path}.{key}[]")


def defaults_are_allowed(plugin: Plugin[Any]) -> None:
    """By the limits of their own settings."""
    hints = get_type_hints(plugin.config_type, include_extras=True)
    for field in fields(plugin.config_type):
        default = _default(field)
        if default is not MISSING:
            try:
                msgspec.convert(msgspec.to_builtins(default), hints[field.name])
            except msgspec.ValidationError as error:
                raise BrokenRule(f"the default of config.{field.name} is not allowed: {error}") from None


def _default(field: "Field[Any]") -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


def secrets_are_not_shown(plugin: Plugin[Any]) -> None:
    """In the text of a configuration, which a traceback may show. The database keeps them apart, by their names."""
    schema = schema_of(plugin.config_type)
    for path, setting in _settings(schema, "config"):
        inside = path.count(".") > 1
        require(not (setting.get("writeOnly") and inside), f"{path} is a secret, which must not be inside of a table")
    for field in fields(plugin.config_type):
        if schema["properties"][field.name].get("writeOnly"):
            require(not field.repr, f"config.{field.name} is a secret, so its field needs field(repr=False)")


def settings_survive_json(plugin: Plugin[Any]) -> None:
    """What comes back is equal."""
    table = msgspec.json.decode(msgspec.json.encode(plugin.config))
    try:
        again = read_config(plugin.config_type, table, "config")
    except ConfigError as error:
        raise BrokenRule(f"its settings cannot be read back from JSON: {error}") from None
    require(again == plugin.config, f"its settings come back from JSON as {again}, they were {plugin.config}")
