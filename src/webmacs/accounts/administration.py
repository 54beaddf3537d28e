"""What an administrator at the command line does with accounts and tokens. Each function is one statement."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import class_row

from webmacs.accounts.grants import FOR_CONTROLLER, FOR_PROGRAM, REGISTER_KEY
from webmacs.accounts.tokens import Grant, Tokens
from webmacs.problem import Problem

IS_NAMED = "(lower(username) = lower(%(user)s) or lower(email) = lower(%(user)s))"


@dataclass(frozen=True)
class User:
    """An account."""

    username: str
    email: str | None
    role: str
    state: str
    created_at: datetime


@dataclass(frozen=True)
class Token:
    """A token that was issued, without the token itself."""

    jti: UUID
    kind: str
    owner: str
    role: str
    name: str | None
    read_only: bool
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    state: str


def list_users(connection: psycopg.Connection) -> list[User]:
    """All accounts, by name."""
    with connection.cursor(row_factory=class_row(User)) as cursor:
        statement = "select username, email, role::text, state::text, created_at from private.users order by username"
        return cursor.execute(statement).fetchall()


def add_user(
    connection: psycopg.Connection, username: str, email: str | None, role: str, password_hash: str | None
) -> None:
    """An active account."""
    values = [username, email, role, password_hash]
    connection.execute("select private.add_user(%s, %s, %s, %s)", values)


def user_id(connection: psycopg.Connection, user: str) -> int:
    """The number of the account with this user name or e-mail address. Raises Problem if there is none."""
    row = connection.execute(f"select id from private.users where {IS_NAMED}", {"user": user}).fetchone()  # noqa: S608
    if row is None:
        raise Problem(f"There is no user {user}; `webmacs user list` shows all.")
    return int(row[0])


def names(connection: psycopg.Connection, user: str) -> list[str]:
    """What others know of this user, which is no password: user name, e-mail address. Raises Problem as user_id."""
    number = user_id(connection, user)
    row = connection.execute("select username, email from private.users where id = %s", [number]).fetchone()
    return [name for name in row or () if name]


def set_state(connection: psycopg.Connection, user: str, state: str) -> None:
    """active or disabled; who is disabled is out at once."""
    number = user_id(connection, user)
    connection.execute("update private.users set state = %s where id = %s", [state, number])


def set_role(connection: psycopg.Connection, user: str, role: str) -> None:
    """viewer, operator or admin; ends the sessions with the old role."""
    number = user_id(connection, user)
    connection.execute("update private.users set role = %s where id = %s", [role, number])


def set_password(connection: psycopg.Connection, user: str, password_hash: str) -> None:
    """Sets it and ends all sessions of the user."""
    connection.execute("select private.set_password(%s, %s, null)", [user_id(connection, user), password_hash])


def new_password_reset(connection: psycopg.Connection, user: str, hours: int) -> str:
    """A secret with which this active user sets a password, once, in so many hours."""
    values = [user_id(connection, user), hours]
    row = connection.execute("select secret from private.new_password_reset(%s, %s)", values).fetchone()
    if row is None:
        raise Problem("The database made no secret.")
    return str(row[0])


def issue_api_token(connection: psycopg.Connection, tokens: Tokens, user: str, values: dict[str, Any]) -> str:
    """A token for a program of `user`; `values` are role, name and seconds."""
    return _issue(connection, tokens, FOR_PROGRAM, {**values, "user_id": user_id(connection, user)})


def issue_controller_token(connection: psycopg.Connection, tokens: Tokens, name: str, seconds: int) -> str:
    """A token for the controller `name`, which is made if there is none."""
    return _issue(connection, tokens, FOR_CONTROLLER, {"name": name, "seconds": seconds})


def list_tokens(connection: psycopg.Connection, everything: bool) -> list[Token]:
    """Tokens that count, or also those that no longer do; newest first."""
    statement = """
        select t.jti, t.kind::text, coalesce(u.username, 'controller ' || c.name) as owner, t.role::text, t.name,
               t.read_only, t.created_at, t.expires_at, t.last_used_at,
               case when t.revoked_at is not null then 'revoked'
                    when t.expires_at <= now() then 'expired' else 'valid' end as state
          from private.credentials t
          left join private.users u on u.id = t.user_id
          left join private.controllers c on c.id = t.controller_id
         where %s or (t.revoked_at is null and t.expires_at > now())
         order by t.id desc
    """
    with connection.cursor(row_factory=class_row(Token)) as cursor:
        return cursor.execute(statement, [everything]).fetchall()


def revoke(connection: psycopg.Connection, jti: UUID) -> bool:
    """End a token at once. False: there is none that counts."""
    row = connection.execute("select private.revoke(%s)", [jti]).fetchone()
    return bool(row and row[0])


def revoke_all(connection: psycopg.Connection, user: str) -> int:
    """End all sessions and tokens of a user at once; how many they were."""
    number = user_id(connection, user)
    statement = """
        select api.revoke_all('everything', u.public_id, but_this_one => false) from private.users u where u.id = %s
    """
    row = connection.execute(statement, [number]).fetchone()
    return int(row[0]) if row else 0


def _issue(connection: psycopg.Connection, tokens: Tokens, statement: str, values: dict[str, Any]) -> str:
    kid = tokens.keys.current.kid
    connection.execute(REGISTER_KEY, [kid])
    with connection.cursor(row_factory=class_row(Grant)) as cursor:
        grant = cursor.execute(statement.encode(), {**values, "kid": kid}).fetchone()
    if grant is None:
        raise Problem("The database issued no token.")
    return tokens.sign(grant)
