"""controller.toml, read into frozen dataclasses. A mistake names the key and what is allowed."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec

from webmacs_controller.configuration.settings import Interval, Name
from webmacs_controller.logs import Plan
from webmacs_controller.packages.package import Trust
from webmacs_controller.packages.signature import read_key
from webmacs_controller.sdk import ConfigError
from webmacs_controller.sdk.config import read_config

Level = Literal["debug", "info", "warning", "error"]
LINE = "%(asctime)s %(levelname)-7s %(message)s"
"""Of the log."""


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where the values go. `token_file` is relative to controller.toml."""

    url: str
    token: str = field(default="", repr=False)
    token_file: str = ""


@dataclass(frozen=True, slots=True)
class BufferSettings:
    """What is kept while the server does not acknowledge it. `file` is relative to controller.toml."""

    file: Annotated[str, msgspec.Meta(min_length=1)] = "controller.buffer"
    flush_seconds: Annotated[float, msgspec.Meta(ge=0.1, le=3600)] = 2.0
    megabytes: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 1_000
    days: Annotated[float, msgspec.Meta(gt=0, le=3650)] = 30.0
    points: Annotated[int, msgspec.Meta(ge=10_000, le=10_000_000)] = 100_000
    drain_points_per_second: Annotated[int, msgspec.Meta(ge=100, le=1_000_000)] = 25_000


@dataclass(frozen=True, slots=True)
class CommandsSettings:
    """Where it is noted which commands have been carried out. `journal` is relative to controller.toml."""

    journal: Annotated[str, msgspec.Meta(min_length=1)] = "controller.journal"


@dataclass(frozen=True, slots=True)
class ConfigurationSettings:
    """Where the last configuration of the server is kept. `file` is relative to controller.toml."""

    file: Annotated[str, msgspec.Meta(min_length=1)] = "controller.configuration"


@dataclass(frozen=True, slots=True)
class PluginsSettings:
    """Whose plugin packages are installed when the server offers them, and where: `folder` is relative to
    controller.toml. `trusted_keys` are second lines of minisign.pub."""

    trusted_keys: tuple[str, ...] = ()
    allow_unsigned: bool = False
    refuse_older: bool = False
    megabytes: Annotated[int, msgspec.Meta(ge=1, le=500)] = 50
    folder: Annotated[str, msgspec.Meta(min_length=1)] = "controller.plugins"

    def __post_init__(self) -> None:
        try:
            _ = self.trust
        except ValueError as error:
            raise ValueError(f"trusted_keys: {error}") from None

    @property
    def trust(self) -> Trust:
        """Whose code is run here."""
        return Trust([read_key(line) for line in self.trusted_keys], self.allow_unsigned, self.refuse_older)


@dataclass(frozen=True, slots=True)
class UpdatesSettings:
    """Where the versions of the controller lie, relative to controller.toml, and what a new one is held to. Without a
    folder it is not updated by itself."""

    folder: str = ""
    megabytes: Annotated[int, msgspec.Meta(ge=1, le=4000)] = 500
    steady_seconds: Annotated[float, msgspec.Meta(ge=1, le=86_400)] = 60.0
    probation_seconds: Annotated[float, msgspec.Meta(ge=2, le=86_400)] = 600.0

    def __post_init__(self) -> None:
        if self.steady_seconds >= self.probation_seconds:
            raise ValueError("steady_seconds must be less than probation_seconds")


@dataclass(frozen=True, slots=True)
class LogSettings:
    """How much is logged, of single parts too; `file`, where systemd's journal is not, and `debug_file`, which lies in
    memory, are relative to the folder of controller.toml."""

    level: Level = "info"
    levels: dict[str, Level] = field(default_factory=dict)
    file: str = ""
    file_megabytes: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 10
    files: Annotated[int, msgspec.Meta(ge=2, le=100)] = 5
    debug_file: str = ""
    debug_megabytes: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 4


@dataclass(frozen=True, slots=True)
class Proposal:
    """One plugin at work, as long as the server has no other configuration."""

    name: Name
    plugin: str
    demo: bool = False
    interval_seconds: Interval = 1.0
    config: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settings:
    """All of controller.toml."""

    server: ServerSettings
    buffer: BufferSettings
    commands: CommandsSettings
    configuration: ConfigurationSettings
    plugins: PluginsSettings
    instances: tuple[Proposal, ...]
    folder: Path
    updates: UpdatesSettings = field(default_factory=UpdatesSettings)
    log: LogSettings = field(default_factory=LogSettings)

    @property
    def token_file(self) -> Path | None:
        """Where the token is kept, if it is not in controller.toml itself."""
        return self.folder / self.server.token_file if self.server.token_file else None

    @property
    def buffer_file(self) -> Path:
        """What waits for the server."""
        return self.folder / self.buffer.file

    @property
    def journal_file(self) -> Path:
        """The journal of commands."""
        return self.folder / self.commands.journal

    @property
    def configuration_file(self) -> Path:
        """The last configuration of the server."""
        return self.folder / self.configuration.file

    @property
    def plugins_folder(self) -> Path:
        """The packages that the server has given."""
        return self.folder / self.plugins.folder

    @property
    def updates_folder(self) -> Path | None:
        """The versions of the controller, if it is updated."""
        return self.folder / self.updates.folder if self.updates.folder else None

    def log_plan(self, console: bool) -> Plan:
        """Where the log goes; `console`: all of it to standard error."""
        log = self.log
        return Plan(
            name="webmacs-controller",
            package="webmacs_controller",
            text=LINE,
            level=log.level,
            levels=log.levels,
            file=self.folder / log.file if log.file else None,
            file_megabytes=log.file_megabytes,
            files=log.files,
            debug_file=self.folder / log.debug_file if log.debug_file else None,
            debug_megabytes=log.debug_megabytes,
            console=console,
        )


@dataclass(frozen=True, slots=True)
class _Sections:
    server: dict[str, Any]
    instances: list[dict[str, Any]] = field(default_factory=list)
    buffer: dict[str, Any] = field(default_factory=dict)
    commands: dict[str, Any] = field(default_factory=dict)
    configuration: dict[str, Any] = field(default_factory=dict)
    plugins: dict[str, Any] = field(default_factory=dict)
    updates: dict[str, Any] = field(default_factory=dict)
    log: dict[str, Any] = field(default_factory=dict)


def load(path: Path) -> Settings:
    """Raises ConfigError."""
    sections = read_config(_Sections, _read(path), path.name)
    server = read_config(ServerSettings, sections.server, "server")
    instances = tuple(_instance(number, table) for number, table in enumerate(sections.instances, 1))
    _check_server(server)
    _check_names(instances)
    buffer = read_config(BufferSettings, sections.buffer, "buffer")
    commands = read_config(CommandsSettings, sections.commands, "commands")
    configuration = read_config(ConfigurationSettings, sections.configuration, "configuration")
    plugins = read_config(PluginsSettings, sections.plugins, "plugins")
    updates = read_config(UpdatesSettings, sections.updates, "updates")
    log = read_config(LogSettings, sections.log, "log")
    return Settings(server, buffer, commands, configuration, plugins, instances, path.parent, updates, log)


def _read(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from None


def _instance(number: int, table: Mapping[str, Any]) -> Proposal:
    return read_config(Proposal, table, f"instances[{number}]")


def _check_server(server: ServerSettings) -> None:
    url = urlsplit(server.url)
    if url.scheme not in ("ws", "wss") or not url.hostname:
        raise ConfigError(f"server.url: must be ws://host… or wss://host…, not {server.url!r}")
    if url.query or url.username:  # it would be logged
        raise ConfigError("server.url: a token or a password does not belong into the address, but into token_file")
    if bool(server.token) == bool(server.token_file):
        raise ConfigError("server: needs either token or token_file, and not both")


def _check_names(instances: tuple[Proposal, ...]) -> None:
    names = [instance.name for instance in instances]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"instances: the name {name!r} is there twice")
