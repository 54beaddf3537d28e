"""Finds the installed plugins and makes one from its configuration."""

from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from webmacs_controller.sdk.config import read_config
from webmacs_controller.sdk.errors import ConfigError
from webmacs_controller.sdk.plugin import Plugin

GROUP = "webmacs.plugins"


def installed() -> dict[str, EntryPoint]:
    """Every installed plugin by its id, not loaded yet."""
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def create(plugin_id: str, config: Mapping[str, Any], where: str) -> Plugin[Any]:
    """A plugin with a checked configuration, not connected. Raises ConfigError."""
    found = installed()
    if plugin_id not in found:
        raise ConfigError(f"{where}.plugin: {plugin_id!r} is not installed; installed are {', '.join(sorted(found))}")
    kind = _load(found[plugin_id], where)
    plugin = _construct(kind, config, f"{where}.config")
    _check_channels(plugin, where)
    return plugin


def _construct(kind: type[Plugin[Any]], config: Mapping[str, Any], where: str) -> Plugin[Any]:
    checked = read_config(kind.config_type, config, where)
    try:
        return kind(checked)
    except ConfigError as error:  # found only by looking at the machine; the plugin does not know where it stands
        raise ConfigError(f"{where}.{error}") from None


def _load(entry: EntryPoint, where: str) -> type[Plugin[Any]]:
    try:
        kind = entry.load()
    except Exception as error:  # code of others: whatever is wrong with it is one line for the person who installed it
        raise ConfigError(f"{where}.plugin: {entry.name!r} cannot be loaded: {error!r}") from error
    if not (isinstance(kind, type) and issubclass(kind, Plugin)):
        raise ConfigError(f"{where}.plugin: {entry.value!r} is not a subclass of webmacs_controller.sdk.Plugin")
    return kind


def _check_channels(plugin: Plugin[Any], where: str) -> None:
    ids = [channel.id for channel in plugin.channels()]
    twice = sorted({channel_id for channel_id in ids if ids.count(channel_id) > 1})
    if twice:
        raise ConfigError(f"{where}: the plugin names a channel twice: {', '.join(twice)}")
