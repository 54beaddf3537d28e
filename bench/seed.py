"""Who and what the benchmarks need in a fresh database."""

from dataclasses import dataclass

import psycopg

from webmacs.accounts.passwords import hash_password
from webmacs.accounts.tokens import Grant, Tokens
from webmacs.config import Config
from webmacs.keys.folder import ensure_key

EVENTS = 500
PASSWORD = "bench-password"
SECONDS = 86_400

MAKE_EVENTS = """
    with instance as (
        insert into private.plugin_instances (controller_id, name, plugin)
        select id, 'bench', 'simulated' from private.controllers where name = 'bench'
        returning id
    ), event as (
        insert into private.events (name, unit, min_value, max_value)
        select 'bench ' || n, 'Cel', 0, 100 from generate_series(1, %s) n
        returning id
    )
    insert into private.channel_mappings (plugin_instance_id, channel, channel_name, unit, event_id)
    select instance.id, 'c' || event.id, 'c' || event.id, 'Cel', event.id from instance, event
"""
LOGIN = """
    select jti, sub, s.role, issued_at, expires_at
      from private.users u
     cross join private.open_session(u.id, %(kid)s, %(seconds)s, %(seconds)s, sha256(u.username::bytea), null, null) s
     where u.username = %(name)s
"""


@dataclass(frozen=True)
class Seed:
    """One controller with all events, one that has none yet, and a person of each kind that reads."""

    controller_token: str
    edge_token: str
    controller_credential: int
    viewer_token: str
    operator_token: str
    event_ids: list[int]
    events: list[str]


def seed(config: Config) -> Seed:
    """Fill an empty, migrated database."""
    keys = ensure_key(config)
    tokens, kid = Tokens(keys, config.auth), keys.current.kid
    with psycopg.connect(config.database.admin_uri, autocommit=True) as connection:
        connection.execute("select private.register_key(%s)", [kid])
        issue = "select * from private.issue_controller_token(%s, %s, %s)"
        controller, edge = (Grant(*_one(connection, issue, name, kid, SECONDS)) for name in ("bench", "edge"))
        (credential,) = _one(connection, "select id from private.credentials where jti = %s", controller.jti)
        password = hash_password(PASSWORD, config.auth.bcrypt_rounds)
        viewer, operator = (_person(connection, role, password, kid) for role in ("viewer", "operator"))
        connection.execute(MAKE_EVENTS, [EVENTS])
        rows = connection.execute("select id, public_id::text from private.events order by id").fetchall()
    return Seed(
        tokens.sign(controller),
        tokens.sign(edge),
        credential,
        tokens.sign(viewer),
        tokens.sign(operator),
        [row[0] for row in rows],
        [row[1] for row in rows],
    )


def _person(connection: psycopg.Connection, role: str, password: str, kid: str) -> Grant:
    _one(connection, "select private.add_user(%s, %s, %s, %s)", role, f"{role}@example.org", role, password)
    row = connection.execute(LOGIN, {"name": role, "kid": kid, "seconds": SECONDS}).fetchone()
    assert row is not None
    return Grant(*row)


def _one(connection: psycopg.Connection, statement: str, *parameters: object) -> tuple:  # type: ignore[type-arg]
    row = connection.execute(statement.encode(), parameters).fetchone()
    assert row is not None
    return row
