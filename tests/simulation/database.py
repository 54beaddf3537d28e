"""What the server keeps: a model of the database, small enough to be seen to be right, as docs/interfaces.md has it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

Source = tuple[str, str]
Message = dict[str, Any]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FUTURE, HORIZON = timedelta(minutes=10), timedelta(days=3650)
ANSWER_SECONDS = 10.0
"""After the end of a command, for its controller's answer."""

ID_OF = "id of "
"""Begins the public_id of an instance; its name follows."""

CHANNEL = {"calibration": None, "report": "every", "deadband": 0, "heartbeat_seconds": 60}


@dataclass
class Command:
    """`result` is what the controller said of it."""

    id: str
    source: Source
    value: float
    expires: float
    state: str = "queued"
    line: object = None
    result: Message | None = None


@dataclass(frozen=True)
class Stored:
    """A point that has come, over `connection`; `fresh`: it was not there yet."""

    source: Source
    time: datetime
    value: float
    quality: int
    connection: object
    fresh: bool


class Observer(Protocol):
    """Who is told what happens in the database."""

    def arrived(self, point: Stored) -> None: ...

    def refused(self, source: Source, time: datetime, value: float, reason: str) -> None: ...


@dataclass
class Database:
    """`now` is seconds of its own that pass evenly, `day` the same moment by the calendar."""

    now: Callable[[], float]
    day: Callable[[], datetime]
    observer: Observer
    safe_after: Mapping[str, float] = field(default_factory=dict)
    version: int = 1
    instances: dict[str, Message] = field(default_factory=dict)
    channels: dict[Source, Message] = field(default_factory=dict)
    points: dict[Source, dict[datetime, tuple[float, int]]] = field(default_factory=dict)
    commands: dict[str, Command] = field(default_factory=dict)

    def hello(self, message: Message) -> Message:
        """Adopts what is new, and returns the welcome."""
        for instance in message["instances"]:
            if message.get("config_version", 0) == 0:
                self._adopt(instance)
            if instance["name"] in self.instances:
                for channel in instance["channels"]:
                    self._adopt_channel(instance["name"], channel["id"])
        return self.welcome()

    def welcome(self) -> Message:
        """All that the controller is to know."""
        return {
            "type": "welcome",
            "controller": "plant",
            "config_version": self.version,
            "time": self.day().isoformat(),
            "events": [self._event(source) for source in self.channels],
            "instances": [self._instance(name) for name in self.instances],
        }

    def ingest(self, points: list[Message], connection: object) -> list[Message]:
        """Stores them; what it refuses, and why."""
        return [refusal for index, point in enumerate(points) if (refusal := self._ingest(index, point, connection))]

    def command(self, command: Command) -> None:
        """Somebody wants this; what waits for the same output is superseded."""
        for other in self.commands.values():
            if other.source == command.source and other.state == "queued":
                other.state = "superseded"
        self.commands[command.id] = command

    def claim(self, line: object, again: bool) -> list[Command]:
        """What is to be pushed over this line now. What a later one has overtaken is not pushed again."""
        newest = {command.source: command for command in self.commands.values() if command.state != "superseded"}
        claimed = [
            command
            for command in newest.values()
            if command.state in ("queued", "sent")
            and self.now() < command.expires
            and (again or command.line is not line)
        ]
        for command in claimed:
            command.state, command.line = "sent", line
        return claimed

    def finish(self, result: Message) -> None:
        """What the controller says of a command counts, once."""
        command = self.commands[result["id"]]
        if command.state in ("sent", "outcome_unknown"):
            command.state, command.result = result["state"], result

    def tick(self) -> None:
        """What only the clock does."""
        for command in self.commands.values():
            if command.state == "queued" and command.expires <= self.now():
                command.state = "expired"
            elif command.state == "sent" and command.expires + ANSWER_SECONDS <= self.now():
                command.state = "outcome_unknown"

    def _adopt(self, instance: Message) -> None:
        settings = {key: instance[key] for key in ("name", "plugin", "demo", "interval_seconds", "config")}
        public_id = ID_OF + instance["name"]
        self.instances.setdefault(instance["name"], {**settings, "public_id": public_id, "enabled": True})

    def _adopt_channel(self, instance: str, channel: str) -> None:
        safe_after = self.safe_after.get(channel, 60.0)
        settings = {**CHANNEL, "channel": channel, "safe_after_seconds": safe_after}
        self.channels.setdefault((instance, channel), settings)

    def _event(self, source: Source) -> Message:
        enabled: bool = self.instances[source[0]]["enabled"]
        return {"instance": source[0], "channel": source[1], "event_public_id": "/".join(source), "enabled": enabled}

    def _instance(self, name: str) -> Message:
        channels = [settings for source, settings in self.channels.items() if source[0] == name]
        return {**self.instances[name], "channels": channels}

    def _ingest(self, index: int, point: Mapping[str, Any], connection: object) -> Message | None:
        instance, _, channel = point["event_public_id"].partition("/")
        source, time = (instance, channel), datetime.fromisoformat(point["timestamp"])
        value, quality = point["value"], point["quality"]
        reason = self._refuses(source, time, (value, quality))
        if reason in (None, "duplicate"):
            self.points.setdefault(source, {})[time] = value, quality
            self.observer.arrived(Stored(source, time, value, quality, connection, reason is None))
        else:
            self.observer.refused(source, time, value, str(reason))
        return (reason and {"index": index, "event_public_id": point["event_public_id"], "reason": reason}) or None

    def _refuses(self, source: Source, time: datetime, content: tuple[float, int]) -> str | None:
        if source not in self.channels:
            return "unknown_event"
        if not self.instances[source[0]]["enabled"]:
            return "disabled"
        if time > self.day() + FUTURE:
            return "future"
        if time < self.day() - HORIZON:
            return "out_of_horizon"
        stored = self.points.get(source, {}).get(time)
        if stored is None:
            return None
        return "duplicate" if stored == content else "conflict"
