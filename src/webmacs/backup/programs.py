"""Finds pg_dump and pg_restore. They must be as new as the server, for an older one refuses to work with it."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from webmacs.config import Config
from webmacs.embedded.place import bundled_programs
from webmacs.problem import Problem

DEBIAN = Path("/usr/lib/postgresql")


def find_programs(config: Config, major: int) -> Path:
    """The folder of both, of this major version, else of the next newer one that is there. Raises Problem."""
    found = {_major_of(folder): folder for folder in _candidates(config)}
    fitting = [version for version in found if version >= major]
    if not fitting:
        raise Problem(
            f"There is no pg_dump of PostgreSQL {major} or newer; install it: apt-get install postgresql-client-{major}"
        )
    return found[min(fitting)]


def _candidates(config: Config) -> Iterator[Path]:
    """The better one of the same version comes later."""
    if on_path := shutil.which("pg_dump"):
        yield Path(on_path).parent
    yield from (folder / "bin" for folder in DEBIAN.glob("[0-9]*") if (folder / "bin" / "pg_dump").exists())
    try:
        yield bundled_programs()
    except Problem:
        if config.database.embedded:
            raise


def _major_of(folder: Path) -> int:
    """0: it does not run, or has no pg_restore beside it."""
    try:
        said = subprocess.run([folder / "pg_dump", "--version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return 0
    version = re.search(r"(\d+)[.\w]*", said)
    return int(version[1]) if version and (folder / "pg_restore").exists() else 0
