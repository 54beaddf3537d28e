"""Apache, PostgREST and the sidecar as in production, started once for all tests of this folder."""

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.support.apache import gateway_folder, page, require_apache, running_apache
from tests.support.certificate import contexts
from tests.support.database import Database, cloned_database, drop
from tests.support.identity_provider import CLIENT_SECRET, IdentityProvider, running_identity_provider
from tests.support.people import Caller, People
from tests.support.ports import free_port
from tests.support.postgres import Address
from tests.support.rest import running_postgrest
from tests.support.run import Run
from tests.support.sidecar import running_sidecar
from webmacs.accounts.passwords import hash_password
from webmacs.accounts.tokens import Tokens
from webmacs.config import Config
from webmacs.keys.key import KeySet

PASSWORD = "correct horse battery"
LARGEST_PACKAGE = 250  # MiB
READY_SECONDS = 30
SSO = """
[[sso]]
name = "lab"
label = "Lab account"
issuer = "{issuer}"
client_id = "webmacs"
client_secret_file = "secret"
"""


@dataclass
class Gateway:
    """The running whole, and how it is asked."""

    config: Config
    folder: Path
    trust: ssl.SSLContext
    people: People
    client: httpx.Client

    @property
    def url(self) -> str:
        return self.config.server.public_url

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def as_role(self, role: str) -> dict[str, str]:
        """The header of somebody of this role."""
        return {"Authorization": f"Bearer {self.people.the(role).token}"}

    def raw(self) -> ssl.SSLSocket:
        """A TLS connection for whatever bytes a test writes."""
        plain = socket.create_connection(("127.0.0.1", self.port), 60)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.trust.wrap_socket(plain, server_hostname="localhost")

    def say(self, request: bytes) -> bytes:
        """The answer to these bytes, up to the end of the connection."""
        with self.raw() as connection:
            connection.sendall(request)
            return b"".join(iter(lambda: _received(connection), b""))

    def say_plainly(self, request: bytes) -> bytes:
        """The same, without TLS."""
        with socket.create_connection(("127.0.0.1", self.config.gateway.http_port), 60) as connection:
            connection.sendall(request)
            return b"".join(iter(lambda: connection.recv(65536), b""))

    def wait_until_well(self) -> None:
        """Every part works."""
        deadline = time.monotonic() + READY_SECONDS
        while (answer := self.client.get("/health")).status_code != 200:
            assert time.monotonic() < deadline, answer.text
            time.sleep(0.1)

    def logs(self) -> str:
        """All that Apache has written."""
        return "".join(file.read_text(errors="replace") for file in (self.folder / "log").iterdir())


def _received(connection: ssl.SSLSocket) -> bytes:
    try:
        return connection.recv(65536)
    except ConnectionResetError:
        return b""


@pytest.fixture(scope="session")
def database(run: Run, postgres: Address) -> Iterator[Database]:
    require_apache()
    made = cloned_database(run, postgres)
    yield made
    drop(made)


@pytest.fixture(scope="session")
def folder(run: Run, worker_id: str) -> Path:
    """One that Apache's account can enter."""
    folder = run.folder / f"gateway-{worker_id}"
    folder.mkdir(mode=0o755)
    return folder


@pytest.fixture(scope="session")
def port() -> int:
    """Of Apache, for TLS."""
    return free_port()


@pytest.fixture(scope="session")
def provider(port: int) -> Iterator[IdentityProvider]:
    with running_identity_provider([f"https://localhost:{port}/auth/sso/callback"]) as running:
        yield running


@pytest.fixture(scope="session")
def config(
    database: Database, keys: KeySet, keys_dir: Path, folder: Path, port: int, provider: IdentityProvider
) -> Config:
    """Settings of an installation in `folder` behind Apache."""
    (folder / "config.toml").write_text(SSO.format(issuer=provider.url))
    (folder / "secret").write_text(CLIENT_SECRET)
    (folder / "secret").chmod(0o600)
    sockets = gateway_folder(folder / "sockets")
    return database.config(
        folder,
        WEBMACS_AUTH_KEYS_DIR=str(keys_dir),
        WEBMACS_AUTH_BCRYPT_ROUNDS="4",
        WEBMACS_SERVER_PORT=str(free_port()),
        WEBMACS_SERVER_PUBLIC_URL=f"https://localhost:{port}",
        WEBMACS_SERVER_GATEWAY_SOCKET=str(sockets / "sidecar.sock"),
        WEBMACS_SERVER_FRONTEND_DIR=str(page(folder / "page")),
        WEBMACS_SERVER_TRUSTED_PROXIES='["192.0.2.0/24"]',
        WEBMACS_PLUGINS_ALLOW_UNSIGNED="true",
        WEBMACS_PLUGINS_MAX_MEGABYTES=str(LARGEST_PACKAGE),
        WEBMACS_LIMITS_TOKEN_REQUESTS="1000000",
        WEBMACS_LIMITS_ADDRESS_REQUESTS="1000000",
        WEBMACS_POSTGREST_SOCKET=str(sockets / "postgrest.sock"),
        WEBMACS_POSTGREST_ADMIN_PORT=str(free_port()),
        WEBMACS_POSTGREST_POOL="4",
        WEBMACS_GATEWAY_CERTIFICATE=str(folder / "certificate.pem"),
        WEBMACS_GATEWAY_CERTIFICATE_KEY=str(folder / "key.pem"),
        WEBMACS_GATEWAY_HTTP_PORT=str(free_port()),
    )


@pytest.fixture(scope="session")
def people(config: Config, keys: KeySet, database: Database) -> Iterator[People]:
    with closing(database.connect()) as superuser:
        yield People(superuser, Tokens(keys, config.auth))


@pytest.fixture(scope="session")
def gateway(config: Config, folder: Path, people: People, run: Run) -> Iterator[Gateway]:
    """All of it, running."""
    _, trust = contexts("localhost", folder)
    with ExitStack() as stack:
        stack.enter_context(running_postgrest(config, run))
        stack.enter_context(running_sidecar(config))
        stack.enter_context(running_apache(config, folder, run))
        client = httpx.Client(base_url=config.server.public_url, verify=trust, trust_env=False, timeout=60)
        made = Gateway(config, folder, trust, people, stack.enter_context(client))
        made.wait_until_well()
        yield made


@pytest.fixture
def ada(people: People) -> Caller:
    """An operator with PASSWORD, another in each test."""
    return people.user("operator", password_hash=hash_password(PASSWORD, 4))
