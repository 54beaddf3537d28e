"""What the gateway costs: the same requests to PostgREST and to the sidecar, directly and through Apache with TLS."""

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bench.report import Row, middle, runs
from bench.stack import Stack, free_ports
from tests.support.apache import PROGRAM, configure, gateway_folder
from tests.support.certificate import contexts
from webmacs.config import Config
from webmacs.embedded.postgrest import write_conf
from webmacs.supervisor import parts
from webmacs.supervisor.part import Part, Running

ROUNDS = 3
SECONDS = 3
KEPT = ("disablereuse=on", "enablereuse=on")


@dataclass(frozen=True)
class Target:
    """What is asked, without and with the gateway."""

    name: str
    direct: str
    through: str
    token: str = ""


def measure(stack: Stack) -> list[Row]:
    """The rows of this group; none where there is no Apache or no wrk."""
    if not Path(PROGRAM).exists() or shutil.which("wrk") is None:
        return [Row("Apache (apt-get install apache2 wrk) is not installed", "", "-")]
    with _behind(stack) as config:
        rest = f"http://127.0.0.1:{stack.config.postgrest.port}"
        sidecar = f"http://127.0.0.1:{config.server.port}"
        public, event = config.server.public_url, f"/events?id=eq.{stack.seed.event_ids[0]}"
        token = stack.seed.viewer_token
        targets = [
            Target("PostgREST, one event by id", f"{rest}{event}", f"{public}/api{event}", token),
            Target("the sidecar, /app-config.json", f"{sidecar}/app-config.json", f"{public}/app-config.json"),
            Target("the page, index.html", f"{sidecar}/", f"{public}/"),
        ]
        with _apache(config):
            rows = [row for target in targets for row in (_rates(target, 8), _times(target))]
        with _apache(config, keeping=True):
            return [*rows, _rates(replace(targets[0], name=f"{targets[0].name}, connections to it kept"), 8)]


def _rates(target: Target, clients: int) -> Row:
    """In turns, because the machine is not as quick at all times."""
    direct, through = [], []
    for _ in range(ROUNDS):
        direct.append(_wrk(target.direct, target.token, clients)[0])
        through.append(_wrk(target.through, target.token, clients)[0])
    share = middle(through) / middle(direct)
    return Row(
        f"{target.name}: requests/s through the gateway, {clients} connections",
        "",
        f"{runs(through)}; {share:.2f} of {runs(direct)} without it",
    )


def _times(target: Target) -> Row:
    direct, through = [], []
    for _ in range(ROUNDS):
        direct.append(_wrk(target.direct, target.token, 1)[1])
        through.append(_wrk(target.through, target.token, 1)[1])
    return Row(
        f"{target.name}: median time through the gateway, one connection",
        "",
        f"{runs(through, 2)} ms; {runs(direct, 2)} without it",
    )


def _wrk(url: str, token: str, clients: int) -> tuple[float, float]:
    """Requests a second, and the median time of one in milliseconds."""
    command = ["wrk", "-t1", f"-c{clients}", f"-d{SECONDS}", "--latency"]
    command += ["-H", f"Authorization: Bearer {token}"] if token else []
    said = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in said, said
    rate, median = re.search(r"Requests/sec: *([0-9.]+)", said), re.search(r"50% *([0-9.]+)(us|ms|s)", said)
    assert rate is not None
    assert median is not None
    return float(rate[1]), float(median[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[median[2]]


@contextmanager
def _behind(stack: Stack) -> Iterator[Config]:
    """Another PostgREST and another sidecar on the same database, which listen on Unix sockets."""
    folder = stack.config.folder / "gateway"
    folder.mkdir(mode=0o755)
    ports = free_ports(5)
    sockets = gateway_folder(folder / "sockets")
    contexts("localhost", folder)
    page = folder / "page"
    page.mkdir()
    (page / "index.html").write_text("<!doctype html><title>WebMACS</title>" + "<!-- a page of some size -->" * 20)
    config = replace(
        stack.config,
        file=folder / "config.toml",
        server=replace(
            stack.config.server,
            port=ports[0],
            public_url=f"https://localhost:{ports[1]}",
            gateway_socket=sockets / "sidecar.sock",
            frontend_dir=page,
        ),
        postgrest=replace(stack.config.postgrest, admin_port=ports[2], socket=sockets / "postgrest.sock"),
        gateway=replace(
            stack.config.gateway,
            certificate=folder / "certificate.pem",
            certificate_key=folder / "key.pem",
            http_port=ports[3],
        ),
    )
    _write_settings(config)
    write_conf(config)
    with ExitStack() as running:
        for part in (parts.postgrest(config), parts.sidecar(config)):
            one = Running(part)
            running.callback(one.stop)
            one.wait_until_ready()
        yield config


def _write_settings(config: Config) -> None:
    """For the processes, which read a file."""
    server, database = config.server, config.database
    config.file.write_text(
        f'[server]\nport = {server.port}\npublic_url = "{server.public_url}"\n'
        f'gateway_socket = "{server.gateway_socket}"\nfrontend_dir = "{server.frontend_dir}"\n'
        f'[database]\nembedded = false\nuri = "{database.uri}"\nadmin_uri = "{database.admin_uri}"\n'
        f'authenticator_uri = "{database.authenticator_uri}"\n'
        f'[postgrest]\nsocket = "{config.postgrest.socket}"\nadmin_port = {config.postgrest.admin_port}\n'
        f'[auth]\nkeys_dir = "{config.auth.keys_dir}"\n'
        "[limits]\ntoken_requests = 1_000_000\naddress_requests = 1_000_000\n"
    )


@contextmanager
def _apache(config: Config, keeping: bool = False) -> Iterator[None]:
    """`keeping`: connections to those behind it, instead of a new one for each request."""
    edit = (lambda text: text.replace(*KEPT)) if keeping else str
    command = [*configure(config, config.folder, edit), "-DFOREGROUND"]
    log = config.folder / "log" / "said.log"
    port = config.gateway.http_port
    part = Part("Apache", command, log, lambda: _listens(port), {"PATH": "/usr/sbin:/usr/bin"}, config.folder)
    running = Running(part)
    try:
        running.wait_until_ready()
        yield
    finally:
        running.stop()


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
