"""Configuration, secrets and keys."""

import os

from webmacs.files import write_private
from webmacs.install.cluster import Cluster
from webmacs.install.files import File, Files
from webmacs.install.plan import CONFIG, SECRETS, SETTINGS, Plan
from webmacs.install.step import Found, Step
from webmacs.install.system import IMAGE
from webmacs.keys.folder import ensure_key, load_keys
from webmacs.resources import resource

GROUP = "webmacs"  # the services


class Configuration(Files):
    """config.toml, which is the administrator's own as soon as it is there; and postgrest.conf to change things in."""

    def __init__(self, plan: Plan) -> None:
        text = "" if plan.machine.path(CONFIG).exists() else plan.settings
        template = resource("postgrest.default.conf").read_text(encoding="utf-8")
        files = [
            File(CONFIG, text, 0o640, once=True, group=GROUP),
            File(f"{SETTINGS}/postgrest.conf", template, 0o640, group=GROUP),
        ]
        super().__init__("configuration", plan.machine, files, plan.force)


class Secrets(Step):
    """What systemd hands to each service (LoadCredential=). Written once; what is changed there stays."""

    name = "secrets"

    def __init__(self, plan: Plan, cluster: Cluster) -> None:
        self._plan, self._machine, self._cluster = plan, plan.machine, cluster

    def look(self) -> Found:
        if not self._machine.live:
            return Found(left_out=IMAGE)
        wanted = []
        for name in self._names():
            path = self._machine.path(f"{SECRETS}/{name}")
            if not path.exists():
                wanted.append(f"write {SECRETS}/{name}")
            elif path.stat().st_mode & 0o077 or path.stat().st_uid != os.geteuid():
                wanted.append(f"close {SECRETS}/{name} to others")
        return Found(f"{', '.join(self._names())} in {SECRETS}", wanted)

    def do(self) -> None:
        for name, uri in self._names().items():
            path = self._machine.path(f"{SECRETS}/{name}")
            if not path.exists():
                write_private(path, uri + "\n")
            path.chmod(0o600)
            os.chown(path, os.geteuid(), os.getegid())
        self._plan.read_again()

    def _names(self) -> dict[str, str]:
        return {f"database.{key}": uri for key, uri in self._plan.uris(self._cluster.port).items()}


class Keys(Step):
    """What signs tokens: made once, the sidecars' own."""

    name = "signing keys"

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def look(self) -> Found:
        if not self._plan.machine.live:
            return Found(left_out="not in an image: each machine needs keys of its own")
        folder = self._plan.config.auth.keys_dir
        there = folder.is_dir() and load_keys(self._plan.config) is not None
        return Found(f"in {folder}", [] if there else [f"make a key in {folder}"])

    def do(self) -> None:
        ensure_key(self._plan.config)
