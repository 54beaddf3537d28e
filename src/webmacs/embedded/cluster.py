"""Makes the data directory of the embedded PostgreSQL, and checks one that is there."""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from webmacs.embedded.place import Place
from webmacs.embedded.sizing import of_this_machine
from webmacs.problem import Problem

CLOSING_SECONDS = 30.0


def ensure_cluster(place: Place, password: str) -> bool:
    """Make the data directory if there is none; `password` is for the role postgres. Returns whether it was made.

    Raises Problem if it is of another PostgreSQL version or initdb fails; then no directory is left behind.
    """
    version_file = place.data / "PG_VERSION"
    if version_file.exists():
        _require_version(place, version_file.read_text().strip())
        return False
    if place.data.exists() and any(place.data.iterdir()):
        raise Problem(f"{place.data} is not empty and holds no PostgreSQL data; empty it or set [database] data_dir.")
    _create(place, password)
    return True


def await_former_server(place: Place) -> None:
    """Wait until the server of an earlier run, killed just now, has closed the data. Raises Problem if it does not."""
    deadline = time.monotonic() + CLOSING_SECONDS
    while (pid := _server_of(place.data)) is not None:
        if time.monotonic() > deadline:
            raise Problem(f"Another PostgreSQL (process {pid}) works in {place.data}; stop it with: kill -INT {pid}")
        time.sleep(0.1)


def environment() -> dict[str, str]:
    """What the server sees of our environment: nothing that would change its behaviour."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}


def _server_of(data: Path) -> int | None:
    """The process that holds this data directory, if it lives."""
    try:
        pid = int((data / "postmaster.pid").read_text().split()[0])
        return pid if Path(f"/proc/{pid}/comm").read_text().strip() == "postgres" else None
    except (OSError, ValueError, IndexError):
        return None  # no such file, or it is just being written or removed


def _require_version(place: Place, found: str) -> None:
    command = [str(place.programs / "postgres"), "--version"]
    said = subprocess.run(command, cwd="/", capture_output=True, text=True, check=True, **place.account.popen()).stdout
    ours = said.split()[-1].split(".")[0]
    if found != ours:
        raise Problem(
            f"{place.data} is of PostgreSQL {found}, and the embedded one is {ours}. Move the directory away, or dump"
            f" it with PostgreSQL {found} and restore it here."
        )


def _create(place: Place, password: str) -> None:
    """Initialise beside the final name and rename, so that a directory of that name is always complete."""
    draft = place.data.with_name(f"{place.data.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True, mode=0o700)
    place.account.give(draft)
    try:
        _initdb(place, draft, password)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    if place.data.exists():
        place.data.rmdir()
    draft.rename(place.data)


def _initdb(place: Place, folder: Path, password: str) -> None:
    with tempfile.NamedTemporaryFile("w", prefix="webmacs-", suffix=".pw") as password_file:
        password_file.write(password + "\n")
        password_file.flush()
        place.account.give(Path(password_file.name))
        command = [str(place.programs / "initdb"), f"--pgdata={folder}", "--username=postgres"]
        command += [f"--pwfile={password_file.name}", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--data-checksums"]
        # once, for an administrator to change there; durability stays as PostgreSQL has it: on
        command += [f"--set={name}={value}" for name, value in of_this_machine(folder).items()]
        done = subprocess.run(
            command, cwd="/", env=environment(), capture_output=True, text=True, check=False, **place.account.popen()
        )
    if done.returncode != 0:
        raise Problem(f"initdb could not make {folder}: {' '.join(done.stderr.split())}")
