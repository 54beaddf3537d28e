"""Who somebody is, from claims of every kind that providers send."""

from typing import Any

import pytest

from webmacs.config import Sso
from webmacs.sso.person import Person, read_person
from webmacs.sso.refusal import Refusal


def entry(**more: Any) -> Sso:
    return Sso(name="lab", label="Lab", issuer="https://id.example.org", client_id="webmacs", **more)


def person(id_claims: dict[str, Any], user_info: dict[str, Any] | None = None, **more: Any) -> Person:
    return read_person(entry(**more), {"sub": "s", **id_claims}, user_info or {})


@pytest.mark.parametrize(
    ("claims", "username"),
    [
        ({"preferred_username": "ada"}, "ada"),
        ({"preferred_username": "ada@lab.example.org"}, "ada"),
        ({"preferred_username": "LAB\\ada lovelace"}, "LAB-ada-lovelace"),
        ({"preferred_username": "é", "name": "Ada Lovelace"}, "Ada-Lovelace"),
        ({"name": "Jörg Núñez"}, "Jorg-Nunez"),
        ({"email": "a.d.a@example.org", "name": "Ada"}, "a.d.a"),
        ({"preferred_username": "x" * 60}, "x" * 50),
        ({"preferred_username": "--a--", "name": 5}, "user"),
        ({"preferred_username": None}, "user"),
        ({"preferred_username": {"a": 1}}, "a-1"),
        ({}, "user"),
    ],
)
def test_a_user_name_of_our_form_is_found(claims: dict[str, Any], username: str) -> None:
    assert person(claims).username == username


@pytest.mark.parametrize(
    ("id_claims", "user_info", "email"),
    [
        ({"email": "a@b", "email_verified": True}, {}, "a@b"),
        ({}, {"email": "a@b", "email_verified": "true"}, "a@b"),
        ({"email": "a@b", "email_verified": False}, {"email": "a@b", "email_verified": True}, "a@b"),
        # one says which address, the other that some address is verified
        ({"email": "victim@b"}, {"email_verified": True}, None),
        ({"email": "victim@b"}, {"email": "a@b", "email_verified": True}, "a@b"),
        ({"email": "a@b", "email_verified": "True"}, {}, None),
        ({"email": "a@b", "email_verified": 1}, {}, None),
        ({"email": "a@b", "email_verified": [True]}, {}, None),
        ({"email": ["a@b"], "email_verified": True}, {}, None),
        ({"email": "a b@c", "email_verified": True}, {}, None),
        ({"email": "nowhere", "email_verified": True}, {}, None),
        ({"email": "a@b\0", "email_verified": True}, {}, None),
        ({"email": "\u212aate@example.org", "email_verified": True}, {}, None),
    ],
)
def test_only_a_verified_address_counts(
    id_claims: dict[str, Any], user_info: dict[str, Any], email: str | None
) -> None:
    assert person(id_claims, user_info).email == email


ROLES = {"watch": "viewer", "run": "operator", "root": "admin"}


@pytest.mark.parametrize(
    ("claim", "claims", "role"),
    [
        ("groups", {"groups": ["run", "watch"]}, "operator"),
        ("groups", {"groups": "watch"}, "viewer"),
        ("groups", {"groups": ["root", 5, None, ["run"]]}, "admin"),
        ("realm_access.roles", {"realm_access": {"roles": ["run"]}}, "operator"),
        ("https://lab.example.org/roles", {"https://lab.example.org/roles": ["run"]}, "operator"),
        ("a.b", {"a.b": "watch", "a": {"b": "run"}}, "viewer"),
    ],
)
def test_the_highest_role_of_the_claim_counts(claim: str, claims: dict[str, Any], role: str) -> None:
    assert person(claims, role_claim=claim, roles=ROLES, allow_admin=True).role == role


@pytest.mark.parametrize("claims", [{}, {"a": None}, {"a": {}}, {"a": {"b": "RUN"}}, {"a": {"b": {}}}, {"a": ["b"]}])
def test_no_role_is_a_refusal_or_the_default(claims: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as caught:
        person(claims, role_claim="a.b", roles=ROLES, allow_admin=True)
    assert caught.value.code == "no_role"
    assert person(claims, role_claim="a.b", roles=ROLES, allow_admin=True, default_role="viewer").role == "viewer"


def test_without_a_claim_the_provider_says_nothing_of_roles() -> None:
    assert person({"groups": ["root"]}, default_role="viewer").role is None
