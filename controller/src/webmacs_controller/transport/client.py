"""Keeps a connection to the server, for ever."""

import asyncio
import logging

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.typing import Subprotocol

from webmacs_controller.backoff import Backoff
from webmacs_controller.commands.desk import Desk
from webmacs_controller.configuration.configurator import Configurator
from webmacs_controller.packages.keeper import Keeper
from webmacs_controller.sdk import system_words
from webmacs_controller.transport.buffer import Buffer
from webmacs_controller.transport.protocol import MESSAGE_BYTES, SUBPROTOCOL
from webmacs_controller.transport.rejections import Rejections
from webmacs_controller.transport.session import Session, SessionError
from webmacs_controller.transport.token import TokenError, TokenStore
from webmacs_controller.updates.updater import Updater

log = logging.getLogger(__name__)

FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 10.0
"""After an outage live values are back within this; a try costs the server little."""

REFUSED_SECONDS = 60.0
"""Between tries with a token that the server refuses: only a person can mend that."""

LOSSES = (OSError, WebSocketException, SessionError, TokenError)
"""How a connection ends, or does not come about (time-outs and TLS errors are OSErrors)."""


def open_socket(url: str, token: str) -> connect:
    """A telemetry socket, to be used with `async with`. A paused server answers pings late and is not dead."""
    return connect(
        url,
        subprotocols=[Subprotocol(SUBPROTOCOL), Subprotocol(f"bearer.{token}")],
        compression=None,
        max_size=MESSAGE_BYTES,
        ping_interval=20,
        ping_timeout=60,
        close_timeout=2,
    )


def is_refusal(error: Exception) -> bool:
    """Whether the server does not accept the token."""
    if isinstance(error, InvalidStatus):
        return error.response.status_code in (401, 403)
    return isinstance(error, ConnectionClosed) and error.rcvd is not None and error.rcvd.code in (4401, 1008)


class Client:
    """`run` until cancelled, which closes the connection properly. `connected`: there is a socket now."""

    def __init__(
        self,
        url: str,
        tokens: TokenStore,
        configurator: Configurator,
        buffer: Buffer,
        desk: Desk,
        backoff: Backoff | None = None,
        keeper: Keeper | None = None,
        updater: Updater | None = None,
    ) -> None:
        self.rejections = Rejections()
        self._url = url
        self._tokens = tokens
        self._configurator = configurator
        self._buffer = buffer
        self._desk = desk
        self._keeper = keeper
        self._updater = updater
        self._backoff = backoff or Backoff(FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS)
        self.connected = False

    async def run(self) -> None:
        """Connect, and again when the connection is lost; what was not answered is sent again."""
        while True:
            try:
                await self._connection()
            except LOSSES as error:
                await asyncio.sleep(self._wait_after(error))

    async def drained(self) -> None:
        """Wait until all is acknowledged or on disk; at once where there is no connection that could bring it about."""
        await self._buffer.until(lambda: self._buffer.unsaved == 0 or not self.connected)

    async def _connection(self) -> None:
        async with open_socket(self._url, self._tokens.read()) as socket:
            session = self._session(socket)
            self.connected = True
            try:
                await session.run()
            finally:
                self.connected = False
                self._buffer.give_back()
                self._desk.outbox.give_back()
                if session.productive:
                    self._backoff.reset()
                await socket.close()  # 1000: left to `async with`, a cancellation would look like a failure (1011)

    def _session(self, socket: ClientConnection) -> Session:
        parts = self._configurator, self._buffer, self._tokens, self.rejections, self._desk, self._keeper
        return Session(socket, *parts, self._updater)

    def _wait_after(self, error: Exception) -> float:
        if is_refusal(error):
            log.error("the server refuses the token (%s); next try in %g s", error, REFUSED_SECONDS)
            return REFUSED_SECONDS
        wait = self._backoff.next()
        why = system_words(error) if isinstance(error, OSError) else error
        log.warning("no connection to %s: %s; next try in %.1f s", self._url, why, wait)
        return wait
