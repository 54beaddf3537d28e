"""What a provider says of itself is taken only if a login can be done by it safely."""

from typing import Any

import pytest

from webmacs.sso.metadata import read_metadata
from webmacs.sso.refusal import Refusal

ISSUER = "https://id.example.org"
SAID: dict[str, Any] = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/auth",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/keys",
}


def test_what_is_left_out_is_as_the_standard_has_it() -> None:
    metadata = read_metadata(ISSUER, SAID)
    assert metadata.algorithms == {"RS256"}
    assert metadata.secret_in_body is False
    assert (metadata.userinfo_endpoint, metadata.names_itself) == (None, False)


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": f"{ISSUER}/"},
        {"issuer": None},
        {"token_endpoint": None},
        {"token_endpoint": "http://id.example.org/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": ["https://id.example.org"]},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": "//id.example.org/keys"},
        {"userinfo_endpoint": "http://id.example.org/me"},
        {"id_token_signing_alg_values_supported": ["none", "HS256"]},
        {"id_token_signing_alg_values_supported": []},
    ],
    ids=str,
)
def test_what_is_not_safe_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as caught:
        read_metadata(ISSUER, SAID | changes)
    assert caught.value.code == "provider_unavailable"


@pytest.mark.parametrize(
    ("methods", "in_body"),
    [
        (["client_secret_basic", "client_secret_post"], False),
        (["client_secret_post"], True),
        (["private_key_jwt"], False),
        ("client_secret_post", False),
        ([5, {}], False),
    ],
)
def test_how_the_secret_is_sent(methods: object, in_body: bool) -> None:
    said = SAID | {"token_endpoint_auth_methods_supported": methods}
    assert read_metadata(ISSUER, said).secret_in_body is in_body


def test_algorithms_with_a_shared_secret_are_left_out() -> None:
    said = SAID | {"id_token_signing_alg_values_supported": ["HS256", "none", "ES256", "RS256"]}
    assert read_metadata(ISSUER, said).algorithms == {"ES256", "RS256"}
