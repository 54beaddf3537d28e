"""Who somebody is, from what the provider says in its ID token and its user info."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args

from webmacs.accounts.fields import check_email
from webmacs.config import Sso
from webmacs.config.sso import Role
from webmacs.sso.http import Json
from webmacs.sso.refusal import Refusal

ROLES = get_args(Role)  # each may do more than the one before
NAMELESS = "user"


@dataclass(frozen=True)
class Person:
    """`email` only if the provider has verified it; `role` None: the provider says nothing of it."""

    subject: str
    email: str | None
    username: str
    role: str | None


def read_person(provider: Sso, id_claims: Json, user_info: Json) -> Person:
    """The person of these claims; those that are signed come first. Raises Refusal if no role follows from them."""
    claims = {**user_info, **id_claims}
    return Person(
        subject=id_claims["sub"],
        email=_verified_email(id_claims) or _verified_email(user_info),
        username=_username(claims),
        role=_role(provider, claims),
    )


def _verified_email(claims: Json) -> str | None:
    """The address, if the same claims say that it is verified; some providers say so in a text.

    Only in ASCII: beyond it, letters that differ can be the same in lower case (the Kelvin sign is a k).
    """
    email, verified = claims.get("email"), claims.get("email_verified")
    is_verified = verified is True or verified == "true"
    if not is_verified or not isinstance(email, str) or not email.isascii():
        return None
    try:
        return check_email(email)
    except ValueError:
        return None


def _username(claims: Json) -> str:
    """A user name of the form that ours have, close to what the person is called there; é becomes e."""
    wishes = (str(claims.get(key) or "").partition("@")[0] for key in ("preferred_username", "email", "name"))
    plain = (re.sub(r"[\u0300-\u036f]", "", unicodedata.normalize("NFKD", wish)) for wish in wishes)
    names = (re.sub(r"[^A-Za-z0-9._-]+", "-", wish).strip("-")[:50] for wish in plain)
    return next((name for name in names if len(name) > 1), NAMELESS)


def _role(provider: Sso, claims: Json) -> str | None:
    """The highest role that follows from the claim; None if no claim says anything of roles."""
    if not provider.role_claim:
        return None
    found = {provider.roles[value] for value in _texts(_find(claims, provider.role_claim)) if value in provider.roles}
    role = max(found, key=ROLES.index, default=provider.default_role)
    if not role:
        raise Refusal("no_role", f"nothing in {provider.role_claim} gives a role")
    return role


def _find(claims: Json, path: str) -> Any:
    """The claim of this name; or, with dots, the one within objects: realm_access.roles."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _texts(value: Any) -> Iterator[str]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str):
            yield one
