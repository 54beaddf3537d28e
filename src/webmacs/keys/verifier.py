"""Whether PostgREST verifies tokens of a key, found out with a token that nobody can use."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx

from webmacs import here
from webmacs.accounts.tokens import Grant, Tokens
from webmacs.config import Config
from webmacs.keys.key import Key, KeySet

PATIENCE = 10.0  # seconds that PostgREST has to read its configuration
AGAIN = 1.0  # seconds after which it is told again: it may not have been listening
PAUSE = 0.05
REFUSED_SIGNATURE = "PGRST301"


def verifies(config: Config, key: Key) -> bool | None:
    """Whether it does; None if no PostgREST answers. A signature that is right gets as far as the unknown `jti`."""
    now = datetime.now(UTC)
    grant = Grant(uuid4(), uuid4(), "webmacs_viewer", now, now + timedelta(minutes=1))
    token = Tokens(KeySet((key,)), config.auth).sign(grant)
    try:
        with here.rest_api(config).client() as client:
            response = client.get("/me", headers={"Authorization": f"Bearer {token}"})
        code = response.json()["code"]
    except (httpx.TransportError, ValueError, KeyError, TypeError):
        return None
    return None if response.status_code == httpx.codes.SERVICE_UNAVAILABLE else code != REFUSED_SIGNATURE


def wait_until(config: Config, key: Key, wanted: bool, announce: Callable[[], None]) -> bool | None:
    """Announce the keys until PostgREST verifies those tokens, or does not any more.

    False: it does not do so in time; None: none answers.
    """
    deadline = time.monotonic() + PATIENCE
    announced_at = float("-inf")
    while time.monotonic() < deadline:
        if time.monotonic() - announced_at > AGAIN:
            announce()
            announced_at = time.monotonic()
        found = verifies(config, key)
        if found is None or found == wanted:
            return None if found is None else True
        time.sleep(PAUSE)
    return False
