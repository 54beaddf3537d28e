"""Taking an installation away again: the same kind of steps. Data stay, unless somebody says that they shall go."""

import shutil
from collections.abc import Iterator

from webmacs.install.apache import ENABLED as APACHE
from webmacs.install.apache import PORTS
from webmacs.install.cluster import Cluster
from webmacs.install.database import Logins
from webmacs.install.files import read_record, remove
from webmacs.install.machine import Machine
from webmacs.install.plan import COMMAND, DATABASE, PROGRAM, SETTINGS, SITE, STATE, SYSUSERS, UNITS, Plan
from webmacs.install.services import ENABLED, unit_files
from webmacs.install.step import Found, Step
from webmacs.install.system import ACCOUNTS, GATEWAY

ROLES = "select rolname from pg_roles where rolname like 'webmacs\\_%'"


def steps(plan: Plan, data: bool) -> Iterator[Step]:
    """In order: nothing runs any more before anything is taken from under it."""
    machine, cluster = plan.machine, Cluster(plan.machine)
    yield Services(machine)
    yield Site(machine)
    if data:
        yield Data(machine, cluster)
        yield Paths("data", machine, [STATE])
        yield Paths("settings", machine, [SETTINGS])
        yield Accounts(machine)
    yield Paths("command", machine, [COMMAND])
    # the last one, for this runs from there
    yield Paths("program", machine, [f"{PROGRAM}/{name}" for name in ("current", "previous", "versions", "postgrest")])


class Services(Step):
    """Units, stopped and gone."""

    name = "units"

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def look(self) -> Found:
        files = [file.path for file in unit_files() if self._machine.path(file.path).exists()]
        names = [path.removeprefix(f"{UNITS}/") for path in files]
        return Found("there are none", [f"stop and remove {', '.join(names)}"] if names else [])

    def do(self) -> None:
        root = [] if self._machine.live else [f"--root={self._machine.root}"]
        if self._machine.systemd:
            self._machine.attempt("systemctl", "stop", "webmacs*.socket", "webmacs.target", "webmacs*.service")
        self._machine.run("systemctl", *root, "disable", *ENABLED)
        for file in unit_files():
            remove(self._machine, file.path)
            folder = self._machine.path(file.path).parent
            if folder.name.endswith(".d") and folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
        if self._machine.systemd:
            self._machine.run("systemctl", "daemon-reload")


class Site(Step):
    """Apache's virtual host. Apache itself, and its modules, may serve others."""

    name = "virtual host"

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def look(self) -> Found:
        there = [path for path in (SITE, PORTS) if self._machine.path(path).exists()]
        return Found("there is none", [f"disable and remove {path}" for path in there])

    def do(self) -> None:
        enabled = self._machine.path(APACHE)
        (enabled / "sites-enabled/webmacs.conf").unlink(missing_ok=True)
        (enabled / "conf-enabled/webmacs-ports.conf").unlink(missing_ok=True)
        for path in (SITE, PORTS):
            remove(self._machine, path)
        if self._machine.systemd:
            self._machine.run("systemctl", "reload-or-restart", "apache2.service")


class Data(Step):
    """The database, its roles, and who may log in."""

    name = "database"

    def __init__(self, machine: Machine, cluster: Cluster) -> None:
        self._machine, self._cluster = machine, cluster

    def look(self) -> Found:
        if not self._machine.live or not self._cluster.version:
            return Found(left_out="there is no PostgreSQL here")
        there = DATABASE in self._cluster.asked("select datname from pg_database").split()
        roles = self._cluster.asked(ROLES).split()
        wanted = [f"drop the database {DATABASE}, with all that was measured"] if there else []
        return Found("there is none", [*wanted, *([f"drop the roles {', '.join(roles)}"] if roles else [])])

    def do(self) -> None:
        self._cluster.sql(f"drop database if exists {DATABASE} with (force)")
        roles = self._cluster.asked(ROLES).split()
        if roles:
            self._cluster.sql(f"drop role {', '.join(roles)}")
        Logins(self._machine, self._cluster).remove()
        remove(self._machine, self._cluster.sizes)


class Paths(Step):
    """Files and folders."""

    def __init__(self, name: str, machine: Machine, paths: list[str]) -> None:
        self.name = name
        self._machine, self._paths = machine, paths

    def look(self) -> Found:
        there = [path for path in self._paths if self._there(path)]
        return Found("there is nothing", [f"remove {', '.join(there)}"] if there else [])

    def do(self) -> None:
        for name in self._paths:
            path = self._machine.path(name)
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)

    def _there(self, name: str) -> bool:
        path = self._machine.path(name)
        return path.is_symlink() or path.exists()


class Accounts(Step):
    """The system's. Their numbers may be given to others, so nothing of theirs may be left."""

    name = "accounts"

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def look(self) -> Found:
        there = [name for name in ACCOUNTS if self._machine.user(name) is not None]
        return Found("there are none", [f"remove {', '.join(there)}"] if there else [])

    def do(self) -> None:
        root = [] if self._machine.live else ["--root", str(self._machine.root)]
        for name in ACCOUNTS:
            if self._machine.user(name) is not None:
                self._machine.run("userdel", *root, name)
        if self._machine.group(GATEWAY) is not None:
            self._machine.run("groupdel", *root, GATEWAY)
        self._machine.path(SYSUSERS).unlink(missing_ok=True)


def installed(machine: Machine) -> bool:
    """Whether there is anything of ours."""
    return bool(read_record(machine)) or machine.path(PROGRAM).exists()
