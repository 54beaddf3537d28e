"""Logins under way and one-time codes, in the database, which sees only the SHA-256 of what is secret but compared."""

from dataclasses import asdict, dataclass
from hashlib import sha256

from psycopg.rows import class_row

from webmacs.config import Sso
from webmacs.database import Connection, Pool
from webmacs.sso.person import Person

LOGIN_SECONDS = 600  # at the provider
CODE_SECONDS = 60  # from the provider's answer to the page's question

BEGIN = "select private.begin_sso_login(%s, %s, %s, %s, %s, %s, %s)"
TAKE = """
    select provider, nonce_hash, verifier, next
      from private.take_sso_login(%s, %s)
     where provider is not null
"""
LOG_IN = """
    select user_id, refusal
      from private.log_in_by_sso(
          %(issuer)s, %(subject)s, %(email)s, %(username)s, %(role)s::api.role, nullif(%(default_role)s, '')::api.role,
          %(create_users)s, %(link_by_email)s, %(allow_admin)s, %(name)s, %(refresh_token)s, %(code)s, %(browser)s,
          %(seconds)s)
"""
TAKE_CODE = """
    select user_id, identity_id, provider, refresh_token
      from private.take_sso_code(%s, %s)
     where user_id is not null
"""
# What the settings say of accounts.
POLICY = ("name", "issuer", "default_role", "create_users", "link_by_email", "allow_admin")


@dataclass(frozen=True)
class Secrets:
    """What ties the three steps of a login together; all random."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class Login:
    """A login under way, of the browser that is back."""

    provider: str
    nonce_hash: bytes
    verifier: str
    next: str


@dataclass(frozen=True)
class TakenCode:
    """The account that a browser may log in to, and as whom of which provider, which gave a refresh token or none."""

    user_id: int
    identity_id: int
    provider: str
    refresh_token: str | None


@dataclass(frozen=True)
class Decision:
    """The account that a person is, if there is one, and why the person may not log in; None: it may."""

    user_id: int | None
    refusal: str | None


def digest(secret: str) -> bytes:
    """What the database sees of a secret."""
    return sha256(secret.encode()).digest()


async def begin(pool: Pool, provider: str, secrets: Secrets, browser: str, next_path: str) -> None:
    """Note that this browser is sent to a provider."""
    hashes = [digest(secrets.state), digest(browser), digest(secrets.nonce)]
    async with pool.connection() as connection:
        await connection.execute(BEGIN, [provider, *hashes, secrets.verifier, next_path, LOGIN_SECONDS])


async def take_login(pool: Pool, state: str, browser: str) -> Login | None:
    """The login that this browser began with this state, once."""
    async with pool.connection() as connection, connection.cursor(row_factory=class_row(Login)) as cursor:
        await cursor.execute(TAKE, [digest(state), digest(browser)])
        return await cursor.fetchone()


async def decide(
    pool: Pool, settings: Sso, person: Person, refresh_token: str | None, code: str, browser: str
) -> Decision:
    """Which account this person is. If it may log in, `code` is good for this browser from now on."""
    policy = {key: getattr(settings, key) for key in POLICY}
    secrets = {"code": digest(code), "browser": digest(browser), "refresh_token": refresh_token}
    values = {**policy, **asdict(person), **secrets, "seconds": CODE_SECONDS}
    async with pool.connection() as connection, connection.cursor(row_factory=class_row(Decision)) as cursor:
        await cursor.execute(LOG_IN, values)
        decision = await cursor.fetchone()
    if decision is None:  # the function always answers
        raise RuntimeError("private.log_in_by_sso answered nothing")
    return decision


async def take_code(connection: Connection, code: str, browser: str) -> TakenCode | None:
    """How this browser may log in with this code, once."""
    async with connection.cursor(row_factory=class_row(TakenCode)) as cursor:
        await cursor.execute(TAKE_CODE, [digest(code), digest(browser)])
        return await cursor.fetchone()
