"""A source on the web. It may be anywhere, for who runs the server has named it; where it sends us on to may not: that
is at the same place, or at a public address, so that nobody can have us ask what only this machine reaches."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass

import httpcore
import httpx
from httpcore import SOCKET_OPTION, AnyIOBackend, AsyncNetworkBackend, AsyncNetworkStream
from webmacs_controller.packages.pace import Pace, TooSlowError

from webmacs import __version__
from webmacs.config.networks import Network
from webmacs.ota.source.offer import SourceError, joined
from webmacs.tls import trusted
from webmacs.webhooks.caller import address as parsed
from webmacs.webhooks.connections import Connections
from webmacs.webhooks.errors import FAILURES, explained
from webmacs.webhooks.guard import ForbiddenAddressError, GuardedBackend
from webmacs.webhooks.resolver import Resolve

CONNECT_SECONDS = 10.0
STALL_SECONDS = 30.0
LIST_SECONDS = 60.0
LARGEST_LIST = 1_000_000
MOST_REDIRECTS = 5
REDIRECTS = (301, 302, 303, 307, 308)
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Body:
    """An answer that has begun: from which byte of the file on."""

    begin: int
    pieces: AsyncIterator[bytes]


class Web:
    """Asks the source at this address. `pace` says of each answer how slow it may be."""

    def __init__(
        self,
        source: str,
        resolve: Resolve,
        allowed: Sequence[Network] = (),
        pace: Callable[[], Pace] = Pace,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        url = parsed(source)
        if url is None:
            raise SourceError(f"{source} is no address that can be asked.")
        self._tls_only = url.scheme == "https"
        self._pace = pace
        backend = _Backend((url.host, url.port or PORTS[url.scheme]), GuardedBackend(resolve, allowed))
        self._connections = Connections(backend, tls or trusted())

    async def close(self) -> None:
        """Close what is kept."""
        await self._connections.close()

    async def read(self, address: str) -> bytes:
        """All of a short answer. Raises SourceError."""
        body = b""
        try:
            async with asyncio.timeout(LIST_SECONDS), self.open(address) as answer:
                async for piece in answer.pieces:
                    body += piece
                    if len(body) > LARGEST_LIST:
                        raise SourceError(f"What {address} answers is too long for a list.")
        except TimeoutError:
            raise SourceError(f"{address} did not answer within {LIST_SECONDS:g} s.") from None
        return body

    @asynccontextmanager
    async def open(self, address: str, begin: int = 0) -> AsyncIterator[Body]:
        """The file, from this byte on if the server can. Raises SourceError, also while it is read."""
        async with AsyncExitStack() as stack:
            with _in_words(address):
                response = await self._follow(stack, address, begin)
            yield Body(begin if _goes_on(response, begin) else 0, self._pieces(response, address))

    async def _follow(self, stack: AsyncExitStack, address: str, begin: int) -> httpcore.Response:
        """The answer behind the redirects, to be closed by the stack."""
        for _ in range(MOST_REDIRECTS + 1):
            url = self._checked(address)
            async with asyncio.timeout(STALL_SECONDS):
                response = await stack.enter_async_context(self._connections.response(_request(url, begin)))
            if response.status not in REDIRECTS:
                return _checked_answer(response, address)
            location = _header(response, b"location")
            await stack.aclose()
            address = joined(str(url), location) or ""
        raise SourceError("It sends us on too often.")

    def _checked(self, address: str) -> httpx.URL:
        url = parsed(address)
        if url is None:
            raise SourceError("It sends us on to what is no address.")
        if self._tls_only and url.scheme != "https":
            raise SourceError("It sends us on to an address without TLS.")
        return url

    async def _pieces(self, response: httpcore.Response, address: str) -> AsyncIterator[bytes]:
        pace = self._pace()
        with _in_words(address):
            async for piece in response.aiter_stream():
                pace.came(len(piece))
                yield piece


class _Backend(AsyncNetworkBackend):
    """The place that was named is asked wherever it is, all others through the guard."""

    def __init__(self, own: tuple[str, int], guard: AsyncNetworkBackend) -> None:
        self._own = own
        self._guard = guard
        self._network = AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature of httpcore
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> AsyncNetworkStream:
        backend = self._network if (host, port) == self._own else self._guard
        return await backend.connect_tcp(host, port, timeout, local_address, socket_options)


def _request(url: httpx.URL, begin: int) -> httpcore.Request:
    headers = {
        "Host": url.netloc.decode(),
        "User-Agent": f"WebMACS/{__version__}",
        "Accept": "application/octet-stream, application/json",
        "Accept-Encoding": "identity",
    }
    if begin:
        headers["Range"] = f"bytes={begin}-"
    return httpcore.Request(
        "GET",
        httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
        headers=[(name.encode(), value.encode()) for name, value in headers.items()],
        extensions={"timeout": {"connect": CONNECT_SECONDS, "read": STALL_SECONDS, "write": STALL_SECONDS}},
    )


def _header(response: httpcore.Response, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in response.headers if key.lower() == name), "")


def _checked_answer(response: httpcore.Response, address: str) -> httpcore.Response:
    if response.status not in (200, 206):
        raise SourceError(f"{address} answers {response.status}.")
    if _header(response, b"content-encoding") not in ("", "identity"):
        raise SourceError(f"{address} answers in a packed form, which was not asked for.")
    return response


def _goes_on(response: httpcore.Response, begin: int) -> bool:
    return response.status == 206 and _header(response, b"content-range").startswith(f"bytes {begin}-")


@contextmanager
def _in_words(address: str) -> Iterator[None]:
    """What goes wrong on the way, as SourceError."""
    try:
        yield
    except ForbiddenAddressError:
        raise SourceError("It sends us on to an address that is neither public nor its own.") from None
    except TooSlowError as error:
        raise SourceError(f"From {address} {error}.") from None
    except TimeoutError:
        raise SourceError(f"{address} did not answer in time.") from None
    except FAILURES as error:
        raise SourceError(f"{address} cannot be read. {explained(error)}") from None
