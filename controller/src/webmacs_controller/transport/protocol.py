"""The messages on the telemetry socket, as msgspec structures; the server's side is src/webmacs/datapoints."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

import msgspec

from webmacs_controller import __version__
from webmacs_controller.configuration.settings import Interlock
from webmacs_controller.measuring.point import Source
from webmacs_controller.sdk.description import Description

SUBPROTOCOL = "webmacs.v1"
FRAME_POINTS = 500
MESSAGE_BYTES = 16 << 20
"""Most that the server may send at once: a welcome tells the settings of all channels, some 250 bytes each."""

Outcome: TypeAlias = Literal["done", "failed", "expired", "outcome_unknown"]
InstanceState: TypeAlias = Literal["connected", "demo", "error", "stopped"]
ChannelState: TypeAlias = Literal["ok", "no_value", "uncertain", "bad"]
CommandId: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class ChannelInfo(msgspec.Struct, frozen=True):
    id: str
    name: str
    unit: str
    min: float
    max: float
    direction: str
    event_type: str
    safe_value: float | None


class InstanceInfo(msgspec.Struct, frozen=True):
    """`config` is told where the instance is a proposal; else the server has it, and with it the secrets."""

    name: str
    plugin: str
    demo: bool
    interval_seconds: float
    channels: list[ChannelInfo]
    config: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    """With `config_version` 0 the instances are a proposal, with any other they are what the server wanted. `holds`: we
    know what to do about a Hold."""

    config_version: int
    plugins: Sequence[Description]
    instances: list[InstanceInfo]
    software: str = f"webmacs-controller {__version__}"
    holds: bool = True


class Datapoint(msgspec.Struct, frozen=True):
    event_public_id: str
    value: float
    timestamp: datetime
    quality: int


class Telemetry(msgspec.Struct, frozen=True):
    seq: int
    datapoints: list[Datapoint]


class LogEntry(msgspec.Struct, frozen=True, tag="log"):
    """What people have to know."""

    level: Literal["info", "warning", "error"]
    message: str


class Event(msgspec.Struct, frozen=True):
    """The server's event of a channel; values of one that is not enabled would be refused."""

    instance: str
    channel: str
    event_public_id: str
    enabled: bool = True

    @property
    def source(self) -> Source:
        return self.instance, self.channel


class Welcome(msgspec.Struct, frozen=True):
    """`controller` and `controller_id` are we, as that server knows us. `instances` and `packages` are all that it
    wants, `update` is the software that it wants next, `time` is its clock; a server of others may tell none."""

    events: list[Event]
    config_version: int = 0
    controller: str = ""
    controller_id: str = ""
    time: datetime | None = None
    instances: list[dict[str, Any]] | None = None
    packages: list[dict[str, Any]] | None = None
    update: dict[str, Any] | None = None


class Rejected(msgspec.Struct, frozen=True):
    reason: str
    event_public_id: str | None = None


class Ack(msgspec.Struct, frozen=True):
    """`seq` is the last frame that it covers, the counts are sums; at most 100 of the rejected are listed."""

    seq: int
    accepted: int = 0
    duplicates: int = 0
    rejected: list[Rejected] = []
    rejected_total: int = 0


class Error(msgspec.Struct, frozen=True):
    """With `seq`: the server takes nothing of that telemetry frame, and would not if it were sent again."""

    code: str
    message: str = ""
    seq: int | None = None


class Hold(msgspec.Struct, frozen=True):
    """The server has no room for what comes from frame `seq` on; it takes nothing before the next hello, which is to be
    said after so many seconds."""

    seconds: Annotated[float, msgspec.Meta(ge=0, le=600)]
    message: str = ""
    seq: int | None = None


class Token(msgspec.Struct, frozen=True):
    token: str
    expires_at: str = ""


class Config(msgspec.Struct, frozen=True):
    """The configuration on the server has changed: say hello again."""


class Command(msgspec.Struct, frozen=True):
    """Set an output, within `ttl` seconds of its sending.

    The server sent it `after_seconds` after it had read our frame `after_seq` (null: the hello).
    """

    id: CommandId
    instance: str
    channel: str
    value: float
    ttl: float
    after_seq: int | None
    after_seconds: float
    interlocks: list[Interlock]


class CommandResult(msgspec.Struct, frozen=True, tag="command_result"):
    """What came of it; `value` is what was read back."""

    id: str
    state: Outcome
    value: float | None = None
    error: str | None = None


class PackageStatus(msgspec.Struct, frozen=True):
    """What has become of a package; `detail` says why it failed."""

    name: str
    version: str
    state: Literal["installing", "installed", "failed"]
    detail: str | None


class ChannelStatus(msgspec.Struct, frozen=True):
    id: str
    state: ChannelState
    detail: str | None


class InstanceStatus(msgspec.Struct, frozen=True):
    """`setting_error` names a wanted setting that it does not take; what it had before goes on."""

    name: str
    state: InstanceState
    detail: str | None
    setting_error: str | None
    channels: list[ChannelStatus]


class UpdateStatus(msgspec.Struct, frozen=True):
    """How far an update of the software is."""

    id: int
    state: str
    detail: str | None
    received: int


class Status(msgspec.Struct, frozen=True, tag="status"):
    """How all that the server wants is at the moment."""

    instances: list[InstanceStatus]
    packages: list[PackageStatus]
    update: UpdateStatus | msgspec.UnsetType = msgspec.UNSET


class CommandNoted(msgspec.Struct, frozen=True):
    """The server has stored the result."""

    id: CommandId


class Unknown(msgspec.Struct, frozen=True):
    """A message of a newer server."""

    type: str


class _AnyCommand(msgspec.Struct, tag="command"):
    id: CommandId


Message: TypeAlias = Welcome | Ack | Error | Hold | Token | Config | Command | CommandNoted | Unknown
KINDS: dict[str, type[Message]] = {
    "welcome": Welcome,
    "ack": Ack,
    "error": Error,
    "hold": Hold,
    "token": Token,
    "config": Config,
    "command": Command,
    "command_noted": CommandNoted,
}


def decode(frame: str | bytes) -> Message:
    """What the server says. Raises msgspec.DecodeError or msgspec.ValidationError if it is not understood."""
    kind = msgspec.json.decode(frame, type=Unknown).type
    return msgspec.json.decode(frame, type=KINDS.get(kind, Unknown))


def command_id(frame: str | bytes) -> str | None:
    """The id of a command that is not understood, if at least that is."""
    try:
        return msgspec.json.decode(frame, type=_AnyCommand).id
    except msgspec.MsgspecError:
        return None
