"""Forged tokens, and tokens that are not ours, at every door."""

import json
from typing import Any

import httpx
import jwt
import pytest
from websockets.exceptions import InvalidHandshake, InvalidMessage, InvalidStatus
from websockets.sync.client import connect

from tests.security.forgeries import FOR_SOCKETS, FORGED, Issuer, encoded
from tests.support.people import People
from tests.support.plain import PLAIN

SHAPE = {"code", "message", "details", "hint"}
SOCKETS = ("/ws/datapoints/stream", "/ws/controller/telemetry")
# PostgREST: 403 for a role that it may not take, 400 for claims of another form, 431 for a long header
REFUSED_BY_REST = (400, 401, 403, 431)
# 431 and 400: a header too long to be read
REFUSED_BY_SOCKET = (400, 401, 403, 431)


@pytest.mark.parametrize("forged", FORGED)
def test_rest_api(forged: str, postgrest: str, by: Issuer) -> None:
    answer = _get(f"{postgrest}/events", FORGED[forged](by))
    assert answer.status_code in REFUSED_BY_REST, answer.text
    if answer.status_code != 431:
        assert set(answer.json()) == SHAPE


@pytest.mark.parametrize("forged", FORGED)
def test_sidecar(forged: str, sidecar: str, by: Issuer) -> None:
    answer = _get(f"{sidecar}/auth/me", FORGED[forged](by))
    assert answer.status_code == 401, answer.text
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert set(answer.json()) == SHAPE


def test_sidecar_wants_the_time_of_issue(sidecar: str, by: Issuer) -> None:
    """PostgREST does not."""
    assert _get(f"{sidecar}/auth/me", by.sign({}, without="iat")).status_code == 401


@pytest.mark.parametrize("path", SOCKETS)
@pytest.mark.parametrize("forged", FOR_SOCKETS)
def test_socket(forged: str, path: str, sidecar: str, by: Issuer) -> None:
    assert _opened(sidecar, path, FORGED[forged](by)) in REFUSED_BY_SOCKET


@pytest.mark.parametrize("way", ["header", "query"])
@pytest.mark.parametrize("forged", ["alg none", "HS256 with the public key", "foreign key", "revoked"])
def test_socket_by_other_ways(way: str, forged: str, sidecar: str, by: Issuer) -> None:
    assert _opened(sidecar, SOCKETS[0], FORGED[forged](by), way) == 401


def test_the_same_token_unforged_opens_them(postgrest: str, sidecar: str, by: Issuer) -> None:
    token = by.sign({})
    assert _get(f"{postgrest}/events", token).status_code == 200
    assert _get(f"{sidecar}/auth/me", token).status_code == 200
    assert [_opened(sidecar, path, token) for path in SOCKETS] == [101, 101]


@pytest.mark.parametrize("roles", [("webmacs_admin", "webmacs_operator"), ("webmacs_operator", "webmacs_admin")])
def test_claims_twice(roles: tuple[str, str], postgrest: str, sidecar: str, by: Issuer) -> None:
    """Whichever of the two counts, it counts for all who read the token."""
    claims = json.dumps({key: value for key, value in by.claims.items() if key != "role"})
    twice = claims[:-1] + "".join(f', "role": "{role}"' for role in roles) + "}"
    token = jwt.api_jws.encode(twice.encode(), by.private, "RS256", headers={"kid": by.kid, "typ": "JWT"})
    assert _get(f"{postgrest}/audit_log", token).status_code in (401, 403)
    answer = _get(f"{sidecar}/auth/me", token)
    assert answer.status_code == 401 or answer.json()["role"] == "operator"


def test_a_second_authorization(postgrest: str, sidecar: str, by: Issuer, people: People) -> None:
    """One of two headers counts for the whole request."""
    tokens = [people.the("viewer").token, by.sign({"role": "webmacs_admin"})]
    for pair in (tokens, tokens[::-1]):
        headers = [("Authorization", f"Bearer {token}") for token in pair]
        assert httpx.get(f"{postgrest}/audit_log", headers=headers, **PLAIN).status_code in (401, 403)


@pytest.mark.parametrize("header", ["", "Basic eDp5", "Bearer", "bearer x y", "Token x", "Bearer " + encoded(b"\0")])
def test_another_authorization(header: str, sidecar: str) -> None:
    answer = httpx.get(f"{sidecar}/auth/me", headers={"Authorization": header}, **PLAIN)
    assert answer.status_code == 401


def _get(url: str, token: str) -> httpx.Response:
    return httpx.get(url, headers={"Authorization": f"Bearer {token}"}, **PLAIN)


def _opened(sidecar: str, path: str, token: str, way: str = "subprotocol") -> int:
    """The status with which the sidecar answers; 101 is an open socket."""
    given: dict[str, Any] = {"subprotocols": ["webmacs.v1", f"bearer.{token}"]} if way == "subprotocol" else {}
    if way == "header":
        given = {"additional_headers": {"Authorization": f"Bearer {token}"}}
    address = sidecar.replace("http", "ws", 1) + path + (f"?token={token}" if way == "query" else "")
    try:
        with connect(address, open_timeout=20, **given):
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code
    except (InvalidMessage, InvalidHandshake):
        return 400
