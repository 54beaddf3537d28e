"""The services of the units behind Apache, each a real process, started as its unit says."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.support.apache import configure, gateway_folder, page, require_apache, running_apache
from tests.support.certificate import contexts
from tests.support.database import Database
from tests.support.people import People
from tests.support.ports import free_port
from tests.support.programs import postgrest_program
from tests.support.run import Run
from tests.support.units import Machine, Service
from webmacs.accounts.tokens import Tokens
from webmacs.config import Config, load_config
from webmacs.keys.key import KeySet

SIDECARS = ("webmacs-sidecar@1.service", "webmacs-sidecar@2.service")
REST = "webmacs-rest.service"
SETTINGS = """
[server]
public_url = "https://localhost:{https}"
gateway_socket = "{folder}/run/webmacs/sidecar.sock"
local_socket = "{folder}/run/webmacs/local.sock"
frontend_dir = "{folder}/page"
[database]
embedded = false
name = "{database}"
[postgrest]
socket = "{folder}/run/webmacs-rest/postgrest.sock"
binary = "{postgrest}"
pool = 4
[gateway]
certificate = "{folder}/certificate.pem"
certificate_key = "{folder}/key.pem"
http_port = {http}
[auth]
keys_dir = "{keys}"
bcrypt_rounds = 4
[storage]
disk = "/dev/shm"
[limits]
token_requests = 1_000_000
address_requests = 1_000_000
"""


@dataclass
class Production:
    """All services that run, and how they are asked through Apache."""

    config: Config
    services: dict[str, Service]
    client: httpx.Client
    people: People

    def as_role(self, role: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.people.the(role).token}"}


@pytest.fixture(scope="module")
def folder(run: Run, worker_id: str) -> Iterator[Path]:
    """The root of the machine; Apache's account can enter it."""
    folder = run.folder / f"machine-{worker_id}"
    folder.mkdir(mode=0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def config(database: Database, keys: KeySet, keys_dir: Path, folder: Path) -> Config:
    """As an administrator writes it, with the secrets beside it."""
    require_apache()
    (folder / "etc/webmacs/secrets").mkdir(parents=True)
    file = folder / "etc/webmacs/config.toml"
    file.write_text(
        SETTINGS.format(
            folder=folder,
            https=free_port(),
            http=free_port(),
            keys=keys_dir,
            database=database.name,
            postgrest=postgrest_program(folder),
        )
    )
    logins = {"uri": "webmacs_sidecar", "authenticator_uri": "webmacs_authenticator", "admin_uri": "postgres"}
    for key, login in logins.items():
        (folder / f"etc/webmacs/secrets/database.{key}").write_text(database.uri(login) + "\n")
    page(folder / "page")
    return load_config(file, {"CREDENTIALS_DIRECTORY": str(folder / "etc/webmacs/secrets")})


@pytest.fixture(scope="module")
def production(config: Config, folder: Path, database: Database, keys: KeySet, run: Run) -> Iterator[Production]:
    """Two sidecars, PostgREST, Apache."""
    (folder / "run").mkdir(mode=0o755)
    for name in ("webmacs", "webmacs-rest"):
        gateway_folder(folder / "run" / name)
    machine = Machine(folder, run, {"HOME": os.environ.get("HOME", "/")})
    for name in ("webmacs-sidecar.socket", "webmacs-local.socket"):
        machine.listen(name)
    _, trust = contexts("localhost", folder)
    services = {name: machine.service(name) for name in (REST, *SIDECARS)}
    with ExitStack() as stack:
        for service in services.values():
            service.start()
            stack.callback(service.stop)
        configure(config, folder)
        stack.enter_context(running_apache(config, folder, run))
        superuser = stack.enter_context(closing(database.connect()))
        client = httpx.Client(base_url=config.server.public_url, verify=trust, trust_env=False, timeout=60)
        people = People(superuser, Tokens(keys, config.auth))
        yield Production(config, services, stack.enter_context(client), people)
