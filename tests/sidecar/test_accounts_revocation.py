"""What an administrator changes holds for the very next request."""

import pytest

from tests.sidecar.conftest import Door
from tests.support.database import Database
from tests.support.people import Caller

CHANGES = {
    "token revoked": "select private.revoke(%(jti)s)",
    "token deleted": "delete from private.credentials where jti = %(jti)s",
    "account disabled": "update private.users set state = 'disabled' where id = %(id)s",
    "role changed": "update private.users set role = 'viewer' where id = %(id)s",
    "account deleted": "delete from private.users where id = %(id)s",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_ends_the_token_at_once(door: Door, ada: Caller, database: Database, change: str) -> None:
    assert door.get("/auth/me", ada.token).status_code == 200
    with database.connect() as connection:
        connection.execute(change.encode(), {"jti": ada.jti, "id": ada.id})
    assert door.get("/auth/me", ada.token).status_code == 401
