"""Debian's way with PostgreSQL: clusters of a version and a name, asked as the account postgres."""

from pathlib import Path

from webmacs.install.machine import Machine
from webmacs.problem import Problem

OLDEST = 15
DEFAULT_PORT = 5432


class Cluster:
    """The newest one that there is. It may not be there yet; so it is looked for each time."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def __str__(self) -> str:
        return f"{self.version}/{self._name}"

    @property
    def version(self) -> str:
        """Such as 15; empty: there is none. Raises Problem if it is too old."""
        return self._line()[0]

    @property
    def port(self) -> int:
        return int(self._line()[2] or DEFAULT_PORT)

    @property
    def runs(self) -> bool:
        return self._line()[3].startswith("online")

    @property
    def settings(self) -> Path:
        return Path("/etc/postgresql") / (self.version or "VERSION") / (self._name or "main")

    @property
    def sizes(self) -> str:
        """A file of ours among those that Debian's cluster reads."""
        return f"{self.settings}/conf.d/webmacs.conf"

    @property
    def _name(self) -> str:
        return self._line()[1]

    def start(self) -> None:
        """Make it, if there is none, and start it. Raises Problem."""
        if not self.version:
            versions = sorted(int(path.name) for path in Path("/usr/lib/postgresql").glob("[1-9]*"))
            if not versions:
                raise Problem("There is no PostgreSQL in /usr/lib/postgresql: apt-get install postgresql")
            self._machine.run("pg_createcluster", str(versions[-1]), "main")
        if self._machine.systemd:
            self._machine.run("systemctl", "enable", "--now", f"postgresql@{self.version}-{self._name}.service")
        elif not self.runs:
            self._machine.run("pg_ctlcluster", self.version, self._name, "start")

    def restart(self) -> None:
        """Raises Problem."""
        if self._machine.systemd:
            self._machine.run("systemctl", "restart", f"postgresql@{self.version}-{self._name}.service")
        else:
            self._machine.run("pg_ctlcluster", self.version, self._name, "restart")

    def sql(self, statement: str, database: str = "postgres") -> str:
        """What it answers, as the account postgres. Raises Problem."""
        return self._machine.run(*self._psql(database), statement).strip()

    def asked(self, statement: str) -> str:
        """The same; empty if it cannot be asked."""
        return self._machine.attempt(*self._psql("postgres"), statement).stdout.strip()

    def _psql(self, database: str) -> list[str]:
        options = ["-XqAt", "-v", "ON_ERROR_STOP=1", "-p", str(self.port), "-d", database, "-c"]
        return ["runuser", "-u", "postgres", "--", "psql", *options]

    def _line(self) -> list[str]:
        """Version, name, port, state."""
        lines = [line.split() for line in self._machine.attempt("pg_lsclusters", "--no-header").stdout.splitlines()]
        found = max((line for line in lines if len(line) > 3), key=lambda line: float(line[0]), default=[""] * 4)
        if found[0] and float(found[0]) < OLDEST:
            raise Problem(f"The newest PostgreSQL here is {found[0]}; {OLDEST} or newer is needed.")
        return found
