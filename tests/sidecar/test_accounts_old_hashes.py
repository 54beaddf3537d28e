"""Hashes of bcrypt alone, from before, go on counting and are made anew at login."""

from collections.abc import Callable

import bcrypt
import pytest

from tests.sidecar.conftest import PASSWORD, Door
from tests.support.database import Database
from tests.support.people import Caller, People
from webmacs.accounts.passwords import hash_password, is_outdated, matches


def old_hash(password: str, rounds: int = 4) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(rounds)).decode()


def stored(database: Database, user: Caller) -> str:
    with database.connect() as connection:
        row = connection.execute("select password_hash from private.users where id = %s", [user.id]).fetchone()
    assert row is not None
    return str(row[0])


@pytest.mark.parametrize(("make", "rounds"), [(old_hash, 4), (old_hash, 5), (hash_password, 5)])
def test_is_made_anew_once(
    door: Door, people: People, database: Database, make: Callable[[str, int], str], rounds: int
) -> None:
    before = make(PASSWORD, rounds)
    ada = people.user(password_hash=before)
    assert door.login(ada.name, "wrong password").status_code == 401
    assert stored(database, ada) == before
    assert door.login(ada.name).status_code == 200
    after = stored(database, ada)
    assert not is_outdated(after, 4)
    assert door.login(ada.name).status_code == 200
    assert stored(database, ada) == after
    assert door.get("/auth/me", ada.token).status_code == 200  # nobody was logged out


@pytest.mark.parametrize(
    ("given", "right"),
    [("x" * 72, True), ("x" * 71, False), ("x" * 73, False), ("x" * 500, False), ("x" * 71 + "y", False)],
)
def test_of_an_old_hash_72_bytes_count(given: str, right: bool) -> None:
    assert matches(given, old_hash("x" * 72)) is right


def test_a_password_is_not_its_digest() -> None:
    """Nor are two hashes of the same password alike."""
    first, second = (hash_password(PASSWORD, 4) for _ in range(2))
    assert first != second
    assert matches(PASSWORD, first)
    assert not matches(first, first)
