"""A person with a browser who logs in by a provider, step by step."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.support.plain import PLAIN
from webmacs.config import Config


def query_of(address: str) -> dict[str, str]:
    """The parameters of an address."""
    return {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}


def _client() -> httpx.Client:
    return httpx.Client(**PLAIN)


@dataclass
class Visitor:
    """A browser: one store of cookies for WebMACS, one for the provider. Follows redirects where a test says so."""

    config: Config
    here: httpx.Client = field(default_factory=_client)
    there: httpx.Client = field(default_factory=_client)

    @property
    def url(self) -> str:
        return self.config.server.public_url

    def begins(self, provider: str = "lab", **more: str) -> httpx.Response:
        """Follows the button of a provider."""
        return self.here.get(f"{self.url}/auth/sso/authorize", params={"provider": provider, **more})

    def at_provider(self, address: str, account: str | None) -> str:
        """Goes there, says who it is, or cancels, and gets the address to come back to."""
        answer = self.there.get(address)
        while not (location := answer.headers.get("Location", "")).startswith(self.url):
            if answer.is_success:  # the provider asks who it is; it asks only once
                said = {"cancel": ""} if account is None else {"account": account}
                answer = self.there.get(answer.url.copy_merge_params(said))
            else:
                answer = self.there.get(answer.url.join(location))
        return str(location)

    def comes_back(self, address: str) -> dict[str, str]:
        """Follows the address that the provider gave, and gets what the page is told."""
        answer = self.here.get(address)
        assert answer.status_code == 303, answer.text
        page = answer.headers["Location"]
        assert page.startswith(f"{self.url}/sign-in?")
        return query_of(page)

    def tries(self, account: str | None, provider: str = "lab", **more: str) -> dict[str, str]:
        """All of it: what the page is told in the end."""
        begun = self.begins(provider, **more)
        return self.comes_back(self.at_provider(begun.headers["Location"], account))

    def exchanges(self, code: str, **more: object) -> httpx.Response:
        """What the page does with a code."""
        return self.here.post(f"{self.url}/auth/sso/exchange", json={"code": code, **more})

    def logs_in(self, account: str, provider: str = "lab") -> str:
        """An access token, which cannot fail."""
        return str(self.begins_session(account, provider)["access_token"])

    def begins_session(self, account: str, provider: str = "lab") -> dict[str, Any]:
        """The tokens of a login, which cannot fail."""
        told = self.tries(account, provider)
        assert "sso_code" in told, told
        answer = self.exchanges(told["sso_code"])
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json()
        return tokens

    def refreshes(self, tokens: Mapping[str, Any], at: str | None = None) -> httpx.Response:
        """Goes on with a session, at this sidecar or at another."""
        return self.here.post(f"{at or self.url}/auth/refresh", json={"refresh_token": tokens["refresh_token"]})

    def me(self, token: str) -> dict[str, str]:
        """Who holds the token."""
        answer = self.here.get(f"{self.url}/auth/me", headers={"Authorization": f"Bearer {token}"})
        me: dict[str, str] = answer.json()
        return me
