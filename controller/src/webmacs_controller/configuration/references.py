"""Whether what instances say of each other is so."""

from collections.abc import Mapping
from typing import Any

from webmacs_controller.sdk import ConfigError, Plugin
from webmacs_controller.sdk.sequence import SequencePlugin
from webmacs_controller.sdk.services import Output


def check_outputs(name: str, plugin: Plugin[Any], plugins: Mapping[str, Plugin[Any] | None]) -> None:
    """Raises ConfigError, naming the setting by which a sequence wants to drive what is no output of another instance.

    `plugins` are all, by the names of their instances; None: disabled, so nobody knows what it has.
    """
    if isinstance(plugin, SequencePlugin):
        others = {other: theirs for other, theirs in plugins.items() if other != name}
        for setting, output in plugin.outputs().items():
            _check(f"config.{setting}", output, others)


def _check(where: str, output: Output, others: Mapping[str, Plugin[Any] | None]) -> None:
    if output.instance not in others:
        raise ConfigError(f"{where}.instance: there is no other instance {output.instance!r}; {_list(others)}")
    driven = others[output.instance]
    if driven is None:
        return
    outputs = _outputs(driven)
    if output.channel not in outputs:
        problem = f"{output.instance} has no output {output.channel!r} that a sequence could drive"
        raise ConfigError(f"{where}.channel: {problem}; {_list(outputs)}")


def _outputs(plugin: Plugin[Any]) -> list[str]:
    """What can be made safe when a sequence ends. The button of another sequence could lead back here."""
    if isinstance(plugin, SequencePlugin):
        return []
    return [channel.id for channel in plugin.channels() if channel.safe_value is not None]


def _list(names: Mapping[str, object] | list[str]) -> str:
    return f"there are {', '.join(names)}" if names else "there is none"
