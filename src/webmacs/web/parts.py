"""What the routes and sockets share while the sidecar runs; made at start, closed at the end."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from webmacs.accounts.access import Access
from webmacs.accounts.password_queue import PasswordQueue
from webmacs.accounts.tokens import Tokens
from webmacs.activity.seen import Seen
from webmacs.config import Config
from webmacs.database import Pool
from webmacs.health import Health
from webmacs.keys.ring import Ring
from webmacs.ota.source.fetching import Fetches
from webmacs.services.services import Services
from webmacs.sso.providers import Providers
from webmacs.web.room import Room


@dataclass(frozen=True)
class Parts:
    """Everything a route may need. `health.add(name, check)` lets a part say how it is."""

    config: Config
    pool: Pool
    ring: Ring
    tokens: Tokens
    access: Access
    seen: Seen
    passwords: PasswordQueue
    health: Health
    exports: Room
    imports: Room
    packages: Room
    fetches: Fetches
    providers: Providers
    services: Services


def parts_of(connection: HTTPConnection) -> Parts:
    """The parts of the application that serves this request or WebSocket."""
    parts: Parts = connection.app.state.parts
    return parts


TheParts = Annotated[Parts, Depends(parts_of)]
