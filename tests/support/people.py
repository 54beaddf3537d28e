"""Accounts and controllers with real tokens."""

import itertools
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tests.support.postgres import Connection
from webmacs.accounts.tokens import Grant, Tokens

ROLES = ("viewer", "operator", "admin")
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Caller:
    """A person, program or controller with a token. `id` is the user's or the controller's."""

    name: str
    role: str
    id: int
    public_id: UUID
    jti: UUID
    credential_id: int
    claims: dict[str, Any]
    token: str

    @property
    def database_role(self) -> str:
        return f"webmacs_{self.role}"


class People:
    """Makes accounts in a database, and opens sessions for them."""

    def __init__(self, superuser: Connection, tokens: Tokens) -> None:
        self._superuser = superuser
        self.tokens = tokens
        self.kid = tokens.keys.current.kid
        superuser.execute("select private.register_key(%s)", (self.kid,))
        self._one_of_each: dict[str, Caller] = {}

    def the(self, role: str) -> Caller:
        """Always the same one of this role."""
        if role not in self._one_of_each:
            self._one_of_each[role] = self.controller() if role == "controller" else self.user(role)
        return self._one_of_each[role]

    def user(self, role: str = "viewer", name: str | None = None, password_hash: str | None = None) -> Caller:
        """A new active user who is logged in."""
        name = name or f"{role}{next(_numbers)}"
        self._superuser.execute(
            "select private.add_user(%s, %s, %s, %s)", (name, f"{name}@example.org", role, password_hash)
        )
        return self.session(name)

    def session(self, name: str, seconds: int = 3600) -> Caller:
        """Another session of a user."""
        user_id, role = self._one("select id, role from private.users where username = %s", name)
        statement = (
            "select jti, sub, role, issued_at, expires_at"
            " from private.open_session(%s, %s, %s, %s, sha256(uuid_send(gen_random_uuid())), null, null)"
        )
        grant = self._one(statement, user_id, self.kid, seconds, seconds)
        return self._caller(name, role, user_id, Grant(*grant))

    def api_token(self, name: str, role: str, seconds: int = 3600, *, read_only: bool = False) -> Caller:
        """A token for a program, which acts as this user."""
        (user_id,) = self._one("select id from private.users where username = %s", name)
        statement = "select * from private.issue_api_token(%s, %s, 'program', %s, %s, %s)"
        grant = self._one(statement, user_id, role, self.kid, seconds, read_only)
        return self._caller(name, role, user_id, Grant(*grant))

    def controller(self, name: str | None = None, seconds: int = 3600) -> Caller:
        """A token of a controller, which is made if there is none of this name."""
        name = name or f"controller {next(_numbers)}"
        statement = "select * from private.issue_controller_token(%s, %s, %s)"
        grant = Grant(*self._one(statement, name, self.kid, seconds))
        (controller_id,) = self._one("select id from private.controllers where name = %s", name)
        return self._caller(name, "controller", controller_id, grant)

    def revoke(self, caller: Caller) -> None:
        """End the token of this caller."""
        self._superuser.execute("select private.revoke(%s)", (caller.jti,))

    def _caller(self, name: str, role: str, number: int, grant: Grant) -> Caller:
        token = self.tokens.sign(grant)
        (credential_id,) = self._one("select id from private.credentials where jti = %s", grant.jti)
        claims = self.tokens.verify(token)
        return Caller(name, role, number, grant.sub, grant.jti, credential_id, claims, token)

    def _one(self, statement: str, *parameters: object) -> tuple[Any, ...]:
        row = self._superuser.execute(statement.encode(), parameters).fetchone()
        assert row is not None
        return row
