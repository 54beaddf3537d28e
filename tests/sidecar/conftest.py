"""A sidecar, and people with passwords who ask it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import pytest

from tests.support.people import Caller, People
from tests.support.plain import PLAIN
from tests.support.sidecar import running_sidecar
from webmacs.accounts.passwords import hash_password
from webmacs.config import Config

PASSWORD = "correct horse battery"


@dataclass
class Door:
    """Asks the sidecar: `door.get("/auth/me", token)`."""

    url: str
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=self.url, **PLAIN)

    def get(self, path: str, token: str | None = None) -> httpx.Response:
        return self.client.get(path, headers=bearer(token))

    def post(self, path: str, body: object = None, token: str | None = None) -> httpx.Response:
        return self.client.post(path, json=body, headers=bearer(token))

    def login(self, username: str, password: str = PASSWORD) -> httpx.Response:
        return self.post("/auth/login", {"username": username, "password": password})

    def token_of(self, username: str, password: str = PASSWORD) -> str:
        """The token of a fresh login."""
        return str(self.login(username, password).json()["access_token"])


def bearer(token: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


@pytest.fixture(scope="module")
def door(config: Config, people: People) -> Iterator[Door]:
    """A running sidecar on this module's database."""
    with running_sidecar(config) as url:
        door = Door(url)
        yield door
        door.client.close()


@pytest.fixture
def ada(people: People) -> Caller:
    """An operator with PASSWORD, another in each test."""
    return people.user("operator", password_hash=hash_password(PASSWORD, 4))
