"""WS /ws/controller/telemetry: frames in, acknowledgements out."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from starlette.types import Receive, Scope, Send

from webmacs.accounts.access import Access
from webmacs.commands.line import Line
from webmacs.commands.lines import Lines
from webmacs.controllers.hello import welcome
from webmacs.controllers.log_entry import write_log_entry
from webmacs.controllers.presence import Presence
from webmacs.controllers.renewal import Renewal, Renewals
from webmacs.controllers.status import Status
from webmacs.database import Pool
from webmacs.datapoints.event_ids import EventIds
from webmacs.datapoints.frames import Frame, TooManyPointsError
from webmacs.datapoints.intake import NO_ROOM_WORDS, Intake, Source
from webmacs.datapoints.reader import read
from webmacs.sockets.errors import FrameError
from webmacs.sockets.handshake import admit
from webmacs.sockets.socket import Socket
from webmacs.sockets.watch import Watch

WRITERS = frozenset({"controller", "operator", "admin"})
TOO_BIG = 1009
TRY_AGAIN_LATER = 1013


@dataclass(frozen=True)
class Parts:
    """Of one socket: what takes the messages that are no values."""

    line: Line
    renewal: Renewal
    status: Status


class Telemetry:
    """The endpoint. Plain ASGI: nothing stands between a frame and the intake."""

    def __init__(
        self,
        access: Access,
        pool: Pool,
        watch: Watch,
        intake: Intake,
        ids: EventIds,
        lines: Lines,
        renewals: Renewals,
    ) -> None:
        self._access = access
        self._pool = pool
        self._watch = watch
        self._intake = intake
        self._ids = ids
        self._lines = lines
        self._renewals = renewals
        self.presence = Presence(pool)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket."""
        identity = await admit(scope, receive, send, self._access, WRITERS, to_write=True)
        if identity is None:
            return
        socket = Socket(receive, send, identity)
        source = self._intake.open(identity.credential_id)
        source.close = partial(socket.close, TRY_AGAIN_LATER, NO_ROOM_WORDS)
        renewal = Renewal(self._renewals, identity, source.answers)
        status = Status(self._pool, identity, source.answers)
        try:
            with self._watch.over(socket):
                async with self.presence.of(identity), self._lines.open(identity, source.answers) as line:
                    reading = self._read(socket, source, Parts(line, renewal, status))
                    works = (line.run(), line.news.run(), renewal.run(), status.run())
                    await socket.run(reading, _answer(socket, source), *works)
        finally:
            self._intake.close(source)

    async def _read(self, socket: Socket, source: Source, parts: Parts) -> None:
        while True:
            text = await socket.receive()
            try:
                message = read(text, self._ids.known)
                if isinstance(message, Frame):
                    parts.line.heard.note(message.seq)
                    await self._intake.put(source, message)
                else:
                    await self._other(socket, source, parts, message)
            except FrameError as error:
                source.answers.error(error)
            except TooManyPointsError:
                socket.close(TOO_BIG, "A frame may have at most 5000 points.")
                return
            await source.answers.few()

    async def _other(self, socket: Socket, source: Source, parts: Parts, message: dict[str, Any]) -> None:
        if message["type"] == "hello":
            await self._welcome(socket, source, parts, message)
        elif message["type"] == "command_result":
            await parts.line.take(message)
        elif message["type"] == "status":
            parts.status.take(message)
        elif message["type"] == "log":
            await write_log_entry(self._pool, socket.identity, message)
        else:
            raise FrameError("unknown_type", "This socket takes telemetry, hello, status, log and command_result.")

    async def _welcome(self, socket: Socket, source: Source, parts: Parts, hello: dict[str, Any]) -> None:
        source.greet(knows_hold=hello.get("holds") is True)
        parts.line.heard.note(None)
        with parts.line.news.answering():
            answer = await welcome(self._pool, socket.identity, hello, parts.line.id)
            source.answers.put(answer.text)
            parts.line.news.greet(answer.version)
        parts.line.greet()
        parts.renewal.greet()


async def _answer(socket: Socket, source: Source) -> None:
    while True:
        await socket.send(await source.answers.next())
