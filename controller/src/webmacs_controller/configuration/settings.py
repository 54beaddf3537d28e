"""The settings of instances and their channels, as the database has them and as they are kept on disk."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeAlias

import msgspec

from webmacs_controller.sdk.config import explain

Name: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
Interval: TypeAlias = Annotated[float, msgspec.Meta(ge=0.01, le=86_400)]


class Interlock(msgspec.Struct, frozen=True):
    """An output moves only while the source's value fulfils this and is at most `max_age` seconds old.

    `instance` and `channel` are null where this controller does not measure the source: for a command the server has
    judged it then, and nobody can where a sequence drives the output.
    """

    instance: str | None
    channel: str | None
    operator: Literal["gt", "lt", "gte", "lte", "eq", "between", "not_between"]
    threshold: float
    max_age: float
    threshold_high: float | None = None


class ChannelSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What an administrator sets for one channel.

    `calibration` leads from what the device says to the value, by pairs of both. `min` and `max` are the range of the
    channel's event; None: that which the plugin declares. `safe_after_seconds`: how long an output stays as it is when
    the server is away; None: for ever. `interlocks` guard it, whoever drives it.
    """

    channel: str
    calibration: Annotated[list[tuple[float, float]], msgspec.Meta(min_length=2, max_length=100)] | None = None
    report: Literal["every", "change"] = "every"
    deadband: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    heartbeat_seconds: Annotated[float, msgspec.Meta(ge=1, le=86_400)] = 60.0
    safe_after_seconds: Annotated[float, msgspec.Meta(ge=0)] | None = 60.0
    min: float | None = None
    max: float | None = None
    interlocks: list[Interlock] = []


class InstanceSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One plugin at work. `config` is the plugin's own, secrets included. `public_id` is the server's, empty as long as
    that does not know it."""

    name: Name
    public_id: str = ""
    plugin: str
    demo: bool = False
    enabled: bool = True
    interval_seconds: Interval = 1.0
    config: dict[str, Any] = {}
    channels: list[ChannelSettings] = []

    @property
    def key(self) -> str:
        """What stays the same when it is renamed, as far as there is such a thing."""
        return self.public_id or self.name

    def same_plugin(self, other: "InstanceSettings") -> bool:
        """Whether a plugin that was made for one does for the other."""
        return (self.plugin, self.demo, self.config) == (other.plugin, other.demo, other.config)


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """The whole. `version` is the server's; 0 is none of the server's, but a proposal of our own. `controller_id` is
    who we are to that server; empty: it has never said."""

    version: int = 0
    controller_id: str = ""
    instances: list[InstanceSettings] = []


class Refusal(msgspec.Struct, frozen=True):
    """An instance whose settings are not understood; `error` names the setting."""

    name: str
    error: str


def read_instances(tables: Sequence[Mapping[str, Any]]) -> list[InstanceSettings | Refusal]:
    """What a server wants, one by one: a mistake in one harms no other. Unknown keys are those of a newer server."""
    return [_read(table) for table in tables]


def _read(table: Mapping[str, Any]) -> InstanceSettings | Refusal:
    try:
        return msgspec.convert(table, InstanceSettings)
    except msgspec.ValidationError as error:
        return Refusal(str(table.get("name", "")), explain(str(error), "").lstrip(".: "))
