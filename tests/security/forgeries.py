"""Tokens that must open no door, whatever is wrong with them."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.support.people import People

Claims = dict[str, Any]


@dataclass(frozen=True)
class Issuer:
    """What a forger may have seen or got hold of."""

    claims: Claims
    of_another: Claims
    revoked: Claims
    kid: str
    private: rsa.RSAPrivateKey
    public: bytes

    def sign(self, changes: Claims, without: str = "", **header: object) -> str:
        """Our own signature below other claims: what nobody else can make, and the database judges all the same."""
        claims = {key: value for key, value in {**self.claims, **changes}.items() if key != without}
        return jwt.encode(claims, self.private, "RS256", headers={"kid": self.kid, **header})


Forge = Callable[[Issuer], str]
FOREIGN = rsa.generate_private_key(public_exponent=65537, key_size=2048)
NOW = int(time.time())
# none of them is that of the token
ROLES = ("viewer", "admin", "anon", "controller", "owner", "sidecar", "authenticator", "reader")


def issuer(people: People) -> Issuer:
    """Of an operator's claims, and an administrator's."""
    key = people.tokens.keys.current
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    pem = key.private.public_key().public_bytes(serialization.Encoding.PEM, spki)
    revoked = people.user("operator")
    people.revoke(revoked)
    return Issuer(people.the("operator").claims, people.the("admin").claims, revoked.claims, key.kid, key.private, pem)


def part(content: object) -> str:
    """One of the three parts of a token."""
    return encoded(json.dumps(content).encode())


def encoded(data: bytes) -> str:
    """As tokens write bytes."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _mac(header: Claims, by: Issuer, secret: bytes) -> str:
    """By hand, because PyJWT refuses to make it."""
    text = f"{part(header)}.{part(by.claims)}"
    return f"{text}.{encoded(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


def _by_a_foreign_key(by: Issuer, **header: Any) -> str:
    numbers = FOREIGN.public_key().public_numbers()
    jwk = {"kty": "RSA", "alg": "RS256", "n": encoded(numbers.n.to_bytes(256, "big")), "e": "AQAB", "kid": by.kid}
    headers = {"kid": by.kid, **header}
    if headers.get("jwk") == "own":
        headers["jwk"] = jwk
    return jwt.encode(by.claims, FOREIGN, "RS256", headers=headers)


def _unsigned(alg: object) -> Forge:
    return lambda by: f"{part({'alg': alg, 'kid': by.kid})}.{part(by.claims)}."


def _saying(**claims: object) -> Forge:
    return lambda by: by.sign(claims)


def _lacking(name: str) -> Forge:
    return lambda by: by.sign({}, without=name)


def _swapped(by: Issuer) -> str:
    header, _, signature = by.sign({}).split(".")
    return f"{header}.{part(by.of_another)}.{signature}"


UNSIGNED: dict[str, Forge] = {
    **{f"alg {alg}": _unsigned(alg) for alg in ("none", "None", "nOnE", "", None, 0)},
    "alg none, with a signature": lambda by: f"{part({'alg': 'none'})}.{part(by.claims)}.{by.sign({}).split('.')[2]}",
    "no alg": lambda by: f"{part({'kid': by.kid})}.{part(by.claims)}.",
    "signature taken away": lambda by: by.sign({}).rpartition(".")[0] + ".",
    "signature of other claims": _swapped,
    "HS256 with the public key": lambda by: _mac({"alg": "HS256", "kid": by.kid}, by, by.public),
    "HS256 with the public key, no kid": lambda by: _mac({"alg": "HS256"}, by, by.public),
    "HS256 with nothing": lambda by: _mac({"alg": "HS256", "kid": by.kid}, by, b""),
    "HS256 with the kid": lambda by: _mac({"alg": "HS256", "kid": by.kid}, by, by.kid.encode()),
    "foreign key": _by_a_foreign_key,
    "foreign key, which comes along": lambda by: _by_a_foreign_key(by, jwk="own"),
    "foreign key at an address": lambda by: _by_a_foreign_key(by, jku="http://127.0.0.1:9/jwks.json"),
    "foreign certificate": lambda by: _by_a_foreign_key(by, x5u="http://127.0.0.1:9/x.pem", x5c=["AAAA"]),
    "foreign key, unknown kid": lambda by: _by_a_foreign_key(by, kid=str(uuid4())),
    "kid is a path": lambda by: _mac({"alg": "HS256", "kid": "../../../../dev/null"}, by, b""),
    "kid is SQL": lambda by: _by_a_foreign_key(by, kid="' or true --"),
    "kid is no text": lambda by: f"{part({'alg': 'RS256', 'kid': ['x']})}.{part(by.claims)}.x",
    "nested deeply": lambda by: f"{encoded(b'[' * 2500)}.{part(by.claims)}.x",
    "claims nested deeply": lambda by: f"{part({'alg': 'RS256', 'kid': by.kid})}.{encoded(b'[' * 2000)}.x",
    "encrypted": lambda by: f"{part({'alg': 'RSA-OAEP', 'enc': 'A128GCM'})}.x.x.x.x",
    "not a token": lambda by: "x",
    "dots": lambda by: "." * 10,
    "a very long one": lambda by: "x" * 20_000,
    "a very long one in three parts": lambda by: f"{part({'alg': 'RS256', 'kid': by.kid})}.{'x' * 6000}.x",
}

SIGNED: dict[str, Forge] = {
    "RS512": lambda by: jwt.encode({**by.claims, "jti": str(uuid4())}, by.private, "RS512", headers={"kid": by.kid}),
    "expired": _saying(exp=NOW - 3600),
    # PostgREST and the sidecar forgive half a minute, the database nothing
    "expired just now": _saying(exp=NOW - 1),
    "expires at no time": _saying(exp=None),
    "expires at a text": _saying(exp="tomorrow"),
    "issued in the future": _saying(iat=NOW + 3600),
    "not before the future": _saying(nbf=NOW + 3600),
    "other audience": _saying(aud="other"),
    "audience is a list with ours": lambda by: by.sign({"aud": ["other", by.claims["aud"]]}),
    "audience is an empty list": _saying(aud=[]),
    "other issuer": _saying(iss="other"),
    **{f"role webmacs_{role}": _saying(role=f"webmacs_{role}") for role in ROLES},
    **{f"role {role!r}": _saying(role=role) for role in ("postgres", "none", "", 'x"; reset role', None, ["admin"])},
    "another person": lambda by: by.sign({"sub": by.of_another["sub"]}),
    "jti of another person": lambda by: by.sign({"jti": by.of_another["jti"]}),
    "jti and role of another person": lambda by: by.sign({"jti": by.of_another["jti"], "role": "webmacs_admin"}),
    "unknown jti": lambda by: by.sign({"jti": str(uuid4())}),
    **{f"jti {jti!r}": _saying(jti=jti) for jti in ("", "x", 17, {"a": 1}, None, "' or true")},
    **{f"without {name}": _lacking(name) for name in ("exp", "aud", "iss", "sub", "jti", "role")},
    "revoked": lambda by: by.sign(by.revoked),
}

FORGED: dict[str, Forge] = UNSIGNED | SIGNED
# uvicorn never answers a handshake with a line of more than 8 KiB; it opens nothing either
FOR_SOCKETS = [name for name in FORGED if name != "a very long one"]
