"""The configured source, whichever kind it is."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol

from webmacs_controller.packages.pace import Pace

from webmacs.config import Config
from webmacs.config.networks import Network
from webmacs.ota.source.folder import offers_of
from webmacs.ota.source.listing import list_address, read_list
from webmacs.ota.source.offer import Offer, SourceError
from webmacs.ota.source.web import Body, Web
from webmacs.webhooks.resolver import Resolver

PIECE = 1 << 20


class Source(Protocol):
    """Where bundles are."""

    async def look(self) -> list[Offer]:
        """What is there. Raises SourceError."""

    def open(self, address: str, begin: int) -> AbstractAsyncContextManager[Body]:
        """A bundle, from this byte on if that can be had. Raises SourceError, also while it is read."""


class FolderSource:
    """A folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def look(self) -> list[Offer]:
        return await asyncio.to_thread(offers_of, self._folder)

    @asynccontextmanager
    async def open(self, address: str, begin: int) -> AsyncIterator[Body]:
        path = Path(address)
        if path.parent != self._folder:
            raise SourceError(f"{path.name} was found in another folder; look again.")
        yield Body(begin, _pieces(path, begin))


class WebSource:
    """A list on the web, and what it names."""

    def __init__(self, source: str, web: Web) -> None:
        self._list = list_address(source)
        self._web = web

    async def look(self) -> list[Offer]:
        return read_list(await self._web.read(self._list), self._list)

    def open(self, address: str, begin: int) -> AbstractAsyncContextManager[Body]:
        return self._web.open(address, begin)


@asynccontextmanager
async def opened(
    config: Config, allowed: Sequence[Network] = (), pace: Callable[[], Pace] = Pace
) -> AsyncIterator[Source]:
    """The one of [ota] source. Raises SourceError if it is none."""
    source = config.ota.source
    if not source.startswith(("http://", "https://")):
        yield FolderSource(_folder(config))
        return
    resolver = Resolver(2)
    web = Web(list_address(source), resolver, allowed, pace)
    try:
        yield WebSource(source, web)
    finally:
        await web.close()
        resolver.close()


def _folder(config: Config) -> Path:
    return config.folder / Path(config.ota.source).expanduser()


async def _pieces(path: Path, begin: int) -> AsyncIterator[bytes]:
    try:
        with path.open("rb") as file:
            file.seek(begin)
            while piece := await asyncio.to_thread(file.read, PIECE):
                yield piece
    except OSError as error:
        raise SourceError(f"{path.name} cannot be read: {error.strerror}.") from None
