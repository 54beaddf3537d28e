"""What an installation is to be, and where its parts lie."""

import os
import sys
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from webmacs.config import Config, load_config
from webmacs.install.machine import Machine
from webmacs.problem import Problem

# Versions lie as docs/updates.md has them for controllers: `current` names the one that runs.
PROGRAM = "/opt/webmacs"
VERSIONS, CURRENT = f"{PROGRAM}/versions", f"{PROGRAM}/current"
POSTGREST = f"{PROGRAM}/postgrest"
COMMAND = "/usr/local/bin/webmacs"
SETTINGS = "/etc/webmacs"
CONFIG, SECRETS, TLS = f"{SETTINGS}/config.toml", f"{SETTINGS}/secrets", f"{SETTINGS}/tls"
RECORD = f"{SETTINGS}/installed.json"
STATE = "/var/lib/webmacs"
UNITS = "/etc/systemd/system"
SYSUSERS = "/usr/lib/sysusers.d/webmacs.conf"
SITE = "/etc/apache2/sites-available/webmacs.conf"

DATABASE = "webmacs"
OWNER_LOGIN = "webmacs_migrator"
LOGINS = {
    "uri": "webmacs_sidecar",
    "authenticator_uri": "webmacs_authenticator",
    "admin_uri": OWNER_LOGIN,
}

TEXT = """\
# The settings of this installation; config.default.toml explains each of them, and all others. `webmacs install` has
# written this file once, and leaves it to you. After a change: webmacs install, and then
#   systemctl restart webmacs-sidecar@1 webmacs-sidecar@2; systemctl reload webmacs-rest

[server]
public_url = "{public_url}" # how browsers reach it
gateway_socket = "/run/webmacs/sidecar.sock"
local_socket = "/run/webmacs/local.sock"

[database] # its addresses are in {secrets}
embedded = false

[postgrest]
socket = "/run/webmacs-rest/postgrest.sock"
binary = "{postgrest}/postgrest"

[gateway]
certificate = "{certificate}"
certificate_key = "{certificate_key}"

[auth]
keys_dir = "{state}/keys"

[ota]
uploads_dir = "{state}/uploads"
folder = "{program}"

[backup]
dir = "{state}/backups"

[controller]
start = false
"""


@dataclass(frozen=True)
class Plan:
    """What was said at the command line; what was not is None."""

    machine: Machine
    public_url: str | None = None
    certificate: Path | None = None
    certificate_key: Path | None = None
    postgrest: Path | None = None
    force: bool = False

    @property
    def version(self) -> Path:
        """The virtual environment that this runs from."""
        return Path(sys.prefix).resolve()

    @property
    def settings(self) -> str:
        """What config.toml begins with. Raises Problem if nobody says by which name the server is known."""
        if self.public_url is None:
            raise Problem("Say how browsers will reach this server, such as --public-url https://lab.example.org")
        own = (Path(f"{TLS}/certificate.pem"), Path(f"{TLS}/key.pem"))
        return TEXT.format(
            public_url=_checked(self.public_url),
            certificate=self.certificate or own[0],
            certificate_key=self.certificate_key or own[1],
            secrets=SECRETS,
            postgrest=POSTGREST,
            state=STATE,
            program=PROGRAM,
        )

    @cached_property
    def config(self) -> Config:
        """The settings that are there, or those that will be. Raises Problem."""
        uris = {f"WEBMACS_DATABASE_{key.upper()}": uri for key, uri in self.uris().items()}
        file = self.machine.path(CONFIG)
        if file.exists():
            secrets = self.machine.path(SECRETS)
            there = {"CREDENTIALS_DIRECTORY": str(secrets)} if _has_uris(secrets) else uris
            return load_config(file, there)
        with tempfile.TemporaryDirectory(prefix="webmacs-install-") as folder:
            (Path(folder) / "config.toml").write_text(self.settings, encoding="utf-8")
            return load_config(Path(folder) / "config.toml", uris)

    def check(self) -> None:
        """What was said, before anything is done. Raises Problem."""
        asked = [
            ("server", "public_url", self.public_url and _checked(self.public_url), self.config.server.public_url),
            ("gateway", "certificate", self.certificate, self.config.gateway.certificate),
            ("gateway", "certificate_key", self.certificate_key, self.config.gateway.certificate_key),
        ]
        for section, key, new, old in asked:
            if new and str(new) != str(old):
                raise Problem(
                    f"{CONFIG} has [{section}] {key} = {str(old)!r}, and {str(new)!r} was asked for. It is yours to"
                    " change: put it there, then run `webmacs install` without the option."
                )
        gateway = self.config.gateway
        if not str(gateway.certificate).startswith(f"{TLS}/"):
            files = (gateway.certificate, gateway.certificate_key)
            if missing := [str(file) for file in files if not self.machine.path(file).exists()]:
                raise Problem(f"certificate: there is no {' and no '.join(missing)}; put it there, then go on.")

    def read_again(self) -> None:
        """The settings have changed."""
        self.__dict__.pop("config", None)

    def uris(self, port: int = 5432) -> dict[str, str]:
        """PostgreSQL knows by the account who asks over its socket, so no address has a password."""
        more = f"host=/run/postgresql&port={port}"
        return {key: f"postgresql:///{DATABASE}?{more}&user={login}" for key, login in LOGINS.items()}

    @property
    def host(self) -> str:
        return urlsplit(self.config.server.public_url).hostname or ""


def _has_uris(folder: Path) -> bool:
    return all((folder / f"database.{key}").exists() for key in LOGINS) and os.access(folder, os.X_OK)


def _checked(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.path.strip("/") or parts.query or parts.username:
        raise Problem(f"--public-url: {url} must be such as https://lab.example.org, without anything after it.")
    return url.rstrip("/")
