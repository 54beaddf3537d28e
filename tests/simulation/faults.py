"""What goes wrong, when, and for how long: decided by the seed alone."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.simulation import machine, sidecar
from tests.simulation.machine import DEVICE_SECONDS, DISK_SECONDS
from tests.simulation.network import LATENCY
from tests.simulation.simulation import Simulation

YEARS = 365 * 86_400.0
WRONG = (0.0, -1.0, 3600.0, -3600.0, -26 * YEARS, -56 * YEARS, 5 * YEARS)
"""By how many seconds a clock is off that nobody has set since the machine was started."""


@dataclass
class Faults:
    """One about every `interval` seconds, the longest of `longest` seconds. `counts` says what happened."""

    plant: Simulation
    interval: float
    longest: float
    counts: Counter[str] = field(default_factory=Counter)
    over: bool = False

    def begin(self) -> None:
        """From now on."""
        self._next()
        self._command()

    def end(self) -> None:
        """All is well from now on."""
        self.over = True
        plant = self.plant
        plant.machine.dies_at = plant.sidecar.dies_at = plant.sidecar.pushing = None
        plant.machine.disk.full = plant.machine.disk.deceives = plant.sidecar.database_away = False
        plant.machine.disk_seconds, plant.machine.device_seconds = DISK_SECONDS, DEVICE_SECONDS
        plant.sidecar.seconds, plant.network.latency, plant.network.blocked = sidecar.DISK_SECONDS, LATENCY, False
        for device in plant.plant.devices.values():
            device.fails = False
        plant.database.instances.get("Lab", {})["enabled"] = True
        if plant.life is not None:
            plant.life.program.fuse = None
        plant.sidecar.start()
        plant.start()

    def _next(self) -> None:
        world = self.plant.world
        world.later(world.random.expovariate(1 / self.interval), self._happen)

    def _happen(self) -> None:
        if not self.over:
            self._strike()
            self._next()

    def _strike(self) -> None:
        """One fault, and often another one while the first is being dealt with."""
        world = self.plant.world
        if not self.over:
            fault = world.random.choice(FAULTS)
            self.counts[fault.__name__.strip("_")] += 1
            fault(self)
            if world.chance(0.3):
                world.later(world.spread(0.01, 10), self._strike)

    def _command(self) -> None:
        if not self.over:
            self.plant.orders.give()
            self.plant.sidecar.wake()
            self.plant.world.later(self.plant.world.random.expovariate(1 / 20), self._command)

    def _for(self, seconds: float, undo: Callable[[], None]) -> None:
        """After so long it is over, and the next fault may follow just then."""

        def end() -> None:
            if not self.over:
                undo()
                if world.chance(0.3):
                    world.later(world.spread(0.01, 5), self._strike)

        world = self.plant.world
        world.later(seconds, end)

    def _duration(self, least: float, share: float = 1.0) -> float:
        return self.plant.world.spread(least, max(2 * least, self.longest * share))

    # the network

    def _connections_break(self) -> None:
        self.plant.network.reset()

    def _cable_is_unplugged(self) -> None:
        self.plant.network.block(self._duration(1, 0.1))

    def _commands_are_stuck(self) -> None:
        """The next one that is pushed, on its way."""
        self.plant.sidecar.pushing = lambda: self.plant.network.block(self.plant.world.spread(1, 120))

    def _network_is_slow(self) -> None:
        self.plant.network.latency = (0.05, self.plant.world.spread(0.2, 10))
        self._for(self._duration(10, 0.1), lambda: setattr(self.plant.network, "latency", LATENCY))

    # the server

    def _server_is_away(self) -> None:
        self.plant.sidecar.crash()
        self._for(self._duration(1), self.plant.sidecar.start)

    def _server_dies_at_some_point(self) -> None:
        self.plant.sidecar.dies_at = self.plant.world.random.choice(sidecar.DEATHS)
        self.plant.sidecar.crashed = self._server_comes_back

    def _server_comes_back(self) -> None:
        self._for(self.plant.world.spread(0.5, 60), self.plant.sidecar.start)

    def _database_is_away(self) -> None:
        self.plant.sidecar.database_away = True
        self._for(self._duration(1, 0.2), lambda: setattr(self.plant.sidecar, "database_away", False))

    def _database_is_slow(self) -> None:
        self.plant.sidecar.seconds = (0.5, self.plant.world.spread(1, 20))
        self._for(self._duration(10, 0.1), lambda: setattr(self.plant.sidecar, "seconds", sidecar.DISK_SECONDS))

    # the controller and its machine

    def _controller_dies(self) -> None:
        self.plant.kill()
        self._starts_again()

    def _controller_dies_between_two_steps(self) -> None:
        if self.plant.life is not None:
            self.plant.life.program.fuse = self.plant.world.random.randrange(300)
            self._watch()

    def _controller_dies_at_some_point(self) -> None:
        random = self.plant.world.random
        where = random.choice(machine.DEATHS)
        self.plant.machine.dies_at = (where, 0 if where == machine.MOVED else random.randrange(10))
        self._watch()

    def _watch(self) -> None:
        """Whatever it died of."""
        self._for(self.plant.world.spread(5, 60), self._starts_again)

    def _starts_again(self) -> None:
        self._for(self.plant.world.spread(0.5, 60), self.plant.start)

    def _power_cut(self) -> None:
        self.plant.kill(power_cut=True)
        self._for(self.plant.world.spread(2, 600), self._power_returns)

    def _power_returns(self) -> None:
        world = self.plant.world
        self.plant.kill(power_cut=True)  # it may have been started by another fault's end
        self.plant.machine.boot(wrong=world.random.choice(WRONG), synchronised=world.chance(0.3))
        self.plant.start()
        if world.chance(0.7):
            self._for(world.spread(1, 3600), self.plant.machine.synchronise)

    def _controller_is_restarted(self) -> None:
        self.plant.stop()
        self._for(self.plant.world.spread(15, 60), self.plant.start)

    # the disk

    def _disk_is_full(self) -> None:
        self.plant.machine.disk.full = True
        self._for(self._duration(1, 0.05), lambda: setattr(self.plant.machine.disk, "full", False))

    def _disk_is_slow(self) -> None:
        self.plant.machine.disk_seconds = (0.1, self.plant.world.spread(0.5, 30))
        self._for(self._duration(5, 0.02), lambda: setattr(self.plant.machine, "disk_seconds", DISK_SECONDS))

    def _disk_deceives(self) -> None:
        self.plant.machine.disk.deceives = True

    # clocks

    def _somebody_sets_the_clock(self) -> None:
        """And no time service vouches for it."""
        self.plant.machine.synchronised_since = None
        self.plant.machine.wrong += self.plant.world.random.choice((-7200.0, -5.0, 3.0, 60.0, 86_400.0))
        self._for(self._duration(60), self.plant.machine.synchronise)

    # devices

    def _device_fails(self) -> None:
        device = self.plant.world.random.choice(list(self.plant.plant.devices.values()))
        device.fails = True
        self._for(self._duration(1, 0.1), lambda: setattr(device, "fails", False))

    def _devices_are_slow(self) -> None:
        self.plant.machine.device_seconds = (0.1, self.plant.world.spread(1, 60))
        self._for(self._duration(5, 0.02), lambda: setattr(self.plant.machine, "device_seconds", DEVICE_SECONDS))

    # the configuration

    def _configuration_changes(self) -> None:
        database, random = self.plant.database, self.plant.world.random
        if database.instances:
            instance = random.choice(list(database.instances.values()))
            instance["interval_seconds"] = random.choice((1.0, 2.0, 5.0))
            instance["config"] = random.choice(({}, {"slot": 1}, {"wrong": 1}))
            database.instances["Lab"]["enabled"] = random.random() < 0.7
            database.version += 1
            self.plant.sidecar.reconfigure()


FAULTS = [
    getattr(Faults, name)
    for name in (
        "_connections_break",
        "_cable_is_unplugged",
        "_commands_are_stuck",
        "_network_is_slow",
        "_server_is_away",
        "_server_dies_at_some_point",
        "_database_is_away",
        "_database_is_slow",
        "_controller_dies",
        "_controller_dies_between_two_steps",
        "_controller_dies_at_some_point",
        "_power_cut",
        "_controller_is_restarted",
        "_disk_is_full",
        "_disk_is_slow",
        "_disk_deceives",
        "_somebody_sets_the_clock",
        "_device_fails",
        "_devices_are_slow",
        "_configuration_changes",
    )
]
