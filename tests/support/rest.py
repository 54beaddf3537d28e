"""PostgREST, and clients of it: `api.as_role("viewer").get("/events")`."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.support.people import Caller, People
from tests.support.plain import PLAIN
from tests.support.programs import postgrest_program
from tests.support.run import Run
from webmacs.config import Config
from webmacs.embedded.postgrest import write_conf

READY_SECONDS = 30
# A request with the header `Prefer: tx=rollback` leaves nothing behind; all others are as in production.
ASKED_TO_ROLL_BACK = {"PGRST_DB_TX_END": "commit-allow-override"}


class Api:
    """Clients of one PostgREST, one for each caller, closed together."""

    def __init__(self, url: str, people: People) -> None:
        self.url = url
        self._people = people
        self._clients: dict[str, httpx.Client] = {}
        self._nobody: str | None = None

    @property
    def anonymous(self) -> httpx.Client:
        """Asks without a token."""
        return self.with_token("")

    def with_token(self, token: str) -> httpx.Client:
        """Asks with this token."""
        if token not in self._clients:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            self._clients[token] = httpx.Client(base_url=self.url, headers=headers, **PLAIN)
        return self._clients[token]

    @property
    def nobody(self) -> httpx.Client:
        """Asks with a token that may do nothing, as /health does."""
        if self._nobody is None:
            self._nobody = self._people.tokens.sign_for_nobody(3600)
        return self.with_token(self._nobody)

    def as_caller(self, caller: Caller) -> httpx.Client:
        """Asks with the caller's token."""
        return self.with_token(caller.token)

    def as_role(self, role: str) -> httpx.Client:
        """Asks as the one caller of this role; `anon` may do nothing."""
        return self.nobody if role == "anon" else self.as_caller(self._people.the(role))

    def close(self) -> None:
        for client in self._clients.values():
            client.close()


@contextmanager
def running_postgrest(config: Config, run: Run) -> Iterator[str]:
    """The address of a PostgREST that answers."""
    program = postgrest_program(config.folder)
    environment = {**os.environ, **ASKED_TO_ROLL_BACK}
    with (config.folder / "postgrest.log").open("wb") as log:
        process = subprocess.Popen([str(program), str(write_conf(config))], stdout=log, stderr=log, env=environment)
    run.ends(process)
    try:
        _wait_until_ready(config, process)
        yield f"http://127.0.0.1:{config.postgrest.port}"
    finally:
        process.terminate()
        process.wait(10)


def _wait_until_ready(config: Config, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not _is_ready(f"http://127.0.0.1:{config.postgrest.admin_port}/ready"):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"PostgREST does not start:\n{_log(config.folder)}")
        time.sleep(0.02)


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(url, **PLAIN).is_success
    except httpx.TransportError:
        return False


def _log(folder: Path) -> str:
    return (folder / "postgrest.log").read_text(errors="replace")[-2000:]
