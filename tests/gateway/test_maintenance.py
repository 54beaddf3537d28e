"""What the gateway answers while those behind it start anew, and the file that `webmacs apache` prints."""

import queue
import socket
import socketserver
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.sync.server import ServerConnection, unix_serve

from tests.gateway.test_tls import END_HEADERS, HEADERS, PREFACE, SETTINGS, ends, frame, request_headers, spoken
from tests.sidecar.live import TELEMETRY
from tests.support.apache import configure, gateway_folder, running_apache
from tests.support.certificate import contexts
from tests.support.ports import free_port
from tests.support.run import Run
from webmacs.cli.main import main
from webmacs.config import Config, load_config
from webmacs.gateway.apache import virtual_host
from webmacs.problem import Problem
from webmacs.resources import resource

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
SILENCE = 4  # seconds that a controller may be silent here; in production 90


@pytest.fixture(scope="module")
def alone(config: Config, run: Run, worker_id: str) -> Config:
    """The settings of a gateway with nobody behind it."""
    folder = run.folder / f"alone-{worker_id}"
    folder.mkdir(mode=0o755)
    sockets = gateway_folder(folder / "sockets")
    return replace(
        config,
        file=folder / "config.toml",
        server=replace(
            config.server, public_url=f"https://localhost:{free_port()}", gateway_socket=sockets / "sidecar.sock"
        ),
        postgrest=replace(config.postgrest, socket=sockets / "postgrest.sock"),
        gateway=replace(
            config.gateway,
            certificate=folder / "certificate.pem",
            certificate_key=folder / "key.pem",
            http_port=free_port(),
        ),
    )


@pytest.fixture(scope="module")
def trust(alone: Config) -> ssl.SSLContext:
    _, trust = contexts("localhost", alone.folder)
    return trust


@pytest.fixture(scope="module")
def client(alone: Config, trust: ssl.SSLContext, run: Run) -> Iterator[httpx.Client]:
    with (
        running_apache(alone, alone.folder, run, partial(changed, alone)),
        httpx.Client(base_url=alone.server.public_url, verify=trust, trust_env=False, timeout=30) as client,
    ):
        yield client


def changed(config: Config, text: str) -> str:
    """The virtual host with other times and folders."""
    bodies = config.folder / "bodies.lua"
    bodies.write_text(
        resource("apache")
        .joinpath("bodies.lua")
        .read_text()
        .replace("SECONDS, LEAST_RATE = 20", "SECONDS, LEAST_RATE = 1")
    )
    text = text.replace(str(resource("apache") / "bodies.lua"), str(bodies))
    return impatient(text).replace("/var/www/html", str(web(config)))


def web(config: Config) -> Path:
    """Where certbot puts its answers, with one."""
    folder = config.folder / "html"
    (folder / ".well-known/acme-challenge").mkdir(parents=True, exist_ok=True)
    (folder / ".well-known/acme-challenge/t0-ken_1").write_text("an answer")
    (folder / "secret").write_text("nobody's")
    return folder


def impatient(text: str) -> str:
    """The virtual host with other times. Of a WebSocket counts the longer one, of both its sides."""
    return text.replace(" timeout=90 ", f" timeout={SILENCE} ").replace("  Timeout 60\n", f"  Timeout {SILENCE}\n")


@contextmanager
def answering(path: Path | None, handler: type[BaseHTTPRequestHandler]) -> Iterator[None]:
    """A server at this socket."""
    assert path is not None
    with socketserver.ThreadingUnixStreamServer(str(path), handler) as server:
        path.chmod(0o660)
        thread = threading.Thread(target=server.serve_forever, args=[0.02])
        thread.start()
        yield
        server.shutdown()
        thread.join()
    path.unlink()


class Fine(BaseHTTPRequestHandler):
    """Answers."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"fine")

    do_POST = do_GET  # noqa: N815 - the names are the library's

    def address_string(self) -> str:
        return "-"

    def log_message(self, *_: object) -> None:
        pass


class BreaksOff(Fine):
    """Goes without an answer."""

    def do_GET(self) -> None:
        self.connection.shutdown(socket.SHUT_RDWR)


class LosesTheDatabase(Fine):
    """As PostgREST 12.0.2 answers when it does; and as it answers a mistake, where one is asked for."""

    LOST = b'{"code":"","details":null,"hint":null,"message":""}'
    MISTAKE = b'{"code":"23514","details":null,"hint":null,"message":"wrong"}'

    def do_GET(self) -> None:
        body = self.MISTAKE if "mistake" in self.path else self.LOST
        self.send_response(400)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        if "length" in self.path:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.mark.parametrize("path", ["/api/events", "/api/events?length"])
def test_a_database_that_is_lost_is_nobodys_mistake_who_asked(path: str, alone: Config, client: httpx.Client) -> None:
    with answering(alone.postgrest.socket, LosesTheDatabase):
        answer = client.get(path)
        mistake = client.get(f"{path}&mistake" if "?" in path else f"{path}?mistake")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json()["code"] == "unavailable"
    assert answer.headers["Content-Type"].startswith("application/json")
    assert (mistake.status_code, mistake.json()["code"]) == (400, "23514")


@pytest.mark.parametrize("path", ["/health", "/auth/me", "/ws/datapoints/stream", "/app-config.json"])
def test_programs_are_told_in_the_shape_of_postgrest(path: str, client: httpx.Client) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json().keys() == {"code", "message", "details", "hint"}
    assert answer.json()["code"] == "unavailable"


def test_browsers_get_a_page_that_tries_again(client: httpx.Client) -> None:
    answer = client.get("/auth/sso/authorize?provider=lab", headers=BROWSER)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "WebMACS is being restarted" in answer.text
    assert "<style" not in answer.text  # the Content-Security-Policy lets no such thing through
    assert 'http-equiv="refresh"' in answer.text
    assert client.get("/-/errors/restarting.css").headers["Content-Type"].startswith("text/css")


def test_the_page_itself_is_there_all_the_time(client: httpx.Client) -> None:
    assert client.get("/events", headers=BROWSER).status_code == 200


def test_who_signs_certificates_finds_its_answer_by_plain_http(alone: Config, client: httpx.Client) -> None:
    plain = f"http://127.0.0.1:{alone.gateway.http_port}"
    asked = f"{plain}/.well-known/acme-challenge"
    answer = httpx.get(f"{asked}/t0-ken_1", trust_env=False, timeout=60)
    assert (answer.status_code, answer.text) == (200, "an answer")
    assert httpx.get(f"{asked}/another", trust_env=False, timeout=60).status_code == 404
    for path in (f"{asked}/", f"{asked}/..%2f..%2fsecret", f"{plain}/secret", f"{asked}/t0-ken_1/"):
        assert httpx.get(path, trust_env=False, timeout=60).status_code in (301, 404), path
    assert client.base_url.scheme == "https"


def test_an_answer_that_breaks_off(alone: Config, client: httpx.Client, trust: ssl.SSLContext) -> None:
    with answering(alone.server.gateway_socket, BreaksOff):
        # a new connection: on one that was used before Apache breaks off as well, so that a browser asks again
        answer = httpx.get(f"{alone.server.public_url}/health", verify=trust, trust_env=False, timeout=60)
    assert (answer.status_code, answer.json()["code"]) == (502, "unavailable")
    with answering(alone.server.gateway_socket, Fine):
        assert client.get("/health").text == "fine"  # at once: nobody is left out for a while


def test_a_controller_that_vanishes_is_noticed(alone: Config, client: httpx.Client, trust: ssl.SSLContext) -> None:
    """Its socket is closed for the sidecar, which otherwise would take it for connected."""
    ended: queue.Queue[list[str | bytes]] = queue.Queue()

    def take(socket: ServerConnection) -> None:
        heard = []
        with suppress(ConnectionClosed):
            while True:
                heard.append(socket.recv())
        ended.put(heard)

    path = str(alone.server.gateway_socket)
    url = f"{alone.server.public_url.replace('https', 'wss', 1)}{TELEMETRY}"
    with unix_serve(take, path, ping_interval=None) as server:
        Path(path).chmod(0o660)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        with connect(url, ssl=trust, proxy=None, ping_interval=SILENCE / 4) as alive:
            time.sleep(SILENCE * 1.5)
            alive.send("still here")
        with (
            connect(url, ssl=trust, proxy=None, ping_interval=None) as silent,
            pytest.raises(ConnectionClosed),
        ):
            silent.recv(30)
        server.shutdown()
        thread.join()
    Path(path).unlink(missing_ok=True)
    assert ended.get(timeout=30) == ["still here"]
    assert ended.get(timeout=30) == []


def test_requests_wait_while_postgrest_starts_anew(alone: Config, client: httpx.Client) -> None:
    answers: list[httpx.Response] = []
    asking = threading.Thread(target=lambda: answers.append(client.post("/api/rpc/ingest", json={"points": []})))
    asking.start()
    time.sleep(1.5)
    with answering(alone.postgrest.socket, Fine):
        asking.join()
    assert [answer.status_code for answer in answers] == [200]


def test_a_body_by_http_2_that_never_ends_is_cut(alone: Config, client: httpx.Client, trust: ssl.SSLContext) -> None:
    """Before PostgREST; tests/gateway/test_tls.py has the sidecar's."""
    assert client.base_url.port is not None
    headers = request_headers(
        b"POST",
        b"/api/rpc/x",
        client.base_url.port,
        (b"content-type", b"application/json"),
        (b"content-length", b"900"),
    )
    with (
        answering(alone.postgrest.socket, Fine),
        spoken(trust, client.base_url.port) as connection,
    ):
        connection.sendall(PREFACE + frame(SETTINGS, 0, 0) + frame(HEADERS, END_HEADERS, 1, headers))
        assert ends(connection)


def test_but_not_for_ever(client: httpx.Client) -> None:
    answer = client.get("/api/events")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


@pytest.mark.usefixtures("trust")  # its certificate, which Apache looks at
def test_apache_takes_the_file(alone: Config) -> None:
    said = subprocess.run([*configure(alone, alone.folder), "-t"], capture_output=True, text=True, check=False)
    assert "Syntax OK" in said.stderr, said.stderr


def test_the_command_prints_it(alone: Config, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(
        '[server]\npublic_url = "https://lab.example.org"\ngateway_socket = "/run/webmacs/sidecar.sock"\n'
        '[postgrest]\nsocket = "/run/webmacs/postgrest.sock"\n'
    )
    said = CliRunner().invoke(main, ["--config", str(file), "apache"])
    assert said.exit_code == 0, said.output
    assert said.stdout == virtual_host(load_config(file, {}))
    assert 'Define WEBMACS_AUTHORITY "lab.example.org"\nDefine WEBMACS_PORT "443"\n' in said.stdout
    assert '""' not in said.stdout


@pytest.mark.parametrize(
    ("section", "change", "said"),
    [
        ("server", {"public_url": "http://127.0.0.1:8000"}, "public_url"),
        ("server", {"gateway_socket": None}, "gateway_socket"),
        ("postgrest", {"socket": None}, r"\[postgrest\] socket"),
        ("server", {"frontend_dir": Path('/srv/a"\nInclude "/etc/passwd')}, "WEBMACS_PAGE"),
        ("gateway", {"certificate": Path("/srv/${HOME}")}, "WEBMACS_CERTIFICATE"),
    ],
)
def test_settings_that_make_no_gateway(section: str, change: dict[str, object], said: str, alone: Config) -> None:
    changed = replace(getattr(alone, section), **change)
    with pytest.raises(Problem, match=said):
        virtual_host(replace(alone, **{section: changed}))
