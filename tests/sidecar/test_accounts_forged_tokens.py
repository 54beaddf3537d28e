"""Tokens that we did not sign for this are refused, whatever is wrong with them."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.sidecar.conftest import Door
from tests.support.people import Caller, People
from webmacs.accounts.keys import Key, KeySet

Forge = Callable[[dict[str, Any], Key], str]


def signed(claims: dict[str, Any], key: Key, **header: Any) -> str:
    return jwt.encode(claims, key.private, "RS256", headers={"kid": key.kid, **header})


def without(name: str) -> Forge:
    return lambda claims, key: signed({k: v for k, v in claims.items() if k != name}, key)


def having(**other: Any) -> Forge:
    return lambda claims, key: signed({**claims, **other}, key)


def by_a_foreign_key(claims: dict[str, Any], key: Key) -> str:
    foreign = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode(claims, foreign, "RS256", headers={"kid": key.kid})


def confused(claims: dict[str, Any], key: Key) -> str:
    """HS256 with the public key as its secret; made by hand, because PyJWT refuses to make it."""
    secret = key.public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    text = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': key.kid})}.{part(claims)}"
    return f"{text}.{encoded(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


def part(content: object) -> str:
    return encoded(json.dumps(content).encode())


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


FORGED: dict[str, Forge] = {
    "foreign key": by_a_foreign_key,
    "unknown kid": lambda claims, key: signed(claims, key, kid="unknown"),
    "kid is no text": lambda claims, key: f"{part({'alg': 'RS256', 'kid': ['x']})}.{part(claims)}.x",
    "no kid": lambda claims, key: jwt.encode(claims, key.private, "RS256"),
    "alg none": lambda claims, key: f"{part({'alg': 'none', 'kid': key.kid})}.{part(claims)}.",
    "HS256 with the public key": confused,
    "RS512": lambda claims, key: jwt.encode(claims, key.private, "RS512", headers={"kid": key.kid}),
    "expired": lambda claims, key: signed({**claims, "exp": int(time.time()) - 3600}, key),
    "other audience": having(aud="other"),
    "other issuer": having(iss="other"),
    "another role": having(role="webmacs_admin"),
    "the owner's role": having(role="webmacs_owner"),
    "another person": having(sub="7d1b9a6e-93a8-4a5c-9b0a-0d5fb4a3c0de"),
    "unknown jti": having(jti="7d1b9a6e-93a8-4a5c-9b0a-0d5fb4a3c0de"),
    "jti is no uuid": having(jti="x"),
    "issued in the future": lambda claims, key: signed({**claims, "iat": int(time.time()) + 3600}, key),
    **{f"without {name}": without(name) for name in ("exp", "aud", "iss", "sub", "jti", "role", "iat")},
    "nested deeply": lambda claims, key: f"{encoded(b'[' * 2500)}.{part(claims)}.x",
    "not a token": lambda claims, key: "x",
    "a very long one": lambda claims, key: "x" * 20_000,
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
def test_is_refused(door: Door, people: People, keys: KeySet, forge: Forge) -> None:
    caller = people.the("operator")
    answer = door.get("/auth/me", forge(caller.claims, keys.current))
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert set(answer.json()) == {"code", "message", "details", "hint"}


def test_the_same_token_unforged_is_accepted(door: Door, people: People, keys: KeySet) -> None:
    assert door.get("/auth/me", signed(people.the("operator").claims, keys.current)).status_code == 200


def test_a_jti_of_somebody_else_is_refused(door: Door, ada: Caller, people: People, keys: KeySet) -> None:
    mixed = {**ada.claims, "jti": people.the("admin").claims["jti"]}
    assert door.get("/auth/me", signed(mixed, keys.current)).status_code == 401


@pytest.mark.parametrize("header", ["", "Basic eDp5", "Bearer", "bearer x y", "Token x"])
def test_another_authorization(door: Door, header: str) -> None:
    assert door.client.get("/auth/me", headers={"Authorization": header}).status_code == 401
