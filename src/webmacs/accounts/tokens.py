"""Signing and verifying access tokens. Whether a signed token still counts is the database's to say."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import jwt

from webmacs.config import Auth
from webmacs.errors import unauthorized
from webmacs.keys.key import Keys

ALGORITHM = "RS256"
REQUIRED = ["role", "sub", "jti", "iss", "aud", "iat", "exp"]
LONGEST = 4096  # characters; ours have some 700
NOBODY = "webmacs_anon"
# Seconds that our clock may differ from the database's, as PostgREST allows; the database judges `exp` to the second.
LEEWAY = 30


@dataclass(frozen=True)
class Grant:
    """A row of credentials that was just made: what its token has to say. `role` is the database role.

    `kid`: the key that was noted for it; None: the one that signs now.
    """

    jti: UUID
    sub: UUID
    role: str
    issued_at: datetime
    expires_at: datetime
    kid: str | None = field(default=None, kw_only=True)

    @property
    def lifetime(self) -> int:
        """Seconds from issue to expiry."""
        return int((self.expires_at - self.issued_at).total_seconds())


class Tokens:
    """Signs grants and verifies tokens with the keys of this installation."""

    def __init__(self, keys: Keys, auth: Auth) -> None:
        self.keys = keys
        self._auth = auth

    def sign(self, grant: Grant) -> str:
        """The token of `grant`, signed with the key that was noted for it."""
        key = self.keys.find(grant.kid) or self.keys.current
        return jwt.encode(self._claims(grant), key.private, ALGORITHM, headers={"kid": key.kid})

    def sign_for_nobody(self, seconds: int) -> str:
        """One that PostgREST takes and with which nothing may be done: to find out whether PostgREST works."""
        now = int(datetime.now(UTC).timestamp())
        claims = {"role": NOBODY, "aud": self._auth.audience, "iat": now, "exp": now + seconds}
        return jwt.encode(claims, self.keys.current.private, ALGORITHM, headers={"kid": self.keys.current.kid})

    def verify(self, token: str) -> dict[str, Any]:
        """The claims of a token that we signed, for us, not expired, and its `kid`. Raises ApiError 401."""
        if len(token) > LONGEST:
            raise unauthorized("The token is not valid.")
        try:
            return self._decode(token)
        except jwt.ExpiredSignatureError:
            raise unauthorized("The token has expired.") from None
        except jwt.ImmatureSignatureError:
            raise unauthorized("The token is of a time to come.", "The clock of the server is behind.") from None
        except (jwt.InvalidTokenError, ValueError, RecursionError):  # the last: JSON nested deeply
            raise unauthorized("The token is not valid.") from None

    def _decode(self, token: str) -> dict[str, Any]:
        key = self.keys.find(jwt.get_unverified_header(token).get("kid"))
        if key is None:
            raise jwt.InvalidTokenError
        claims: dict[str, Any] = jwt.decode(
            token,
            key.public,
            algorithms=[ALGORITHM],
            issuer=self._auth.issuer,
            audience=self._auth.audience,
            leeway=LEEWAY,
            options={"require": REQUIRED},
        )
        return {**claims, "kid": key.kid}

    def _claims(self, grant: Grant) -> dict[str, Any]:
        return {
            "role": grant.role,
            "sub": str(grant.sub),
            "jti": str(grant.jti),
            "iss": self._auth.issuer,
            "aud": self._auth.audience,
            "iat": int(grant.issued_at.timestamp()),
            "exp": int(grant.expires_at.timestamp()),
        }
