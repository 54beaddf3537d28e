"""`python -m tests.production.containers FOLDER`, in name spaces of its own: plays the containers of compose.yaml.

Their images are there; Debian's PostgreSQL takes the place of the official image. What was wrong is printed.
"""

import json
import os
import ssl
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.production.images import Image
from tests.production.machine import PROJECT
from tests.support.dockerfile import DOCKER, compose

CONTAIN = PROJECT / "tests/production/contain.sh"
SECONDS = 120
URL = "https://localhost"
MAKE = "create database webmacs template template0 encoding 'UTF8' locale 'C.UTF-8'"


@dataclass
class Containers:
    """Those of the Compose file, each with its image; volumes are folders."""

    folder: Path
    images: dict[str, Image]
    services: dict[str, Any]

    def begin(self, name: str, *command: str, log: str = "") -> subprocess.Popen[bytes]:
        """Start the container's program, or another one in the same surroundings."""
        service = self.services[name]
        image = self.images[service["build"]["target"]]
        uid, gid = (service.get("user") or image.user).split(":")
        environment = image.environment | {key: str(value) for key, value in service["environment"].items()}
        environment["WEBMACS_SERVER_PUBLIC_URL"] = URL
        lines = "\n".join(f"{key}={value}" for key, value in environment.items())
        groups = ",".join([gid, *service.get("group_add", [])])
        with (self.folder / f"{log or name}.log").open("ab") as said:
            return subprocess.Popen(
                [CONTAIN, image.root, uid, gid, groups, lines, self._mounts(name), *(command or service["command"])],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )

    def run(self, name: str, *command: str) -> str:
        """As `docker compose exec` or `run`; what it says. Raises RuntimeError."""
        log = f"{name}-once"
        (self.folder / f"{log}.log").unlink(missing_ok=True)
        code = self.begin(name, *command, log=log).wait(SECONDS)
        said = (self.folder / f"{log}.log").read_text()
        if code:
            raise RuntimeError(f"{name}: {command} ended with {code}:\n{said[-3000:]}")
        return said

    def healthy(self, name: str) -> None:
        """Wait until its health check says so. Raises RuntimeError."""
        check = self.services[name]["healthcheck"]["test"][1:]
        deadline = time.monotonic() + SECONDS
        while True:
            try:
                self.run(name, *check)
                return
            except RuntimeError:
                if time.monotonic() > deadline:
                    raise RuntimeError(f"{name} is not healthy:\n{self.log(name)}") from None
            time.sleep(0.5)

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")[-3000:]

    def _mounts(self, name: str) -> str:
        service = self.services[name]
        secrets = self.folder / f"secrets-{name}"
        secrets.mkdir(exist_ok=True)
        for secret in service.get("secrets", []):
            (secrets / secret).write_bytes((self.folder / "secrets" / secret).read_bytes())
        lines = [f"{secrets}=/run/secrets", *(f"={place.split(':')[0]}" for place in service["tmpfs"])]
        for volume in service.get("volumes", []):
            source, place, *_ = volume.split(":")
            lines.append(f"{self._volume(source, place)}={place}")
        return "\n".join(lines)

    def _volume(self, name: str, place: str) -> Path:
        """As Docker makes one: at first it is what the image has there."""
        folder = self.folder / f"volume-{name}"
        if not folder.exists():
            subprocess.run(["cp", "-a", f"{self.images['program'].root}{place}", str(folder)], check=True)
        return folder


def database(folder: Path, root: Path) -> None:
    """Debian's server in the place of the container, under its name, with its password."""
    password = (folder / "secrets/database.admin_password").read_text().strip()

    def chroot(*command: str) -> None:
        subprocess.run(["/usr/sbin/chroot", root, *command], check=True, stdout=subprocess.DEVNULL)

    version = next((root / "etc/postgresql").iterdir()).name
    chroot("pg_ctlcluster", "--skip-systemctl-redirect", version, "main", "start")
    for statement in (f"alter role postgres password '{password}'", "drop database if exists webmacs", MAKE):
        chroot("runuser", "-u", "postgres", "--", "psql", "-Xq", "-c", statement)


def trial(containers: Containers) -> list[str]:
    """In the order of depends_on; then a person logs in. What was wrong."""
    containers.run("migrate", *containers.services["migrate"]["command"])
    for name in ("sidecar", "postgrest", "gateway"):
        containers.begin(name)
        containers.healthy(name)
        print(f"  {name} is healthy", flush=True)
    said = containers.run("sidecar", "webmacs", "user", "add", "admin", "--role", "admin", "--generate")
    password = said.strip().splitlines()[-1].split()[-1]
    trust = ssl.create_default_context(cafile=str(containers.folder / "secrets/certificate.pem"))
    wrong = []
    with httpx.Client(base_url=URL, verify=trust, trust_env=False, timeout=60) as client:
        login = client.post("/auth/login", json={"username": "admin", "password": password})
        headers = {"Authorization": f"Bearer {login.json().get('access_token')}"}
        for path, code in (("/", 200), ("/api/me", 200), ("/auth/me", 200), ("/metrics", 404), ("/health", 200)):
            answer = client.get(path, headers=headers)
            if answer.status_code != code:
                wrong.append(f"{path}: {answer.status_code} {answer.text[:300]}")
        deadline = time.monotonic() + 30
        while '"ok":false' in (health := client.get("/health").text.replace(" ", "")) and time.monotonic() < deadline:
            time.sleep(0.5)
        if '"ok":false' in health:
            wrong.append(f"/health: {health}")
    return wrong


def main(folder: str) -> None:
    place = Path(folder)
    Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").write_text("0")
    subprocess.run([DOCKER / "secrets.sh", place / "secrets", "localhost"], check=True)
    read = json.loads((place / "images.json").read_text())
    images = {name: Image(Path(one.pop("root")), **one) for name, one in read.items()}
    containers = Containers(place, images, compose()["services"])
    database(place, place / "image-postgresql")
    wrong = trial(containers)
    print("\n".join(wrong) or "  all containers work together", flush=True)
    os._exit(bool(wrong))  # what runs ends with the name space


if __name__ == "__main__":
    main(sys.argv[1])
