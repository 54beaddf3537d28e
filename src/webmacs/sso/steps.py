"""The steps of a login by a provider: there, and back."""

import logging
import secrets
from dataclasses import dataclass

from webmacs.database import Pool
from webmacs.sso import store
from webmacs.sso.confirmation import refresh_token_in
from webmacs.sso.provider import Provider
from webmacs.sso.refusal import Refusal
from webmacs.sso.store import Login, Secrets

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answer:
    """What a browser brings back from a provider, in its address."""

    code: str | None
    error: str | None
    issuer: str | None


def random_secret() -> str:
    """256 bits in 43 characters, which is also what PKCE wants of a verifier."""
    return secrets.token_urlsafe(32)


async def go(pool: Pool, provider: Provider, browser: str, next_path: str) -> str:
    """The address at the provider to send this browser to. Raises Refusal if the provider does not answer."""
    chosen = Secrets(random_secret(), random_secret(), random_secret())
    address = await provider.address_to_log_in(chosen.state, chosen.nonce, chosen.verifier)
    await store.begin(pool, provider.settings.name, chosen, browser, next_path)
    return address


async def come_back(pool: Pool, provider: Provider, login: Login, answer: Answer, browser: str) -> str:
    """A one-time code for the browser that is back. Raises Refusal if the person may not log in."""
    await provider.check_issuer(answer.issuer)
    if answer.code is None:
        code = "access_denied" if answer.error == "access_denied" else "provider_refused"
        raise Refusal(code, f"the provider answered {answer.error or 'nothing'!s:.100}")
    tokens = await provider.redeem(answer.code, login.verifier)
    person = await provider.person(tokens, login.nonce_hash)
    code = random_secret()
    refresh_token = refresh_token_in(tokens, provider.settings)
    decision = await store.decide(pool, provider.settings, person, refresh_token, code, browser)
    if decision.refusal is not None:
        raise Refusal(decision.refusal, f"{decision.refusal}, user id {decision.user_id or 'none'}", decision.user_id)
    log.info("login by %s, user id %s", provider.settings.name, decision.user_id)
    return code
