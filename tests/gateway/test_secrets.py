"""No log has a secret in it, whatever its level: all of them are searched for each secret that was used or issued."""

import base64
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import quote, quote_plus, unquote

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.controller.process import PROGRAM
from tests.gateway.conftest import Gateway
from tests.sidecar.live import STREAM, TELEMETRY
from tests.sso.visitor import Visitor, query_of
from tests.support.database import Database
from tests.support.identity_provider import CLIENT_SECRET, IdentityProvider
from tests.support.logging_as import logging_as
from tests.support.ports import free_port
from tests.support.postgres import Address
from tests.support.run import Run
from tests.support.sidecar import running_sidecar
from webmacs.accounts.passwords import hash_password

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of one's own in it
LOGINS = (
    "right horse battery staple",
    "another-horse-of-mine-9",
    "the-newest-of-horses-7",
    "typed-where-no-word-belongs",
)
# as long as a real one, and found nowhere else
ONE_TIME = base64.urlsafe_b64encode(b"a one-time code, which is no one").decode().rstrip("=")
WEBHOOK = "whsec_" + base64.b64encode(b"a webhook's own secret, 32 bytes").decode()
CONTROLLER = """
[server]
url = "ws://127.0.0.1:{port}/ws/controller/telemetry"
token_file = "token"
[log]
level = "debug"
"""


@dataclass
class Secrets:
    """By what each was, so that a log is told by that and not by the secret."""

    found: dict[str, str] = field(default_factory=dict)

    def keep(self, what: str, secret: object) -> str:
        text = str(secret)
        assert len(text) >= 12, what
        self.found[what] = text
        return text

    def keep_tokens(self, what: str, answer: httpx.Response) -> dict[str, Any]:
        """All that an answer has issued."""
        assert answer.is_success, (what, answer.text)
        body: dict[str, Any] = answer.json()
        for key in ("access_token", "refresh_token", "secret", "sso_code"):
            if body.get(key):
                self.keep(f"{key} of {what}", body[key])
        for name, value in answer.cookies.items():
            self.keep(f"cookie {name} of {what}", value)
        return body

    def in_text(self, text: str) -> list[str]:
        """Which of them stand there, as they are or as an address, a JSON or a base64 has them."""
        return [what for what, secret in self.found.items() if any(form in text for form in _forms(secret))]


def _forms(secret: str) -> set[str]:
    encoded = {base64.b64encode(secret.encode()).decode(), base64.b64encode(f"webmacs:{secret}".encode()).decode()}
    return {secret, quote(secret, safe=""), quote_plus(secret), unquote(secret), secret.encode().hex(), *encoded}


class Target(BaseHTTPRequestHandler):
    """Takes the calls of webhooks."""

    calls = 0

    def do_POST(self) -> None:
        Target.calls += 1
        self.send_response(500 if "fail" in self.path else 204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def target() -> Iterator[int]:
    """Its port."""
    with HTTPServer(("127.0.0.1", 0), Target) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@contextmanager
def controller(gateway: Gateway, token: str, folder: Path) -> Iterator[Path]:
    """A real one that has been welcomed. Its log."""
    folder.mkdir()
    (folder / "token").write_text(token)
    (folder / "controller.toml").write_text(CONTROLLER.format(port=gateway.config.server.port))
    log = folder / "controller.log"
    command = [str(PROGRAM), "run", "--debug", "--config", str(folder / "controller.toml")]
    with log.open("wb") as said, subprocess.Popen(command, stdout=said, stderr=said) as process:
        deadline = time.monotonic() + 30
        while not (folder / "controller.configuration").exists():  # what the server wants, secrets included
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield log
        process.terminate()


@pytest.fixture
def memory() -> Iterator[Path]:
    """In memory, for the lines of debug."""
    folder = MEMORY / f"webmacs-secrets-{os.getpid()}"
    folder.mkdir(mode=0o700)
    yield folder
    shutil.rmtree(folder)


def people_log_in(gateway: Gateway, secrets: Secrets) -> dict[str, str]:
    """Rightly, wrongly, in the wrong field; refreshed, changed, forgotten. The headers of an administrator."""
    client = gateway.client
    password, changed, after_reset, misplaced = (secrets.keep(f"password {n}", word) for n, word in enumerate(LOGINS))
    admin = gateway.people.user("admin", password_hash=hash_password(password, 4))

    def log_in(username: str, word: str, **more: object) -> httpx.Response:
        return client.post("/auth/login", json={"username": username, "password": word, **more})

    first = secrets.keep_tokens("a login", log_in(admin.name, password))
    secrets.keep_tokens("a refresh", client.post("/auth/refresh", json={"refresh_token": first["refresh_token"]}))
    origin = {"Origin": gateway.url}
    body = {"username": admin.name, "password": password, "cookie": True}
    secrets.keep_tokens("a login with a cookie", client.post("/auth/login", json=body, headers=origin))
    client.cookies.clear()
    refused = (
        log_in(misplaced, password),
        log_in(admin.name, misplaced),
        log_in(admin.name, password, new_password=misplaced),
        client.post("/auth/login", content=f'{{"password": "{misplaced}"'),
        client.post("/auth/refresh", json={"refresh_token": [misplaced]}),
        client.get(f"/auth/me?password={misplaced}&token={misplaced}"),
        client.get(f"/api/users?token={misplaced}"),
        client.get("/auth/me", headers={"Authorization": f"Bearer {misplaced}"}),
        client.get("/api/me", headers={"Authorization": f"Bearer {misplaced}"}),
    )
    assert {answer.status_code for answer in refused} <= {400, 401, 403, 422}
    as_admin = {"Authorization": f"Bearer {first['access_token']}"}
    change = {"old_password": password, "new_password": changed}
    assert client.post("/auth/password", json=change, headers=as_admin).status_code == 204
    again = secrets.keep_tokens("a login after a change", log_in(admin.name, changed))
    as_admin = {"Authorization": f"Bearer {again['access_token']}"}
    body = {"user_public_id": str(admin.public_id)}
    reset = secrets.keep_tokens("a reset", client.post("/api/rpc/reset_password", json=body, headers=as_admin))
    short = client.post("/auth/reset", json={"secret": reset["secret"], "password": "short"})
    assert short.status_code == 422
    done = client.post("/auth/reset", json={"secret": reset["secret"], "password": after_reset})
    assert done.status_code == 204, done.text
    last = secrets.keep_tokens("a login after a reset", log_in(admin.name, after_reset))
    return {"Authorization": f"Bearer {last['access_token']}"}


def programs_get_tokens(gateway: Gateway, secrets: Secrets, admin: dict[str, str]) -> str:
    """And use them wherever one may stand. The token of a controller."""
    client = gateway.client
    made = client.post("/auth/tokens", json={"name": "export", "role": "viewer"}, headers=admin)
    token = secrets.keep_tokens("an API token", made)["access_token"]
    for path in (STREAM, TELEMETRY):
        for place in ("query", "header", "subprotocol"):
            url = f"wss://localhost:{gateway.port}{path}" + (f"?token={token}" if place == "query" else "")
            protocols = [Subprotocol("webmacs.v1"), Subprotocol(f"bearer.{token}")] if place == "subprotocol" else None
            headers = {"Authorization": f"Bearer {token}"} if place == "header" else {}
            try:
                with connect(
                    url, ssl=gateway.trust, subprotocols=protocols, additional_headers=headers, proxy=None
                ) as ws:
                    ws.send('{"type": "ping"}')
            except InvalidStatus:  # a viewer writes no values
                continue
    # too long for Apache, wrong for PostgREST, cut for the sidecar
    for path in ("/api/events?name=eq.x", f"/api/no_such_thing?{'x' * 300}=1", "/auth/me", "/export/datapoints?x=1"):
        client.get(f"{path}&token={token}" if "?" in path else path, headers={"Authorization": f"Bearer {token}x"})
        client.get(path, headers={"Authorization": f"Basic {token}"})
    plant = {"name": f"plant of secrets {os.getpid()}"}
    row = client.post("/api/controllers", json=plant, headers={**admin, "Prefer": "return=representation"}).json()[0]
    body = {"controller_public_id": row["public_id"]}
    made = client.post("/auth/controller-tokens", json=body, headers=admin)
    for n in range(2):
        secret = secrets.keep(f"secret of an instance {n}", f"pl%gin's own secret {n}")
        instance = {
            "controller_id": row["id"],
            "name": f"Door {n}",
            "plugin": "mqtt",
            "config": {"host": "127.0.0.1", "port": free_port()} if n == 0 else {"a": 1},
            "secrets": {"password": secret},
        }
        added = client.post("/api/plugin_instances", json=instance, headers=admin)
        assert added.is_success, added.text
    wrong = {"name": "", "plugin": "mqtt", "controller_id": row["id"], "secrets": {"password": secret}}
    assert client.post("/api/plugin_instances", json=wrong, headers=admin).status_code == 400
    return str(secrets.keep_tokens("a controller", made)["access_token"])


def webhooks_are_called(gateway: Gateway, secrets: Secrets, admin: dict[str, str], port: int) -> None:
    """With a secret of theirs, and one in the path; the call fails in several ways."""
    client = gateway.client
    secrets.keep("secret of a webhook", WEBHOOK)
    path = secrets.keep("path of a webhook", "T0PS3CR3T-p4th-of-a-chat")
    urls = [f"http://127.0.0.1:{port}/{path}", f"http://127.0.0.1:{port}/{path}/fail"]
    urls += [f"http://127.0.0.1:{free_port()}/{path}", f"https://127.0.0.1:{port}/{path}", f"http://10.0.0.1/{path}"]
    for number, url in enumerate(urls):
        hook = {"name": f"secret {number}", "url": url, "secret": WEBHOOK, "types": ["system.health_changed"]}
        made = client.post("/api/webhooks", json=hook, headers={**admin, "Prefer": "return=representation"})
        assert made.is_success, made.text
        body = {"webhook_id": made.json()[0]["id"]}
        assert client.post("/api/rpc/test_webhook", json=body, headers=admin).is_success
    for wrong in ({"url": f"http://ada:{path}@host/"}, {"secret": f"{WEBHOOK}?"}, {"types": ["no such"]}, {"name": ""}):
        refused = client.post("/api/webhooks", json={**hook, "name": "wrong", **wrong}, headers=admin)
        assert refused.status_code == 400, refused.text
    rotated = client.post("/api/rpc/rotate_webhook_secret", json=body, headers=admin)
    assert rotated.is_success, rotated.text
    secrets.keep("rotated secret", rotated.json() if isinstance(rotated.json(), str) else rotated.json()["secret"])
    deadline = time.monotonic() + 30
    while True:
        states = [row["attempts"] for row in client.get("/api/webhook_deliveries?type=eq.test", headers=admin).json()]
        if len(states) >= len(urls) and all(states):
            return
        assert time.monotonic() < deadline, states
        time.sleep(0.05)


def somebody_comes_by_a_provider(gateway: Gateway, provider: IdentityProvider, secrets: Secrets) -> None:
    """By an account that nobody here knows, so that it is refused in the end; and with a forged answer."""
    secrets.keep("secret of the client", CLIENT_SECRET)
    provider.knows("stranger", email="stranger@example.org", email_verified=True)
    here = httpx.Client(verify=gateway.trust, trust_env=False, timeout=60)
    visitor = Visitor(gateway.config, here=here)
    for _ in range(2):
        begun = visitor.begins()
        asked = query_of(begun.headers["Location"])
        secrets.keep("state", asked["state"])
        secrets.keep("nonce", asked["nonce"])
        back = visitor.at_provider(begun.headers["Location"], "stranger")
        secrets.keep("code of the provider", query_of(back)["code"])
        here.get(back.replace("state=", "state=x"))
        for name, value in here.cookies.items():
            secrets.keep(f"cookie {name}", value)
        visitor.comes_back(back)
        provider.misbehaves(**{"/token": {"status": 500}})
    provider.misbehaves()
    here.post(f"{gateway.url}/auth/sso/exchange", json={"code": secrets.keep("one-time code", ONE_TIME)})


def keys_of(gateway: Gateway) -> Iterator[tuple[str, str]]:
    """Lines of the private keys."""
    for file in gateway.config.auth.keys_dir.glob("*.pem"):
        lines = re.findall(r"^[A-Za-z0-9+/=]{40,}$", file.read_text(), re.MULTILINE)
        yield f"key {file.name}", lines[len(lines) // 2]


def test_no_log_has_a_secret_in_it(
    gateway: Gateway, memory: Path, provider: IdentityProvider, run: Run, postgres: Address, database: Database
) -> None:
    log = replace(gateway.config.log, level="debug", file=memory / "sidecar.log", debug_file=memory / "debug.log")
    secrets = Secrets()
    with logging_as(replace(log, files=2, debug_megabytes=100)), target() as port:
        admin = people_log_in(gateway, secrets)
        token = programs_get_tokens(gateway, secrets, admin)
        with controller(gateway, token, memory / "controller") as said:
            webhooks_are_called(gateway, secrets, admin, port)
            somebody_comes_by_a_provider(gateway, provider, secrets)
        named = gateway.client.get("/auth/me", headers={"X-Request-ID": "find-me.everywhere_1"})
        assert named.headers["X-Request-ID"] == "find-me.everywhere_1"
        word = secrets.keep("password of the database", "of-the-database-only")
        away = replace(gateway.config.database, uri=f"postgresql://webmacs_sidecar:{word}@127.0.0.1:{free_port()}/x")
        server = replace(gateway.config.server, port=free_port(), gateway_socket=None)
        with running_sidecar(replace(gateway.config, server=server, database=away)):
            httpx.get(f"http://127.0.0.1:{server.port}/health", trust_env=False, timeout=60)
    for what, line in keys_of(gateway):
        secrets.keep(what, line)
    logs = {
        "Apache": gateway.logs(),
        "PostgREST": (gateway.folder / "postgrest.log").read_text(errors="replace"),
        "PostgreSQL": (run.volatile / f"postgres-{postgres.port}.log").read_text(errors="replace"),
        "sidecar": (memory / "sidecar.log").read_text(),
        "sidecar, debug": (memory / "debug.log").read_text(),
        "controller": said.read_text(),
    }
    with closing(database.connect()) as superuser:
        entries = superuser.execute("select message from private.log_entries").fetchall()
    logs["log entries"] = "\n".join(message for (message,) in entries)
    assert {name: found for name, text in logs.items() if (found := secrets.in_text(text))} == {}
    # they are the logs of this run, and the search finds what is there
    assert " DEBUG " in logs["sidecar, debug"]
    assert " POST /auth/login 200 " in logs["sidecar"]
    assert '"POST /auth/login HTTP/1.1" 200' in logs["Apache"]
    for name in ("Apache", "sidecar"):
        assert "find-me.everywhere_1" in logs[name]
    assert len(secrets.found) > 25
    assert secrets.in_text(f"?token={quote(token)}") == ["access_token of a controller"]
