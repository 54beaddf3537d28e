"""Whether REST API and sidecar answer, the first with a real token."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import psycopg
from psycopg.rows import class_row

from webmacs import here
from webmacs.accounts.grants import FOR_PROGRAM, REGISTER_KEY
from webmacs.accounts.tokens import Grant, Tokens
from webmacs.config import Config
from webmacs.doctor import form
from webmacs.doctor.result import Result
from webmacs.keys.folder import load_keys
from webmacs.problem import Problem

SECONDS = 60  # that the token for the trial is valid; it is removed at once

SOMEBODY = "select id from private.users where state = 'active' order by role desc, id limit 1"


def rest_api(config: Config) -> Result:
    """PostgREST verifies a token of ours, and answers who we are."""
    there = here.rest_api(config)
    with trial_token(config) as token, there.client() as client:
        response = client.get("/me", headers={"Authorization": f"Bearer {token}"})
    if response.status_code == 200 and len(_json(response) or []) == 1:
        return Result("REST API", f"{there} knows a token of ours")
    said = f"{there}: /me answered {response.status_code}: {response.text[:200]}"
    return Result("REST API", said, f"{form.restart_rest_api(config)}: it reads postgrest.conf and the keys anew then.")


def sidecar(config: Config) -> Result:
    """The sidecar says that each part works."""
    there = here.sidecar(config)
    with there.client() as client:
        answer = _json(client.get("/health"))
    if not isinstance(answer, dict) or "components" not in answer:
        return Result("sidecar", f"{there} is answered by another program", "Stop it, or choose another [server] port.")
    components = answer["components"]
    ill = [f"{name}: {part['problem']}" for name, part in components.items() if not part["ok"]]
    advice = f"See why: {form.log_of_sidecar(config)}." if ill else None
    return Result("sidecar", "; ".join(ill) or f"{', '.join(components)} work", advice)


def _json(response: httpx.Response) -> Any:
    """What was answered; None if that is no JSON."""
    try:
        return response.json()
    except ValueError:
        return None


@contextmanager
def trial_token(config: Config) -> Iterator[str]:
    """A viewer's token of the first account, gone after use."""
    keys = load_keys(config)
    if keys is None:
        raise Problem("There is no key to sign a token with.")
    with psycopg.connect(config.database.admin_uri, autocommit=True, row_factory=class_row(Grant)) as connection:
        grant = _grant(connection, keys.current.kid)
        try:
            yield Tokens(keys, config.auth).sign(grant)
        finally:
            connection.execute("delete from private.credentials where jti = %s", [grant.jti])


def _grant(connection: psycopg.Connection[Grant], kid: str) -> Grant:
    user = connection.cursor(row_factory=psycopg.rows.scalar_row).execute(SOMEBODY).fetchone()
    if user is None:
        raise Problem("There is no active account; add one: webmacs user add NAME --role admin")
    connection.execute(REGISTER_KEY, [kid])
    values = {"user_id": user, "role": "viewer", "read_only": True, "name": "webmacs doctor", "seconds": SECONDS}
    grant = connection.execute(FOR_PROGRAM, {**values, "kid": kid}).fetchone()
    if grant is None:
        raise Problem("The database issued no token.")
    return grant
