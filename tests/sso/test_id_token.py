"""Signatures of every algorithm that providers use, with the keys that they publish."""

from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from webmacs.sso.id_token import UnknownKey, signed_claims
from webmacs.sso.metadata import ALGORITHMS
from webmacs.sso.refusal import Refusal

KEYS: dict[str, Any] = {
    "RS256": RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"}),
    "PS256": RSAKey.generate_key(2048, {"kid": "pss"}),
    "ES256": ECKey.generate_key("P-256", {"kid": "ec", "alg": "ES256"}),
    "ES384": ECKey.generate_key("P-384", {"kid": "ec384"}),
    "Ed25519": OKPKey.generate_key("Ed25519", {"kid": "okp"}),
}
SECRET = OctKey.generate_key(256, {"kid": "secret"})
PUBLISHED = KeySet.import_key_set({"keys": [key.as_dict(private=False) for key in KEYS.values()]})


def token(alg: str, key: Any, **header: object) -> str:
    return jwt.encode({"alg": alg, "kid": key.kid, **header}, {"sub": "a"}, key, registry=JWSRegistry(algorithms=[alg]))


@pytest.mark.parametrize("alg", KEYS)
def test_what_a_published_key_has_signed_is_read(alg: str) -> None:
    assert signed_claims(token(alg, KEYS[alg]), PUBLISHED, ALGORITHMS).claims == {"sub": "a"}


@pytest.mark.parametrize("alg", KEYS)
def test_an_algorithm_that_the_provider_does_not_name_is_refused(alg: str) -> None:
    with pytest.raises(Refusal):
        signed_claims(token(alg, KEYS[alg]), PUBLISHED, ALGORITHMS - {alg})


def test_a_published_secret_signs_nothing() -> None:
    published = KeySet([*PUBLISHED.keys, SECRET])
    with pytest.raises(Refusal):
        signed_claims(token("HS256", SECRET), published, ALGORITHMS)


def test_a_key_of_another_kind_signs_nothing() -> None:
    with pytest.raises(Refusal):
        signed_claims(token("ES256", KEYS["ES256"], kid="rsa"), PUBLISHED, ALGORITHMS)


def test_a_key_that_is_not_published_is_asked_for() -> None:
    with pytest.raises(UnknownKey):
        signed_claims(token("RS256", KEYS["RS256"], kid="new"), PUBLISHED, ALGORITHMS)


def test_a_key_for_encryption_signs_nothing() -> None:
    key = RSAKey.generate_key(2048, {"kid": "enc"})
    published = KeySet.import_key_set({"keys": [{**key.as_dict(private=False), "use": "enc"}]})
    with pytest.raises(UnknownKey):
        signed_claims(token("RS256", key), published, ALGORITHMS)
