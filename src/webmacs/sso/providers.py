"""The seam to app.py: all providers of the configuration, from the start of the sidecar to its end."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx

from webmacs.config import Config
from webmacs.sso.provider import Provider
from webmacs.tls import trusted

CALLBACK = "/auth/sso/callback"

Providers = Mapping[str, Provider]


@asynccontextmanager
async def providers(config: Config) -> AsyncIterator[Providers]:
    """The providers by their names. They are asked when somebody logs in, so none has to be there at start."""
    async with httpx.AsyncClient(trust_env=False, verify=trusted(), follow_redirects=False) as client:
        redirect_uri = f"{config.server.public_url}{CALLBACK}"
        yield {settings.name: Provider(settings, client, redirect_uri) for settings in config.sso}
