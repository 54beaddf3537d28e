"""A sidecar with several entries for one real provider, and visitors."""

from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.browser.stack import BUILT_PAGE
from tests.sso.visitor import Visitor
from tests.support.database import Database
from tests.support.identity_provider import CLIENT_SECRET, IdentityProvider, running_identity_provider
from tests.support.people import People
from tests.support.ports import free_port
from tests.support.run import Run
from tests.support.sidecar import running_sidecar
from webmacs.config import Config
from webmacs.keys.key import KeySet

GROUPS = 'role_claim = "groups"\nroles = { watch = "viewer", run = "operator" }\n'
ENTRIES = {
    "lab": GROUPS + "create_users = true\n",
    "closed": "",
    "linking": GROUPS + "link_by_email = true\n",
    "defaulting": GROUPS + 'default_role = "viewer"\ncreate_users = true\n',
    "trusted": 'role_claim = "groups"\nroles = { watch = "viewer", root = "admin" }\nallow_admin = true\n'
    "create_users = true\nlink_by_email = true\n",
}


def entry(name: str, issuer: str, more: str = "") -> str:
    """An entry of config.toml."""
    return (
        f'[[sso]]\nname = "{name}"\nlabel = "The {name} account"\nissuer = "{issuer}"\nclient_id = "webmacs"\n'
        f'client_secret_file = "secret"\n{more}'
    )


@pytest.fixture(scope="module")
def port() -> int:
    """Of the sidecar; the provider knows it as the address to send browsers back to."""
    return free_port()


@pytest.fixture(scope="module")
def provider(port: int) -> Iterator[IdentityProvider]:
    """The provider of all entries but `down` and `impostor`."""
    with running_identity_provider([f"http://127.0.0.1:{port}/auth/sso/callback"]) as running:
        yield running


@pytest.fixture(autouse=True)
def _well_behaved(provider: IdentityProvider) -> Iterator[None]:
    yield
    with suppress(OSError):
        provider.misbehaves()
        provider.gives_refresh_tokens(False)


@pytest.fixture(scope="module")
def config(
    run: Run,
    keys: KeySet,
    database: Database,
    provider: IdentityProvider,
    port: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> Config:
    """The configuration of an installation with identity providers."""
    folder = tmp_path_factory.mktemp("installation")
    secret = folder / "secret"
    secret.touch(0o600)
    secret.write_text(CLIENT_SECRET + "\n")
    entries = [entry(name, provider.url, more) for name, more in ENTRIES.items()]
    entries.append(entry("down", f"http://127.0.0.1:{free_port()}"))
    entries.append(entry("impostor", provider.url.replace("127.0.0.1", "localhost")))
    (folder / "config.toml").write_text("".join(entries))
    return database.config(
        folder,
        WEBMACS_AUTH_KEYS_DIR=str(run.folder / "var/keys"),
        WEBMACS_AUTH_BCRYPT_ROUNDS="4",
        WEBMACS_SERVER_PORT=str(port),
        WEBMACS_SERVER_FRONTEND_DIR=str(BUILT_PAGE),
        WEBMACS_POSTGREST_PORT=str(free_port()),
        WEBMACS_POSTGREST_ADMIN_PORT=str(free_port()),
        WEBMACS_POSTGREST_POOL="4",
    )


@pytest.fixture(scope="module")
def sidecar(config: Config, people: People) -> Iterator[str]:
    """A running sidecar."""
    with running_sidecar(config) as url:
        yield url


@pytest.fixture
def visitor(sidecar: str, config: Config) -> Visitor:
    """Somebody with a browser of their own."""
    return Visitor(config)
