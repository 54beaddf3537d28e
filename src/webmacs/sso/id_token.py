"""Whether an ID token is what the provider says to us, about this login, now."""

from collections.abc import Collection
from hashlib import sha256

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from webmacs.config import Sso
from webmacs.sso.http import Json
from webmacs.sso.refusal import untrusted

LEEWAY = 60  # seconds that the provider's clock may differ from ours
LONGEST_SUBJECT = 255  # characters, as OpenID Connect has it


class UnknownKey(Exception):
    """The token names a key that is not in the set."""


def signed_claims(token: object, keys: KeySet, algorithms: Collection[str]) -> jwt.Token:
    """The header and the claims of a token that one of `keys` has signed. Raises UnknownKey or Refusal."""
    registry = JWSRegistry(algorithms=list(algorithms), strict_check_header=False)
    if not isinstance(token, str):
        raise untrusted("the provider gave no ID token")
    try:
        return jwt.decode(token, keys, registry=registry)
    except InvalidKeyIdError:
        raise UnknownKey from None
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise untrusted(f"the ID token is not signed as it must be: {type(error).__name__}") from None


def check_claims(token: jwt.Token, provider: Sso, nonce_hash: bytes | None, access_token: object) -> Json:
    """The claims, if they are meant for us and for this login; None: one that has been before. Raises Refusal."""
    claims = CodeIDToken(
        token.claims,
        token.header,
        {"iss": {"essential": True, "value": provider.issuer}, "aud": {"essential": True, "value": provider.client_id}},
        {"client_id": provider.client_id, "access_token": access_token},
    )
    try:
        claims.validate(leeway=LEEWAY)
    except (JoseError, ValueError, TypeError, OverflowError) as error:
        raise untrusted(f"the ID token is refused: {type(error).__name__} {error}") from None
    if nonce_hash is not None and sha256(str(claims.get("nonce")).encode()).digest() != nonce_hash:
        raise untrusted("the ID token has another nonce: it was made for another login")
    subject = claims["sub"]
    if not subject.isprintable() or not 1 <= len(subject) <= LONGEST_SUBJECT:
        raise untrusted("the subject of the ID token is not a text of 1 to 255 characters")
    return dict(claims)
