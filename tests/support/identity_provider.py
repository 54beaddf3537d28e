"""A real identity provider in a process of its own, and how it misbehaves on demand."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.support.plain import PLAIN

SCRIPT = Path(__file__).parent / "oidc/provider.mjs"
CLIENT_SECRET = "a secret with + and % and : in it, of 43 ch"
TOKEN = "/token"
USER_INFO = "/me"
DISCOVERY = "/.well-known/openid-configuration"
KEYS = "/jwks"


class IdentityProvider:
    """Tells the provider who its people are and what it shall say wrongly."""

    def __init__(self, url: str) -> None:
        self.url = url

    def knows(self, account: str, **claims: object) -> None:
        """From now on there is a person with these claims."""
        self._control(people={account: claims})

    def forgets(self, account: str) -> None:
        """From now on there is no such person."""
        self._control(people={account: None})

    def gives_refresh_tokens(self, gives: bool = True) -> None:
        """From now on, at logins."""
        self._control(refreshTokens=gives)

    def misbehaves(self, **how: Any) -> None:
        """From now on; without arguments it behaves well again."""
        self._control(misbehaviour=how)

    def forges(self, **token: Any) -> None:
        """From now on its ID tokens are altered: `claims`, `header`, `by` whom it is signed."""
        self.misbehaves(**{TOKEN: {"token": token}})

    def rotates(self) -> None:
        """Has another signing key from now on."""
        self._control(rotate=True)

    def asked(self, path: str) -> int:
        """How often somebody asked for this path."""
        return int(self._control().get(path, 0))

    def _control(self, **told: Any) -> Mapping[str, int]:
        counts: Mapping[str, int] = httpx.post(f"{self.url}/control", json=told, **PLAIN).json()
        return counts


@contextmanager
def running_identity_provider(redirect_uris: list[str]) -> Iterator[IdentityProvider]:
    """A provider whose client `webmacs` has CLIENT_SECRET, and may be sent back to these addresses."""
    environment = {**os.environ, "CLIENT_SECRET": CLIENT_SECRET, "REDIRECT_URIS": json.dumps(redirect_uris)}
    with subprocess.Popen(
        ["node", str(SCRIPT)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield IdentityProvider(process.stdout.readline().strip())
        process.kill()
