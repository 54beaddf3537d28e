"""Finds the installed plugins and makes one from its configuration."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from webmacs_controller.sdk.config import read_config
from webmacs_controller.sdk.description import Description, describe
from webmacs_controller.sdk.errors import ConfigError
from webmacs_controller.sdk.plugin import Plugin, PluginMeta

GROUP = "webmacs.plugins"


class UnusableError(Exception):
    """An installed plugin is of no use; the message says why, to the person who installed it."""


@dataclass(frozen=True, slots=True)
class Installed:
    """What can be configured, and what cannot: why, by entry point."""

    usable: tuple[Description, ...]
    broken: Mapping[str, str]


def installed() -> dict[str, list[EntryPoint]]:
    """Every installed plugin by its id, not loaded yet; more than one of an id is a mistake."""
    found: dict[str, list[EntryPoint]] = {}
    for entry in entry_points(group=GROUP):
        found.setdefault(entry.name, []).append(entry)
    return dict(sorted(found.items()))


def survey() -> Installed:
    """Loads all that is installed. One that fails is named, and keeps no other from being found."""
    usable, broken = [], {}
    for plugin_id, entries in installed().items():
        try:
            usable.append(describe(load(plugin_id, entries)))
        except (UnusableError, TypeError) as error:
            broken[plugin_id] = str(error)
        except Exception as error:  # code of others
            broken[plugin_id] = f"{plugin_id!r} cannot be described: {error!r}"
    return Installed(tuple(usable), broken)


def create(plugin_id: str, config: Mapping[str, Any], where: str = "") -> Plugin[Any]:
    """A plugin with a checked configuration, not connected. Raises ConfigError, naming the setting below `where`."""
    found = installed()
    prefix = f"{where}." if where else ""
    if plugin_id not in found:
        raise ConfigError(f"{prefix}plugin: {plugin_id!r} is not installed; installed are {', '.join(found)}")
    try:
        kind = load(plugin_id, found[plugin_id])
    except UnusableError as error:
        raise ConfigError(f"{prefix}plugin: {error}") from None
    plugin = _construct(kind, config, f"{prefix}config")
    _check_channels(plugin, f"{prefix}plugin")
    return plugin


def load(plugin_id: str, entries: list[EntryPoint]) -> type[Plugin[Any]]:
    """Its class. Raises UnusableError."""
    if len(entries) > 1:
        raise UnusableError(f"{plugin_id!r} is in more than one package: {', '.join(_packages(entries))}")
    try:
        kind = entries[0].load()
    except (Exception, SystemExit) as error:  # code of others: whatever is wrong with it is one line
        raise UnusableError(f"{plugin_id!r} cannot be loaded: {error!r}") from error
    if not (isinstance(kind, type) and issubclass(kind, Plugin)):
        raise UnusableError(f"{entries[0].value!r} is not a subclass of webmacs_controller.sdk.Plugin")
    if not isinstance(getattr(kind, "meta", None), PluginMeta):
        raise UnusableError(f"{entries[0].value!r} has no meta, which says who it is")
    if kind.meta.id != plugin_id:
        raise UnusableError(f"the entry point {plugin_id!r} leads to a plugin whose id is {kind.meta.id!r}")
    return kind


def _packages(entries: list[EntryPoint]) -> Iterator[str]:
    return (entry.dist.name if entry.dist else entry.value for entry in entries)


def _construct(kind: type[Plugin[Any]], config: Mapping[str, Any], where: str) -> Plugin[Any]:
    checked = read_config(kind.config_type, config, where)
    try:
        return kind(checked)
    except ConfigError as error:  # found only by looking at the machine; the plugin does not know where it stands
        raise ConfigError(f"{where}.{error}") from None


def _check_channels(plugin: Plugin[Any], where: str) -> None:
    ids = [channel.id for channel in plugin.channels()]
    twice = sorted({channel_id for channel_id in ids if ids.count(channel_id) > 1})
    if twice:
        raise ConfigError(f"{where}: it names a channel twice: {', '.join(twice)}")
