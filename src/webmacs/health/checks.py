"""How database, PostgREST and keys are asked whether they work. The other parts add their own checks."""

import json

import httpx

from webmacs.accounts.lifetimes import DAY
from webmacs.accounts.tokens import Tokens
from webmacs.config import Config
from webmacs.database import Pool
from webmacs.health import Check, Finding
from webmacs.keys.folder import JWKS


def database_check(pool: Pool) -> Check:
    """A query through the same function and table that a login uses."""

    async def check() -> Finding:
        async with pool.connection() as connection:
            await connection.execute("select from private.login_candidate('')")
        return Finding("looked up an account")

    return check


def clock_check(pool: Pool) -> Check:
    """The clock, beside the newest time that was seen. A wrong one is told and no failure: everything else works."""

    async def check() -> Finding:
        async with pool.connection() as connection:
            row = await (await connection.execute("select private.clock_problem()")).fetchone()
        return Finding((row and row[0]) or "compared the clock with the newest time seen")

    return check


def postgrest_check(client: httpx.AsyncClient, tokens: Tokens) -> Check:
    """A request to the REST API itself, which verifies a token of ours and asks the database."""
    # used as long as it counts: PostgREST 12.0.2 never forgets one that it has verified
    token = ""

    async def ask() -> httpx.Response:
        return await client.get("/", headers={"Authorization": f"Bearer {token}"})

    async def check() -> Finding:
        nonlocal token
        response = await ask() if token else None
        if response is None or response.status_code == httpx.codes.UNAUTHORIZED:
            token = tokens.sign_for_nobody(DAY)
            response = await ask()
        problem = None if response.is_success else f"It answered {response.status_code}."
        return Finding("asked the REST API with a token that may do nothing", problem)

    return check


def keys_check(config: Config, tokens: Tokens) -> Check:
    """The public set that PostgREST reads has the key that we sign with."""
    file = config.auth.keys_dir / JWKS

    async def check() -> Finding:
        kids = [key["kid"] for key in json.loads(file.read_bytes())["keys"]]
        known = tokens.keys.current.kid in kids
        return Finding(f"read {JWKS}", None if known else f"{JWKS} lacks the signing key.")

    return check
