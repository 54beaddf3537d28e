"""What a provider says of itself (OpenID Connect Discovery), checked."""

from dataclasses import dataclass
from typing import Any

from webmacs.config.checks import is_confidential
from webmacs.sso.http import Json
from webmacs.sso.refusal import unavailable

# Those that need the provider's private key. With `none` or HS256 anybody could sign who knows what is public.
ALGORITHMS = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"}


@dataclass(frozen=True)
class Metadata:
    """Where to send browsers and questions, and how answers are signed."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    algorithms: frozenset[str]
    secret_in_body: bool
    names_itself: bool  # in the address that browsers come back to (RFC 9207)


def read_metadata(issuer: str, said: Json) -> Metadata:
    """The metadata of `issuer`. Raises Refusal if it is another's, or lacks what a login needs."""
    if said.get("issuer") != issuer:
        raise unavailable(f"the provider calls itself {said.get('issuer')!r:.200}, not {issuer!r}")
    methods = _texts(said, "token_endpoint_auth_methods_supported", ["client_secret_basic"])
    algorithms = ALGORITHMS & set(_texts(said, "id_token_signing_alg_values_supported", ["RS256"]))
    if not algorithms:
        raise unavailable("the provider signs ID tokens with no algorithm that is known here")
    return Metadata(
        authorization_endpoint=_address(said, "authorization_endpoint"),
        token_endpoint=_address(said, "token_endpoint"),
        jwks_uri=_address(said, "jwks_uri"),
        userinfo_endpoint=_address(said, "userinfo_endpoint") if said.get("userinfo_endpoint") else None,
        algorithms=frozenset(algorithms),
        secret_in_body="client_secret_basic" not in methods and "client_secret_post" in methods,
        names_itself=said.get("authorization_response_iss_parameter_supported") is True,
    )


def _address(said: Json, key: str) -> str:
    address = said.get(key)
    if not isinstance(address, str) or not is_confidential(address):
        raise unavailable(f"the provider gives no proper {key}")
    return address


def _texts(said: Json, key: str, default: list[str]) -> list[Any]:
    texts = said.get(key, default)
    return [text for text in texts if isinstance(text, str)] if isinstance(texts, list) else default
