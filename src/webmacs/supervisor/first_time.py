"""What a new installation needs in its database: an administrator, a token for the demo controller, rules to see."""

import secrets
from dataclasses import dataclass
from pathlib import Path

import psycopg

from webmacs.accounts.lifetimes import DAY
from webmacs.accounts.passwords import hash_password
from webmacs.accounts.tokens import Grant, Tokens
from webmacs.config import Config
from webmacs.demo import fill_yesterday, is_new, make_dashboard, make_rules
from webmacs.errors import ApiError
from webmacs.files import write_private
from webmacs.keys.folder import ensure_key
from webmacs.keys.key import KeySet

CONTROLLER_NAME = "demo"
CONTROLLER_TOKEN = "controller.token"  # noqa: S105 - a file


@dataclass(frozen=True)
class FirstAdmin:
    """Name and password of the administrator that was made; the password is stored nowhere."""

    name: str
    password: str


def ensure_admin(config: Config) -> FirstAdmin | None:
    """Make an administrator if there is no account at all. Returns what to print, once."""
    with psycopg.connect(config.database.admin_uri) as connection:
        connection.execute("set role webmacs_owner")
        connection.execute("lock table private.users in share row exclusive mode")
        if connection.execute("select from private.users limit 1").fetchone() is not None:
            return None
        admin = FirstAdmin("admin", secrets.token_urlsafe(12))
        password_hash = hash_password(admin.password, config.auth.bcrypt_rounds)
        connection.execute("select private.add_user(%s, null, 'admin', %s)", (admin.name, password_hash))
    return admin


def ensure_controller_token(config: Config) -> None:
    """Write the demo controller's token unless there is one that still counts."""
    file = config.folder / CONTROLLER_TOKEN
    keys = ensure_key(config)
    with psycopg.connect(config.database.admin_uri) as connection:
        connection.execute("set role webmacs_owner")
        if not _counts(connection, Tokens(keys, config.auth), file):
            write_private(file, _issue(connection, config, keys))


def ensure_demo(config: Config) -> None:
    """Make the demo's yesterday, its rules and its dashboard, once. The demo controller has been heard."""
    with psycopg.connect(config.database.admin_uri, autocommit=True) as connection:
        connection.execute("set role webmacs_owner")
        if is_new(connection):
            fill_yesterday(connection)
    with psycopg.connect(config.database.admin_uri) as connection:
        make_rules(connection)
        connection.commit()
        make_dashboard(connection)


def _counts(connection: psycopg.Connection, tokens: Tokens, file: Path) -> bool:
    """Whether the token in `file` verifies, and this database knows it and has not revoked it."""
    try:
        claims = tokens.verify(file.read_text(encoding="utf-8").strip())
    except (FileNotFoundError, ApiError):
        return False
    statement = "select from private.credentials where jti = %s and revoked_at is null"
    return connection.execute(statement, (claims["jti"],)).fetchone() is not None


def _issue(connection: psycopg.Connection, config: Config, keys: KeySet) -> str:
    connection.execute("select private.register_key(%s)", (keys.current.kid,))
    row = connection.execute(
        "select jti, sub, role, issued_at, expires_at from private.issue_controller_token(%s, %s, %s)",
        (CONTROLLER_NAME, keys.current.kid, config.auth.controller_token_days * DAY),
    ).fetchone()
    assert row is not None  # noqa: S101
    return Tokens(keys, config.auth).sign(Grant(*row))
