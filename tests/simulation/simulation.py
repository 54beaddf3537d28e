"""A controller, its machine, its devices, the network and the server, put together; what may happen to them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from webmacs_controller.assembly import first_configuration, make_buffer, make_tokens
from webmacs_controller.clock.clock import Clock
from webmacs_controller.commands.journal import Journal
from webmacs_controller.configuration.saved import Saved
from webmacs_controller.measuring.point import Point
from webmacs_controller.service import Setup, serve
from webmacs_controller.settings import (
    BufferSettings,
    CommandsSettings,
    ConfigurationSettings,
    PluginsSettings,
    Proposal,
    ServerSettings,
    Settings,
)
from webmacs_controller.transport.buffer import Buffer

from tests.simulation.database import Database
from tests.simulation.ledger import Ledger
from tests.simulation.machine import Machine, day
from tests.simulation.network import Network
from tests.simulation.orders import Orders
from tests.simulation.plant import Plant
from tests.simulation.safety import SAFE_AFTER, SafetyWatch
from tests.simulation.sidecar import Sidecar
from tests.simulation.world import Program, World

COMPLETE = ("Rack", "Bus")
PROPOSALS = (
    Proposal("Rack", "blocking", interval_seconds=1),
    Proposal("Bus", "asynchronous", interval_seconds=5),
    Proposal("Lab", "asynchronous", interval_seconds=10),
)


@dataclass
class Life:
    """A process of the controller."""

    number: int
    program: Program
    buffer: Buffer
    stop: asyncio.Event
    task: asyncio.Task[None] | None = None


class Simulation:
    """All of it. `folder` is best in memory. `life` is None while no controller runs."""

    def __init__(self, seed: int | str, folder: Path, buffer: BufferSettings | None = None) -> None:
        self.world = World(seed)
        self.network = Network(self.world)
        self.machine = Machine(self.world, self.network)
        self.plant = Plant(self.world)
        self.ledger = Ledger(self.world, self.machine, COMPLETE)
        self.database = Database(lambda: self.world.now, lambda: day(self.world.now), self.ledger, SAFE_AFTER)
        self.sidecar = Sidecar(self.world, self.network, self.database)
        self.orders = Orders(self.world, self.database, self.plant, self.machine)
        self.safety = SafetyWatch(self.world, self.network, self.machine, self.plant)
        self.life: Life | None = None
        self.lives = 0
        self._dead: list[Life] = []  # kept: to collect them would run what they did not come to
        self.dropped = 0
        self.memory_dropped = 0
        self.machine.dies = lambda: self.kill()
        self._settings = Settings(
            ServerSettings("ws://127.0.0.1:8000/ws/controller/telemetry", token="t"),
            buffer or BufferSettings(),
            CommandsSettings(),
            ConfigurationSettings(),
            PluginsSettings(),
            PROPOSALS,
            folder,
        )

    def start(self) -> None:
        """A process of the controller, if there is none."""
        if self.life is None:
            self.lives += 1
            program = Program(self.world, f"controller {self.lives}", self.machine)
            program.dies = self.kill
            buffer = make_buffer(self._settings, Clock(self.machine))
            self._observe(buffer, self.lives)
            self.safety.process_since = self.world.now
            self.life = Life(self.lives, program, buffer, asyncio.Event())
            program.call_soon(self._serve, self.life)

    def kill(self, *, power_cut: bool = False) -> None:
        """It ends as it is, with kill -9 or with the machine."""
        life, self.life = self.life, None
        if life is None:
            return
        self._end(life)
        for line in list(self.network.lines):
            if line.client.program is life.program:
                line.client.vanish(silently=power_cut)
        self.machine.disk.crash(power_cut=power_cut)
        self.ledger.crashed(life.number, at=self.world.now)

    def stop(self) -> None:
        """It is asked to end."""
        if self.life is not None:
            self.life.program.call_soon(self.life.stop.set)

    @property
    def is_drained(self) -> bool:
        """Whether all that was measured before this moment has been acknowledged, but for what came just now."""
        life = self.life
        return life is not None and self._server_knows(life) and len(life.buffer) == life.buffer.unsaved

    def _server_knows(self, life: Life) -> bool:
        return bool(life.buffer.clock.is_set) and self.sidecar.up

    def _observe(self, buffer: Buffer, life: int) -> None:
        put = buffer.put

        def observed(points: Sequence[Point]) -> None:
            self.ledger.put(life, points)
            put(points)

        buffer.put = observed  # type: ignore[method-assign]

    def _serve(self, life: Life) -> None:
        life.task = life.program.create_task(self._live(life))
        life.task.add_done_callback(lambda task: self._ended(life, task))

    async def _live(self, life: Life) -> None:
        settings, machine = self._settings, self.machine
        setup = Setup(first_configuration(settings), Saved(settings.configuration_file), self.plant.make)
        journal = Journal(settings.journal_file, machine.real_time)
        await serve(settings.server.url, make_tokens(settings), setup, life.buffer, journal, life.stop)

    def _ended(self, life: Life, task: asyncio.Task[None]) -> None:
        task.result()
        if self.life is life:
            self.life = None
            self._end(life)
            self.safety.ended()
            if self.world.now - self.machine.trouble[1] < 30:  # it could not save everything
                self.ledger.crashed(life.number, at=self.world.now)

    def _end(self, life: Life) -> None:
        life.program.alive = False
        self.safety.process_since = None
        self._dead.append(life)
        self.dropped += life.buffer.dropped
        self.memory_dropped += life.buffer._memory.dropped
