"""What the sidecar does for somebody is written down under that name, not under its own."""

import pytest

from tests.sidecar.conftest import PASSWORD, Door
from tests.support.database import Database
from tests.support.people import Caller


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/auth/tokens", {"name": "export"}),
        ("/auth/password", {"old_password": PASSWORD, "new_password": "a quite different one"}),
        ("/auth/logout", None),
    ],
)
def test_names_who_asked(path: str, body: dict[str, str] | None, door: Door, ada: Caller, database: Database) -> None:
    with database.connect() as connection:
        last = connection.execute("select max(id) from private.audit_log").fetchone()
        assert door.post(path, body, ada.token).is_success
        lines = connection.execute("select actor, role from private.audit_log where id > %s", last).fetchall()
    assert set(lines) == {(ada.name, "webmacs_operator")}
