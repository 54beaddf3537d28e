"""`webmacs doctor` asks each provider."""

from dataclasses import replace

from tests.support.identity_provider import IdentityProvider
from webmacs.config import Config
from webmacs.doctor.sso import identity_providers


def test_providers_that_answer_are_named(config: Config, provider: IdentityProvider) -> None:
    result = identity_providers(replace(config, sso=config.sso[:2]))
    assert (result.found, result.advice) == ("lab, closed answer and have keys", None)


def test_each_that_does_not_is_said_with_the_reason(config: Config, provider: IdentityProvider) -> None:
    result = identity_providers(config)
    assert "down: " in result.found
    assert "impostor: the provider calls itself" in result.found
    assert "lab: " not in result.found
    assert result.advice is not None
