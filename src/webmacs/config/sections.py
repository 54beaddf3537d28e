"""The settings, one dataclass a section. Meaning and defaults stand in config.default.toml, only there."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from webmacs_controller.packages.signature import TrustedKey, read_key

from webmacs.config.checks import Between, Count, DatabaseUri, KeyList, NetworkList, OriginList, Port, Text, Url
from webmacs.config.services import Service
from webmacs.config.sso import Sso
from webmacs.resources import resource

Level = Literal["debug", "info", "warning", "error"]


def connectable(host: str) -> str:
    """The address to connect to on this machine, of one to listen on."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "*": "127.0.0.1", "*4": "127.0.0.1"}.get(host, host)  # noqa: S104


@dataclass(frozen=True)
class Server:
    """The sidecar: where it listens and how browsers reach it. After loading `public_url` is never empty."""

    host: Text
    port: Port
    public_url: Url
    cors_origins: OriginList
    trusted_proxies: NetworkList
    frontend_dir: Path | None
    gateway_socket: Path | None
    metrics_port: Annotated[int, Between(0, 65535)]
    local_socket: Path

    @property
    def connect_host(self) -> str:
        """How a program on this machine reaches the sidecar."""
        return connectable(self.host)

    @property
    def page(self) -> Path:
        """Where the files of the page are: the configured ones, else our own."""
        return self.frontend_dir or resource("page")


@dataclass(frozen=True)
class Database:
    """PostgreSQL: the embedded server, or URIs of another. After loading the three URIs are never empty."""

    embedded: bool
    port: Port
    name: Text
    data_dir: Path
    uri: DatabaseUri = field(repr=False)
    authenticator_uri: DatabaseUri = field(repr=False)
    admin_uri: DatabaseUri = field(repr=False)
    sidecar_password: str = field(repr=False)
    authenticator_password: str = field(repr=False)
    admin_password: str = field(repr=False)
    reader_password: str = field(repr=False)


@dataclass(frozen=True)
class Postgrest:
    """The REST API and where its program is."""

    host: Text
    port: Port
    admin_port: Port
    socket: Path | None
    binary: str
    max_rows: Count
    pool: Annotated[int, Between(1, 1000)]
    jwt_cache_seconds: Annotated[int, Between(0, 86400)]

    @property
    def connect_host(self) -> str:
        """How a program on this machine reaches PostgREST."""
        return connectable(self.host)


@dataclass(frozen=True)
class Gateway:
    """Apache: what its virtual host needs to know besides where everything is."""

    certificate: Path
    certificate_key: Path
    http_port: Port


@dataclass(frozen=True)
class Auth:
    """Tokens, passwords and who may register."""

    issuer: Text
    audience: Text
    keys_dir: Path
    access_seconds: Annotated[int, Between(5, 86_400)]
    session_seconds: Annotated[int, Between(60, 31_536_000)]
    api_token_days: Annotated[int, Between(1, 3650)]
    controller_token_days: Annotated[int, Between(1, 3650)]
    bcrypt_rounds: Annotated[int, Between(4, 20)]
    login_queue: Annotated[int, Between(1, 1000)]
    registration: bool


@dataclass(frozen=True)
class Limits:
    """Requests in a minute to one sidecar; those of WebSockets and /health do not count."""

    token_requests: Count
    address_requests: Count


@dataclass(frozen=True)
class Ingest:
    """What the database takes as a measured point, and how many at once."""

    past_days: Annotated[int, Between(1, 36_500)]
    future_seconds: Annotated[int, Between(0, 86_400)]
    partition_days: Annotated[int, Between(1, 366)]
    partitions_ahead: Annotated[int, Between(1, 100)]
    batch_points: Annotated[int, Between(1, 100_000)]
    queue_points: Annotated[int, Between(1, 10_000_000)]


@dataclass(frozen=True)
class Audit:
    """How long it is kept who changed what. 0: for ever."""

    keep_days: Annotated[int, Between(0, 36_500)]


@dataclass(frozen=True)
class Storage:
    """The disk of the database, and what happens as it fills up."""

    disk: Path | None
    warn_percent: Annotated[int, Between(10, 100)]
    thin_percent: Annotated[int, Between(10, 100)]
    refuse_percent: Annotated[int, Between(10, 100)]
    reserve_megabytes: Annotated[int, Between(0, 1_000_000)]


@dataclass(frozen=True)
class Stream:
    """Live values to browsers: memory and patience for each."""

    replay_bytes: Count
    client_buffer_bytes: Count
    stall_seconds: Annotated[int, Between(1, 3600)]


@dataclass(frozen=True)
class Webhooks:
    """How deliveries are made, and which networks besides the public ones they may go to."""

    concurrency: Annotated[int, Between(1, 1000)]
    timeout_seconds: Annotated[int, Between(1, 300)]
    allow_networks: NetworkList


@dataclass(frozen=True)
class Plugins:
    """Which packages with plugins may be uploaded."""

    trusted_keys: KeyList
    allow_unsigned: bool
    max_megabytes: Annotated[int, Between(1, 500)]

    @property
    def trusted(self) -> list[TrustedKey]:
        """By whom they may be signed."""
        return [read_key(line) for line in self.trusted_keys]


@dataclass(frozen=True)
class Ota:
    """Which bundles of updates may be uploaded, where newer ones are looked for, whether it takes two persons to give
    one to a controller, and how the server itself is updated."""

    root: str
    source: str
    check_hours: Annotated[int, Between(0, 8760)]
    second_person: bool
    max_megabytes: Annotated[int, Between(1, 4000)]
    uploads_dir: Path
    folder: Path | None
    steady_seconds: Annotated[int, Between(1, 3600)]
    probation_seconds: Annotated[int, Between(10, 86_400)]


@dataclass(frozen=True)
class Backup:
    """Where backups lie, and how many of them."""

    dir: Path
    keep: Annotated[int, Between(0, 10_000)]


@dataclass(frozen=True)
class Controller:
    """The controller that `webmacs up` starts on this machine."""

    start: bool


@dataclass(frozen=True)
class Log:
    """How much is logged, of single parts too, and where systemd's journal is not. `debug_file` lies in memory."""

    level: Level
    levels: dict[str, Level]
    file: Path | None
    file_megabytes: Annotated[int, Between(1, 10_000)]
    files: Annotated[int, Between(2, 100)]
    debug_file: Path | None
    debug_megabytes: Annotated[int, Between(1, 1000)]


@dataclass(frozen=True)
class Config:
    """All settings. `file` is the config.toml they were read from, which may be missing.

    A tuple is a section that may stand there several times.
    """

    file: Path
    server: Server
    database: Database
    postgrest: Postgrest
    gateway: Gateway
    auth: Auth
    limits: Limits
    ingest: Ingest
    audit: Audit
    storage: Storage
    stream: Stream
    webhooks: Webhooks
    plugins: Plugins
    ota: Ota
    backup: Backup
    controller: Controller
    log: Log
    sso: tuple[Sso, ...]
    services: tuple[Service, ...]

    @property
    def folder(self) -> Path:
        """The project folder, where relative paths start."""
        return self.file.parent
