"""Sections that may stand in config.toml several times, such as [[sso]]: each entry has a name of its own."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any, get_args, get_type_hints

from webmacs.config.checks import NAME, Secret
from webmacs.config.secret_files import read_secret
from webmacs.config.setting import ConfigError, Setting

FILE = "_file"  # added to the key of a secret: the file that holds it


def read_entries(section: str, tables: Any, source: str) -> list[Setting]:
    """Every setting of the entries of `section` in a file. Raises ConfigError if one has no name of its own."""
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ConfigError(f"{section} {source} must be written as [[{section}]], once for each.")
    found: dict[str, list[Setting]] = {}
    for table in tables:
        name = table.get("name")
        if not isinstance(name, str) or not re.fullmatch(NAME, name):
            raise ConfigError(f'[[{section}]] {source} needs a name of the form {NAME}, such as "lab".')
        if name in found:
            raise ConfigError(f"[[{section}]] {name} stands twice {source}; each needs a name of its own.")
        found[name] = [Setting(section, key, value, source, entry=name) for key, value in table.items()]
    return [setting for settings in found.values() for setting in settings]


def split_variable(kind: Any, rest: str) -> tuple[str, str]:
    """The entry and the key that an environment variable names: `lab_client_id` is client_id of lab."""
    matching = [key for key in keys_in_environment(kind) if rest.endswith(f"_{key}")]
    key = max(matching, key=len, default="")
    return (rest.removesuffix(f"_{key}"), key) if key else ("", rest)


def keys_in_file(kind: Any) -> list[str]:
    """The keys of an entry in a file. What is secret does not stand there."""
    hints = get_type_hints(kind, include_extras=True)
    return [f"{field.name}{FILE}" if is_secret(hints[field.name]) else field.name for field in fields(kind)]


def keys_in_environment(kind: Any) -> list[str]:
    """The keys of an entry by which the environment overrides it: all but its name."""
    names = dict.fromkeys([*(field.name for field in fields(kind)), *keys_in_file(kind)])
    return [name for name in names if name != "name"]


def is_secret(hint: Any) -> bool:
    """Whether a setting of this type is given by a file or the environment alone."""
    return any(isinstance(part, Secret) for part in get_args(hint))


def build_entries(section: str, kind: Any, settings: list[Setting], folder: Path) -> Iterator[Any]:
    """The entries of `section`, in the order of the file. Raises ConfigError."""
    entries: dict[str, dict[str, Setting]] = {}
    for setting in settings:
        entries.setdefault(setting.entry, {})[setting.key] = setting
    for entry, found in entries.items():
        if "name" not in found:
            setting = next(iter(found.values()))
            raise ConfigError(
                f"There is no [[{section}]] named {entry or '…'} that could take {setting.key} {setting.source}."
            )
        yield kind(**_values(kind, found, folder))


def _values(kind: Any, found: Mapping[str, Setting], folder: Path) -> dict[str, Any]:
    hints = get_type_hints(kind, include_extras=True)
    values = {}
    for field in fields(kind):
        setting = _secret(found, field, folder) if is_secret(hints[field.name]) else found.get(field.name)
        if setting is not None:
            values[field.name] = setting.checked(hints[field.name], folder)
        elif field.default is MISSING and field.default_factory is MISSING:
            name = found["name"]
            raise ConfigError(f"[[{name.section}]] {name.entry} {name.source} has no {field.name}, which it needs.")
    return values


def _secret(found: Mapping[str, Setting], field: "Field[Any]", folder: Path) -> Setting | None:
    """The secret itself, from the environment or else from the file that is named."""
    named = found.get(f"{field.name}{FILE}")
    if field.name in found or named is None or named.value == "":
        return found.get(field.name)
    return read_secret(named, named.checked(Path, folder))
