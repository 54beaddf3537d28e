"""The network between the machine and its server: each connection a pair of pipes, as TCP is, with TCP's faults.

Within a connection bytes arrive in order, or not at all. Across connections anything goes: what was sent over a dead
one may arrive after what was sent over the next.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

from tests.simulation.world import Program, World

LATENCY = (0.001, 0.05)
HIGH_WATER = 1 << 18
"""Bytes under way at which a sender is asked to wait."""


class Network:
    """`latency`: least and most seconds for what is sent. `blocked`: nothing arrives, nobody hears of it.
    `heard_at`: when something of the server has arrived last."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.latency = LATENCY
        self.blocked = False
        self.heard_at = world.now
        self.listener: Callable[[End], asyncio.BaseProtocol] | None = None
        self.lines: dict[Line, None] = {}  # a set has no order that a seed could repeat

    def block(self, seconds: float) -> None:
        """As a cable that is unplugged for so long: what was sent arrives later, if both ends are still there."""
        self.blocked = True
        self.world.later(seconds, self._unblock)

    def reset(self) -> None:
        """All connections break, each at any byte."""
        for line in list(self.lines):
            line.reset()

    async def connect(
        self, program: Program, factory: Callable[[], asyncio.Protocol]
    ) -> tuple[asyncio.Transport, asyncio.Protocol]:
        """Raises ConnectionRefusedError where nobody listens; takes for ever while the network is blocked."""
        while True:
            await asyncio.sleep(self.delay())
            if not self.blocked:
                break
        if self.listener is None:
            raise ConnectionRefusedError(111, "Connection refused")
        line = Line(self, program)
        protocol = factory()
        line.open(protocol, self.listener(line.server))
        return line.client, protocol

    def delay(self) -> float:
        """For something that is sent now."""
        return self.world.spread(*self.latency)

    def _unblock(self) -> None:
        self.blocked = False
        for line in list(self.lines):
            line.flow()


class Line:
    """A connection of two ends."""

    def __init__(self, network: Network, program: Program) -> None:
        self.network = network
        self.client = End(self, program)
        self.server = End(self, network.world.nature)
        self.client.peer, self.server.peer = self.server, self.client
        network.lines[self] = None

    def open(self, client: asyncio.BaseProtocol, server: asyncio.BaseProtocol) -> None:
        """The two protocols that use it."""
        for end, protocol in ((self.server, server), (self.client, client)):
            end.protocol = protocol
            protocol.connection_made(end)

    def flow(self) -> None:
        """What waits may arrive."""
        for end in (self.client, self.server):
            end.program.call_soon(end.arrive)

    def reset(self) -> None:
        """It breaks; both ends hear of it, and may have heard some of what was under way."""
        for end in (self.client, self.server):
            end.lose_some()
            end.arrives(None, ConnectionResetError(104, "Connection reset by peer"))

    def forget(self) -> None:
        """Once both ends are closed nothing remains of it."""
        if self.client.closed and self.server.closed:
            self.network.lines.pop(self, None)


class End(asyncio.Transport):
    """Of a connection. `incoming` is what is under way to it: bytes, or (None) the end and its reason."""

    peer: "End"
    protocol: Any

    def __init__(self, line: Line, program: Program) -> None:
        super().__init__()
        self.line = line
        self.program = program
        self.closed = False
        self._incoming: deque[tuple[float, bytes | None, Exception | None]] = deque()
        self._reading = True
        self._ending = False  # it has said that it sends no more
        self._peer_waits = False
        self._last_at = 0.0

    # what its own program calls

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not self._ending and self.program.alive:
            self.peer.arrives(bytes(data))
            if not self.peer._peer_waits and self.peer.under_way > HIGH_WATER:
                self.peer._peer_waits = True
                self.protocol.pause_writing()

    def close(self) -> None:
        """What was written arrives before the end does."""
        if not self._ending and self.program.alive:
            self._ending = True
            self.peer.arrives(None)
            self.program.call_soon(self._lost, None)

    def abort(self) -> None:
        """What is under way arrives, or only some of it, at any time."""
        if not self._ending and self.program.alive:
            if self.line.network.world.chance(0.5):
                self.peer.lose_some()
            self.close()

    def vanish(self, *, silently: bool) -> None:
        """Its program is dead; the other end hears of it, unless the machine is gone as well."""
        if not self._ending and not silently:
            if self.line.network.world.chance(0.5):
                self.peer.lose_some()
            self.peer.arrives(None, ConnectionResetError(104, "Connection reset by peer"))
        self._ending = self.closed = True
        self._incoming.clear()
        self.line.forget()

    def is_closing(self) -> bool:
        return self._ending

    def pause_reading(self) -> None:
        self._reading = False

    def resume_reading(self) -> None:
        self._reading = True
        self.arrive()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def get_write_buffer_size(self) -> int:
        return self.peer.under_way

    def can_write_eof(self) -> bool:
        return False

    # what the network does

    @property
    def under_way(self) -> int:
        """Bytes that have not arrived here."""
        return sum(len(data) for _, data, _ in self._incoming if data)

    def arrives(self, data: bytes | None, error: Exception | None = None) -> None:
        """After what is under way, and in pieces."""
        world = self.line.network.world
        if data and len(data) > 1 and world.chance(0.1):
            cut = world.random.randrange(1, len(data))
            self._put(data[:cut], None)
            data = data[cut:]
        self._put(data, error)

    def lose_some(self) -> None:
        """Of what is under way only the first bytes will arrive."""
        world = self.line.network.world
        left = world.random.randrange(self.under_way + 1)
        kept: deque[tuple[float, bytes | None, Exception | None]] = deque()
        for at, data, error in self._incoming:
            if data is None:  # it has broken before
                kept.append((at, data, error))
            elif left:
                kept.append((at, data[:left], error))
                left -= min(left, len(data))
        self._incoming = kept

    def arrive(self) -> None:
        """All that is due, while it may."""
        network = self.line.network
        while self._incoming and not self.closed and self._reading and not network.blocked:
            at, data, error = self._incoming[0]
            if at > network.world.now:
                return
            self._incoming.popleft()
            self._receive(data, error)
        if self._peer_waits and self.under_way < HIGH_WATER // 4:
            self._peer_waits = False
            if self.peer.program.alive and not self.peer.closed:
                self.peer.program.call_soon(self.peer.protocol.resume_writing)

    def _put(self, data: bytes | None, error: Exception | None) -> None:
        network = self.line.network
        broken = bool(self._incoming) and self._incoming[-1][1] is None
        if not self.closed and not broken:  # nothing comes after the end
            self._last_at = max(self._last_at, network.world.now + network.delay())
            self._incoming.append((self._last_at, data, error))
            self.program.call_at(self._last_at, self.arrive)

    def _receive(self, data: bytes | None, error: Exception | None) -> None:
        if data:
            if self is self.line.client:
                self.line.network.heard_at = self.line.network.world.now
            self.protocol.data_received(data)
        elif error is None:
            self.protocol.eof_received()
            self.close()
        else:
            self._ending = True
            self._lost(error)

    def _lost(self, error: Exception | None) -> None:
        if not self.closed:
            self.closed = True
            self._incoming.clear()
            self.protocol.connection_lost(error)
            self.line.forget()
