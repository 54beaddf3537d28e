"""One connection: hello and welcome, then frames and their acknowledgements."""

import asyncio
import logging
import math
from collections import deque
from contextlib import suppress
from typing import NamedTuple

import msgspec
from websockets.asyncio.client import ClientConnection

from webmacs_controller.commands.desk import Desk
from webmacs_controller.configuration.configurator import Configurator
from webmacs_controller.configuration.settings import read_instances
from webmacs_controller.measuring.point import Point
from webmacs_controller.packages.keeper import Keeper
from webmacs_controller.packages.package import read_packages
from webmacs_controller.safety.safeguard import SILENT_SECONDS
from webmacs_controller.transport import account, protocol
from webmacs_controller.transport.buffer import Buffer
from webmacs_controller.transport.delays import Delays
from webmacs_controller.transport.events import Events
from webmacs_controller.transport.holding import Holding
from webmacs_controller.transport.protocol import (
    Ack,
    Command,
    CommandNoted,
    Config,
    Datapoint,
    Error,
    Hold,
    LogEntry,
    Telemetry,
    Token,
    Unknown,
    Welcome,
)
from webmacs_controller.transport.rejections import Rejections
from webmacs_controller.transport.token import TokenStore
from webmacs_controller.updates.updater import Updater

log = logging.getLogger(__name__)

WINDOW = 16
"""Frames under way at once: enough for a server that commits several together, few enough to send again."""

STATUS_SECONDS = 1.0
"""Between two reports on the instances, at least."""

GATHER_SECONDS, MOST_GATHER_SECONDS = 0.025, 0.1
"""Between two frames, if they are not full; so much more for each that is under way: a slow server gets full ones."""

ASK_SECONDS = SILENT_SECONDS / 3
"""After that, a silent server is asked whether it is there."""

ANSWER_SECONDS = 60.0
"""Without an answer for that long, the server has forgotten a frame; a busy one is given time."""


class SessionError(Exception):
    """The connection stands, but the server does not play its part; another connection may do better."""


class Greeting(NamedTuple):
    """A hello: which channels it told (`Fleet.channels_version`), and when it was said (`Clock.ask`)."""

    channels_version: int
    asked: int


class Session:
    """`run` until the connection ends; raises what ended it. `productive` once the server has stored something."""

    def __init__(
        self,
        socket: ClientConnection,
        configurator: Configurator,
        buffer: Buffer,
        tokens: TokenStore,
        rejections: Rejections,
        desk: Desk,
        keeper: Keeper | None,
        updater: Updater | None = None,
    ) -> None:
        self.productive = False
        self._socket = socket
        self._configurator = configurator
        self._fleet = configurator.fleet
        self._safeguard = configurator.fleet.safeguard
        self._buffer = buffer
        self._tokens = tokens
        self._rejections = rejections
        self._desk = desk
        self._keeper = keeper
        self._updater = updater
        self._delays = Delays(asyncio.get_running_loop().time)
        self._events = Events(Welcome([]), {})
        self._welcomed = asyncio.Event()
        self._hellos: deque[Greeting] = deque()  # that have no welcome yet
        self._known_channels = 0
        self._channels_known = asyncio.Event()
        self._configured = asyncio.Event()
        self._holding = Holding(self._greet)

    async def run(self) -> None:
        """Raises ConnectionClosed or SessionError; sends nothing but the hello before the welcome."""
        await self._greet()
        # The first that has ended says by its exception how the connection ended; the receiver knows best.
        # Results come before frames: each of the two waits for the welcome, and is woken in this order.
        works = (self._receive(), self._send_results(), self._send_frames())
        others = (
            self._greet_again(),
            self._holding.run(),
            self._send_status(),
            self._ask_the_silent(),
        )
        tasks = [asyncio.create_task(work) for work in (*works, *others)]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            await next(task for task in tasks if task.done())
        finally:
            for task in tasks:
                task.cancel()
            self._safeguard.server.lost()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _greet(self) -> None:
        self._hellos.append(Greeting(self._fleet.channels_version, self._buffer.clock.ask()))
        self._fleet.channels_changed.clear()
        self._delays.sent(None)
        await self._send(account.hello(self._configurator))

    async def _greet_again(self) -> None:
        """The server wanted other channels, now it is told which those are."""
        while True:
            await self._fleet.channels_changed.wait()
            await self._greet()

    async def _send_status(self) -> None:
        await self._configured.wait()
        while True:
            await self._fleet.changed.wait()
            self._fleet.changed.clear()
            await self._send(account.status(self._fleet, self._keeper, self._updater))
            await self._send_notices()
            await asyncio.sleep(STATUS_SECONDS)

    async def _send_notices(self) -> None:
        """What could not be sent is told by the next session."""
        notices = self._safeguard.notices
        while notices:
            words = notices.popleft()  # at once: when there are too many, the oldest that waits is dropped
            try:
                await self._send(LogEntry("warning", words))
            except BaseException:
                notices.appendleft(words)
                raise

    async def _ask_the_silent(self) -> None:
        """A server that has nothing to say is heard by its pongs, unless it owes us an answer."""
        await self._welcomed.wait()
        server = self._safeguard.server
        while True:
            await asyncio.sleep(ASK_SECONDS)
            if asyncio.get_running_loop().time() >= server.seen_at + ASK_SECONDS:
                owed = self._buffer.oldest
                await (await self._socket.ping())
                if owed is None or owed != self._buffer.oldest:
                    server.seen()

    async def _send(self, message: msgspec.Struct) -> None:
        await self._socket.send(msgspec.json.encode(message), text=True)

    async def _send_results(self) -> None:
        await self._welcomed.wait()
        while True:
            await self._send(await self._desk.outbox.take())

    async def _send_frames(self) -> None:
        await self._welcomed.wait()
        sent_at = -math.inf
        while True:
            await self._buffer.until(lambda: self._buffer.is_ready and self._buffer.in_flight < WINDOW)
            await self._until_channels_are_known()
            await self._gather(sent_at)
            if self._holding.is_held:
                await self._holding.over()
                continue
            frame = self._buffer.take(protocol.FRAME_POINTS, self._wanted)
            if frame is not None:
                sent_at = asyncio.get_running_loop().time()
                self._delays.sent(frame.seq)
                await self._send(Telemetry(frame.seq, [self._datapoint(point) for point in frame.points]))

    async def _until_channels_are_known(self) -> None:
        """Values of a channel that the server does not know yet have no event, and would be left out."""
        while self._known_channels != self._fleet.channels_version:
            self._channels_known.clear()
            await self._channels_known.wait()

    async def _gather(self, sent_at: float) -> None:
        """So that many instances, each of which is read at a moment of its own, are no frame and no commit each."""
        end = sent_at + min(GATHER_SECONDS * (1 + self._buffer.in_flight), MOST_GATHER_SECONDS)
        if end <= asyncio.get_running_loop().time():
            return
        with suppress(TimeoutError):
            async with asyncio.timeout_at(end):
                await self._buffer.until(lambda: self._buffer.has(protocol.FRAME_POINTS))

    def _wanted(self, point: Point) -> bool:
        return point.source in self._events.ids

    def _datapoint(self, point: Point) -> Datapoint:
        return Datapoint(self._events.ids[point.source], point.value, point.timestamp, point.quality)

    async def _receive(self) -> None:
        while True:
            greeting, waiting_for = bool(self._hellos), self._buffer.oldest
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    frame = await self._socket.recv()
            except TimeoutError:
                self._check_answers(greeting, waiting_for)
            else:
                await self._handle(frame)
                if self._welcomed.is_set():
                    self._safeguard.server.seen()

    def _check_answers(self, greeting: bool, waiting_for: int | None) -> None:
        if greeting:
            raise SessionError("the server did not answer the hello")
        if waiting_for is not None and waiting_for == self._buffer.oldest:
            raise SessionError(f"the server did not answer frame {waiting_for} within {ANSWER_SECONDS:g} s")

    async def _handle(self, frame: str | bytes) -> None:
        try:
            message = protocol.decode(frame)
        except msgspec.MsgspecError as error:
            self._not_understood(frame, error)
            return
        match message:
            case Ack():
                self._acknowledged(message)
            case Welcome():
                self._welcome(message)
                await self._tell_losses()
            case Config():
                await self._greet()
            case Token():
                self._renew(message)
            case Error() | Hold():
                self._complained(message)
            case Command():
                self._desk.accept(message, self._delays.of(message.after_seq, message.after_seconds))
            case CommandNoted():
                self.productive = True
                self._desk.noted(message.id)
            case Unknown():
                log.debug("a message of type %r is not known here", message.type)

    def _not_understood(self, frame: str | bytes, error: msgspec.MsgspecError) -> None:
        log.warning("a message of the server is not understood: %s", error)
        if command_id := protocol.command_id(frame):
            self._desk.refuse(command_id, f"the command is not understood: {error}")

    def _acknowledged(self, ack: Ack) -> None:
        self.productive = True
        self._buffer.confirm(ack.seq)
        self._delays.answered(ack.seq)
        self._rejections.add(ack, self._events.sources)

    def _hold(self, hold: Hold) -> None:
        """What is under way waits again, on the disk if it takes long."""
        self._buffer.give_back()
        self._holding.begin(hold)

    def _welcome(self, welcome: Welcome) -> None:
        self._holding.welcomed()
        if self._hellos:
            greeting = self._hellos.popleft()
            self._known_channels = greeting.channels_version
            self._buffer.set_clock(welcome.time, greeting.asked)
        if not self._configurator.meet(welcome.controller_id):
            log.warning("the server is another one than before: what it does not know is proposed to it")
            self._fleet.channels_changed.set()
            return
        self._events = Events(welcome, self._configurator.former)
        self._buffer.names = self._events.names
        self._events.log_missing(self._fleet.loops.values())
        if not self._welcomed.is_set():
            log.info("connected to the server as %s, %d points are waiting", welcome.controller, len(self._buffer))
        self._welcomed.set()
        self._channels_known.set()
        if welcome.packages is not None and self._keeper is not None:
            self._keeper.want(read_packages(welcome.packages))
        if self._updater is not None:
            self._updater.want(welcome.update)
        if welcome.instances is not None:
            self._fleet.changed.clear()  # what is told now is how it is with this
            self._configurator.want(welcome.config_version, read_instances(welcome.instances))
            self._configured.set()

    async def _tell_losses(self) -> None:
        if (lost := self._buffer.dropped - self._buffer.dropped_told) > 0:
            words = f"{lost} values did not reach the server: the buffer was full, they were too old, or it was damaged"
            await self._send(LogEntry("warning", words))
            self._buffer.dropped_told += lost

    def _complained(self, error: Error | Hold) -> None:
        if isinstance(error, Hold):
            self._hold(error)
        elif error.seq is not None and (points := self._buffer.discard(error.seq)):
            self._rejections.add_frame(error, points)
        elif self._hellos and error.seq is None:  # so there will be no welcome
            raise SessionError(f"the server does not take the hello: {error.message} ({error.code})")
        else:
            log.warning("the server answers: %s (%s)", error.message, error.code)

    def _renew(self, message: Token) -> None:
        try:
            self._tokens.replace(message.token)
        except OSError as error:
            log.error("the fresh token cannot be stored, it is used until the controller stops: %s", error)
        else:
            where = "stored" if self._tokens.lasting else "used until the controller stops; set server.token_file"
            log.info("a fresh token, valid until %s: %s", message.expires_at, where)
