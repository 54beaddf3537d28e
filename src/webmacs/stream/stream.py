"""WS /ws/datapoints/stream: live values, and changes of alarms, commands and the log, to browsers and programs."""

import asyncio

from msgspec.json import encode
from starlette.types import Receive, Scope, Send

from webmacs.accounts.access import Access
from webmacs.errors import ApiError
from webmacs.sockets.errors import FrameError
from webmacs.sockets.handshake import admit
from webmacs.sockets.socket import Socket
from webmacs.sockets.watch import Watch
from webmacs.stream.hub import Client, Hub
from webmacs.stream.requests import Subscribe, Token, read_request

READERS = frozenset({"viewer", "operator", "admin"})
PONG = '{"type":"pong"}'
ACCEPTED = '{"type":"token_accepted"}'
STALLED = 1008


class Stream:
    """The endpoint."""

    def __init__(self, access: Access, watch: Watch, hub: Hub) -> None:
        self._access = access
        self._watch = watch
        self._hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket."""
        identity = await admit(scope, receive, send, self._access, READERS)
        if identity is None:
            return
        socket = Socket(receive, send, identity)
        with (
            self._watch.over(socket),
            self._hub.joined(lambda: socket.close(STALLED, "This client does not read."), identity.role) as client,
        ):
            await socket.run(self._listen(socket, client), _tell(socket, client))

    async def _listen(self, socket: Socket, client: Client) -> None:
        await self._hub.send_newest(client)
        while True:
            text = await socket.receive()
            try:
                await self._answer(socket, client, text)
            except FrameError as error:
                message = {"type": "error", "code": error.code, "message": error.message}
                client.outbox.note(encode(message).decode())
            await client.outbox.few_notes()

    async def _answer(self, socket: Socket, client: Client, text: str) -> None:
        request = read_request(text)
        if isinstance(request, Subscribe):
            await self._subscribe(client, request)
        elif isinstance(request, Token):
            await self._renew(socket, request)
            client.outbox.note(ACCEPTED)
        else:
            client.outbox.note(PONG)

    async def _renew(self, socket: Socket, fresh: Token) -> None:
        try:
            identity = await self._access.identify(fresh.token)
        except ApiError as error:
            raise FrameError(error.code, error.message) from None
        if identity.credential_id != socket.identity.credential_id:
            raise FrameError("another_session", "This is a token of another session; open another socket with it.")
        self._watch.renew(socket, identity)

    async def _subscribe(self, client: Client, wish: Subscribe) -> None:
        before, client.events = client.events, wish.wanted()
        client.topics = wish.wanted_topics()
        client.outbox.pause(1 / wish.max_rate if wish.max_rate else 0.0)
        place = wish.place()
        if place:
            await self._hub.resume(client, *place)
        elif before is not None and (client.events is None or not client.events <= before):
            await self._hub.send_newest(client)  # what it did not want before, it has not seen


async def _tell(socket: Socket, client: Client) -> None:
    clock = asyncio.get_running_loop().time
    while True:
        text = await client.outbox.next()
        client.sending_since = clock()
        await socket.send(text)
        client.sending_since = None
