"""Debian's PostgreSQL: who may log in over its socket, the database, its schema, the first administrator."""

import os
import re
from pathlib import Path

import psycopg

from webmacs.install.cluster import Cluster
from webmacs.install.machine import Machine
from webmacs.install.plan import DATABASE, LOGINS, OWNER_LOGIN, Plan
from webmacs.install.step import Found, Step
from webmacs.install.system import IMAGE
from webmacs.migrate import migrate, status
from webmacs.problem import Problem
from webmacs.supervisor.first_time import ensure_admin

MAP = "webmacs"
BEGIN, END = "# webmacs: written by `webmacs install`", "# webmacs: end"
# The system's account says which role somebody may be, so there are no passwords. root is who runs `webmacs …`.
ALLOWED = [
    *(("webmacs", login) for login in LOGINS.values()),
    ("webmacs-rest", "webmacs_authenticator"),
    *(("root", login) for login in LOGINS.values()),
]
# It makes databases, too: to prove a backup, and to go back after an update.
MAKE_ROLE = (
    f"do $$ begin if not exists (select from pg_roles where rolname = '{OWNER_LOGIN}') then"
    f" create role {OWNER_LOGIN} login createrole; end if; end $$; alter role {OWNER_LOGIN} createdb"
)
MAKE_DATABASE = (
    f"create database {DATABASE} owner {OWNER_LOGIN} template template0"
    " encoding 'UTF8' lc_collate 'C.UTF-8' lc_ctype 'C.UTF-8'"
)


class Server(Step):
    """A cluster of Debian's that runs."""

    name = "PostgreSQL"

    def __init__(self, plan: Plan, cluster: Cluster) -> None:
        self._plan, self._cluster = plan, cluster

    def look(self) -> Found:
        if not self._plan.machine.live:
            return Found(left_out=IMAGE)
        if not self._cluster.version:
            return Found(wanted=["make the cluster main, and start it"])
        wanted = [] if self._cluster.runs else [f"start the cluster {self._cluster}"]
        return Found(f"cluster {self._cluster}, port {self._cluster.port}", wanted)

    def do(self) -> None:
        self._cluster.start()


class Logins(Step):
    """Blocks of our own in pg_hba.conf and pg_ident.conf; what stands around them is not touched."""

    name = "logins"

    def __init__(self, machine: Machine, cluster: Cluster) -> None:
        self._machine, self._cluster = machine, cluster

    def look(self) -> Found:
        if not self._machine.live:
            return Found(left_out=IMAGE)
        wanted = [f"put our lines into {path}" for path, text in self._files() if not _has(path, text)]
        return Found(f"over the socket, by the system's account (map {MAP})", wanted)

    def do(self) -> None:
        for path, text in self._files():
            if not _has(path, text):
                _put(path, text)
        self._cluster.sql("select pg_reload_conf()")

    def remove(self) -> None:
        for path, _ in self._files():
            if path.exists() and BEGIN in path.read_text(encoding="utf-8"):
                _rewrite(path, _without(path.read_text(encoding="utf-8")))
        self._cluster.sql("select pg_reload_conf()")

    def _files(self) -> list[tuple[Path, str]]:
        hba = f"local {DATABASE} {','.join(LOGINS.values())} peer map={MAP}\nlocal all {OWNER_LOGIN} peer map={MAP}"
        ident = "\n".join(f"{MAP} {account} {role}" for account, role in ALLOWED)
        folder = self._cluster.settings
        return [(folder / "pg_hba.conf", hba), (folder / "pg_ident.conf", ident)]


class TheDatabase(Step):
    """Owned by a role that is no superuser."""

    name = "database"

    def __init__(self, plan: Plan, cluster: Cluster) -> None:
        self._plan, self._cluster = plan, cluster

    def look(self) -> Found:
        if not self._plan.machine.live:
            return Found(left_out=IMAGE)
        if not self._there():
            return Found(DATABASE, [f"make the role {OWNER_LOGIN}, and its database {DATABASE}"])
        able = OWNER_LOGIN in self._cluster.asked("select rolname from pg_roles where rolcreatedb").split()
        return Found(DATABASE, [] if able else [f"let {OWNER_LOGIN} make databases"])

    def do(self) -> None:
        self._cluster.sql(MAKE_ROLE)
        if not self._there():
            self._cluster.sql(MAKE_DATABASE)

    def _there(self) -> bool:
        return DATABASE in self._cluster.asked("select datname from pg_database").split()


class Schema(Step):
    """`webmacs migrate`."""

    name = "schema"

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def look(self) -> Found:
        if not self._plan.machine.live:
            return Found(left_out=IMAGE)
        try:
            files = status(self._plan.config)
        except (Problem, psycopg.Error):
            return Found(wanted=["apply db/"])
        to_do = [file.name for file in files if file.state != "applied"]
        return Found("as this version has it", [f"apply {len(to_do)} files of db/"] if to_do else [])

    def do(self) -> None:
        migrate(self._plan.config)


class Administrator(Step):
    """Somebody who can log in, if there is nobody at all."""

    name = "administrator"

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.said = ""

    def look(self) -> Found:
        if not self._plan.machine.live:
            return Found(left_out=IMAGE)
        try:
            with psycopg.connect(self._plan.config.database.admin_uri) as connection:
                connection.execute("set role webmacs_owner")
                anybody = connection.execute("select from private.users limit 1").fetchone() is not None
        except psycopg.Error:
            anybody = False
        return Found("there are accounts", [] if anybody else ["make the account admin"])

    def do(self) -> None:
        made = ensure_admin(self._plan.config)
        if made is not None:
            self.said = f"Log in as {made.name} with the password {made.password} (it is shown only now)."


def _block(text: str) -> str:
    return f"{BEGIN}\n{text}\n{END}\n"


def _has(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8").startswith(_block(text))


def _put(path: Path, text: str) -> None:
    """At the top, for the first line that fits somebody counts."""
    if not path.exists():
        raise Problem(f"There is no {path}, where Debian's PostgreSQL has it.")
    _rewrite(path, _block(text) + _without(path.read_text(encoding="utf-8")))


def _without(text: str) -> str:
    return re.sub(rf"(?ms)^{re.escape(BEGIN)}$.*?^{re.escape(END)}\n", "", text)


def _rewrite(path: Path, text: str) -> None:
    """Whole or not at all, still its owner's."""
    state, draft = path.stat(), path.with_name(f".{path.name}.webmacs")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchown(descriptor, state.st_uid, state.st_gid)
        os.fchmod(descriptor, state.st_mode & 0o7777)
        file.write(text)
    draft.replace(path)
