"""An empty database, and a copy of db/ to change."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.database import Database, drop, empty_database
from tests.support.postgres import Address
from webmacs.config import Config
from webmacs.resources import resource


@pytest.fixture
def empty(postgres: Address) -> Iterator[Database]:
    """A database with nothing in it."""
    made = empty_database(postgres)
    yield made
    drop(made)


@pytest.fixture
def settings(empty: Database, tmp_path: Path) -> Config:
    """The configuration of an installation on the empty database."""
    return empty.config(tmp_path)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A copy of db/."""
    return shutil.copytree(resource("db"), tmp_path / "db")
