"""The installed machine, switched on: its parts run, somebody is logged in, and a controller measures."""

import os
import shutil
import ssl
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.production import load
from tests.production.daemon import Daemon
from tests.production.host import Host
from tests.production.services import Part, Service

URL = "https://localhost"
SIDECARS = ("webmacs-sidecar@1.service", "webmacs-sidecar@2.service")
REST, CONTROLLER = "webmacs-rest.service", "webmacs-controller.service"
PROGRAM = "/usr/local/bin/webmacs"
STATE = "/var/lib/webmacs-controller"
READ = "interval_seconds = 0.1"


@dataclass
class Plant:
    """All that runs."""

    host: Host
    parts: dict[str, Part]
    client: httpx.Client
    trust: ssl.SSLContext
    tokens: dict[str, str]
    name: str = field(default_factory=lambda: f"trial {time.time():.0f}")

    def headers(self, who: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[who]}"}

    def sql(self, statement: str) -> str:
        """As the superuser of the database."""
        return self.host.run("runuser", "-u", "postgres", "--", "psql", "-XqAt", "-d", "webmacs", "-c", statement)


def boot(root: Path) -> tuple[Host, dict[str, Part]]:
    """As systemd does after the machine is switched on."""
    host = Host(root)
    host.run("systemd-tmpfiles", "--create")
    version = next(host.path("/etc/postgresql").iterdir()).name
    cluster = ["pg_ctlcluster", "--skip-systemctl-redirect", version, "main"]
    _requires_restart(host, "postgresql@.service")
    _requires_restart(host, "apache2.service")
    pid = f"/run/postgresql/{version}-main.pid"
    parts: dict[str, Part] = {
        "PostgreSQL": Daemon(host, "PostgreSQL", pid, [*cluster, "start"], [*cluster, "-m", "fast", "stop"], 1),
        "Apache": Daemon(
            host,
            "Apache",
            "/run/apache2/apache2.pid",
            ["/usr/sbin/apachectl", "start"],
            ["/usr/sbin/apachectl", "graceful-stop"],
            1,
        ),
    }
    for name in ("webmacs-sidecar.socket", "webmacs-local.socket"):
        host.listen(name)
    parts |= {name: Service(host, name) for name in (REST, *SIDECARS, CONTROLLER)}
    for name, part in parts.items():
        if name != CONTROLLER:  # it needs its token first
            part.start()
    return host, parts


def _requires_restart(host: Host, name: str) -> None:
    """That it is started again is what the installation has put there."""
    added = host.path(f"/etc/systemd/system/{name}.d/webmacs.conf").read_text()
    assert "Restart=on-" in added, name
    assert "RestartSec=1" in added, name


def connect(host: Host, parts: dict[str, Part], password: str) -> Plant:
    """Log in as the first administrator, and make what the load needs, as an administrator does it."""
    trust = ssl.create_default_context(cafile=str(host.path("/etc/webmacs/tls/certificate.pem")))
    client = httpx.Client(base_url=URL, verify=trust, trust_env=False, timeout=load.PATIENCE)
    login = client.post("/auth/login", json={"username": "admin", "password": password})
    assert login.status_code == 200, login.text
    tokens = {"admin": login.json()["access_token"]}
    for name in ("operator", "viewer"):
        tokens[name] = host.run(PROGRAM, "token", "issue", "admin", "--name", f"trial {name}", "--role", name).strip()
    tokens["sender"] = host.run(PROGRAM, "token", "issue", "--controller", "sender").strip()
    plant = Plant(host, parts, client, trust, tokens)
    _start_controller(plant)
    return plant


def _start_controller(plant: Plant) -> None:
    """The demo's: it measures the machine and a simulated reactor."""
    host = plant.host
    token = host.run(PROGRAM, "token", "issue", "--controller", "demo").strip()
    folder = host.path(STATE)
    folder.mkdir(exist_ok=True)
    owner = host.accounts.owner("webmacs-controller", "webmacs-controller")
    text = host.path("/opt/webmacs/current").resolve()  # a link of the machine's own
    template = next(text.glob("lib/python3*/site-packages/webmacs/bundled/controller.default.toml")).read_text()
    authority = host.path("/etc/webmacs/tls/certificate.pem").read_bytes()
    host.path("/usr/local/share/ca-certificates/webmacs.crt").write_bytes(authority)
    host.run("update-ca-certificates")
    settings = template.replace("ws://127.0.0.1:8000/", "wss://localhost/").replace("interval_seconds = 0.5", READ)
    settings = settings.replace('folder = ""', f'folder = "{STATE}/versions"')
    wheels = host.path("/root/wheels")
    for name in ("controller.update", "root.json"):
        shutil.copy(wheels / name, folder)
    for name, content in (("controller.token", token), ("controller.toml", settings)):
        (folder / name).write_text(content)
        (folder / name).chmod(0o600)
    for path in (folder, *folder.iterdir()):
        os.chown(path, *owner)
    begin = ["update", "begin", f"{STATE}/controller.update", "--root", f"{STATE}/root.json"]
    program = ["/opt/webmacs/current/bin/webmacs-controller", *begin, "--config", f"{STATE}/controller.toml"]
    if not (folder / "versions").exists():
        host.run("runuser", "-u", "webmacs-controller", "--", *program)
    plant.parts[CONTROLLER].start()


def new_event(plant: Plant) -> str:
    """An event that a channel of the sender feeds."""
    return plant.sql(
        "with i as (insert into private.plugin_instances (controller_id, name, plugin)"
        f"           select id, '{plant.name}', 'p' from private.controllers where name = 'sender' returning id),"
        " e as (insert into private.events (name, unit, min_value, max_value)"
        f"       values ('{plant.name}', 'V', 0, 1000000)"
        "       returning id, public_id),"
        " m as (insert into private.channel_mappings (plugin_instance_id, channel, channel_name, unit, event_id)"
        "       select i.id, 'c', 'c', 'V', e.id from i, e)"
        " select public_id from e"
    ).strip()
