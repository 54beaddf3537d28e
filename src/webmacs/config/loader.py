"""Reads the settings from their four places and checks every one."""

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from webmacs.config import entries
from webmacs.config.sections import Config
from webmacs.config.setting import ConfigError, Setting
from webmacs.config.uris import with_public_url, with_uris
from webmacs.resources import resource

PREFIX = "WEBMACS_"
# Set by or for tools around the program, and no settings of it.
RESERVED = {"WEBMACS_CONFIG", "WEBMACS_NO_SKIP", "WEBMACS_TOKEN"}
SUDO = "; where `webmacs install` has set it up, put `sudo` before the command."

__all__ = ["ConfigError", "load_config"]


def load_config(path: Path | str | None = None, environ: Mapping[str, str] = os.environ) -> Config:
    """Read the settings.

    `path` is the config.toml to read; without it WEBMACS_CONFIG names it, else it is the one in the current folder.
    It may be missing. Raises ConfigError, which names the key, where it stands and what is allowed.
    """
    file = Path(path or environ.get("WEBMACS_CONFIG") or "config.toml").absolute()
    settings: dict[tuple[str, str, str], Setting] = {}
    for layer in (
        _from_file(resource("config.default.toml")),
        _from_file(file),
        _from_credentials(environ.get("CREDENTIALS_DIRECTORY")),
        _from_environment(environ),
    ):
        settings |= {(setting.section, setting.entry, setting.key): setting for setting in layer}
    config = _build(file, list(settings.values()))
    return replace(config, database=with_uris(config.database), server=with_public_url(config.server))


def section_types() -> dict[str, Any]:
    """The dataclass of each section, by its name in the file."""
    return {name: kind for name, kind in get_type_hints(Config).items() if is_dataclass(kind)}


def entry_types() -> dict[str, Any]:
    """The dataclass of an entry of each section that may stand there several times."""
    return {name: get_args(kind)[0] for name, kind in get_type_hints(Config).items() if get_origin(kind) is tuple}


def _from_file(file: Path) -> list[Setting]:
    """Every setting of a file; none if there is no such file."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except PermissionError:
        raise ConfigError(f"{file} is not for this account to read{SUDO}") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{file} cannot be read: {error}.") from None
    found = []
    for section, keys in content.items():
        if section in entry_types():
            found += entries.read_entries(section, keys, f"in {file}")
            continue
        if not isinstance(keys, dict):
            raise ConfigError(
                f"{section} in {file} stands outside a section; allowed are [{'], ['.join(section_types())}]."
            )
        found += [Setting(section, key, value, f"in {file}") for key, value in keys.items()]
    return _known(found)


def _from_credentials(folder: str | None) -> list[Setting]:
    """Every setting that systemd hands out as a file (LoadCredential=), named such as database.uri."""
    try:
        return _known(list(_credentials(Path(folder)))) if folder else []
    except PermissionError:
        raise ConfigError(f"The secrets in {folder} are not for this account to read{SUDO}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The secrets in {folder} cannot be read: {error}.") from None


def _credentials(folder: Path) -> Iterator[Setting]:
    for file in sorted(folder.iterdir()):
        section, _, key = file.name.partition(".")
        entry = ""
        if section in entry_types() and key.count(".") == 1:
            entry, _, key = key.partition(".")
        elif section not in section_types() or not key:
            continue  # somebody else's
        text = file.read_text(encoding="utf-8").rstrip("\r\n")
        yield Setting(section, key, text, f"of the credential {file.name}", True, entry)


def _from_environment(environ: Mapping[str, str]) -> list[Setting]:
    """Every setting of the environment, WEBMACS_SECTION_KEY."""
    found = []
    for name, text in environ.items():
        if name.startswith(PREFIX) and name not in RESERVED:
            section, _, key = name.removeprefix(PREFIX).lower().partition("_")
            entry = ""
            if section in entry_types():
                entry, key = entries.split_variable(entry_types()[section], key)
            found.append(Setting(section, key, text, f"from the environment variable {name}", True, entry))
    return _known(found)


def _known(settings: list[Setting]) -> list[Setting]:
    """The same settings, all of them known; raises ConfigError for the first that is not."""
    for setting in settings:
        keys = _keys(setting)
        if setting.key not in keys:
            raise ConfigError(f"Unknown key {setting.name} {setting.source}; allowed are {', '.join(keys)}.")
    return settings


def _keys(setting: Setting) -> list[str]:
    """The keys of the section of `setting`, where it stands. Raises ConfigError if there is no such section."""
    sections, several = section_types(), entry_types()
    if setting.section in several:
        keys = entries.keys_in_environment if setting.is_text else entries.keys_in_file
        return keys(several[setting.section])
    if setting.section not in sections:
        allowed = ", ".join([*sections, *several])
        raise ConfigError(f"Unknown section [{setting.section}] {setting.source}; allowed are {allowed}.")
    return [field.name for field in fields(sections[setting.section])]


def _build(file: Path, settings: list[Setting]) -> Config:
    sections: dict[str, Any] = {}
    for section, kind in section_types().items():
        found = {setting.key: setting for setting in settings if setting.section == section}
        hints = get_type_hints(kind, include_extras=True)
        sections[section] = kind(**{key: found[key].checked(hint, file.parent) for key, hint in hints.items()})
    for section, kind in entry_types().items():
        found_entries = [setting for setting in settings if setting.section == section]
        sections[section] = tuple(entries.build_entries(section, kind, found_entries, file.parent))
    return Config(file=file, **sections)
