"""Commands: what the server wanted, and what the devices were told."""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial

from tests.simulation.database import Command, Database, Source
from tests.simulation.machine import Machine
from tests.simulation.plant import Plant
from tests.simulation.world import World

OUTPUTS: tuple[Source, ...] = (("Rack", "pump"), ("Bus", "valve"))


@dataclass
class Orders:
    """Each command sets another value, so what a device is told names its command. Fails the world."""

    world: World
    database: Database
    plant: Plant
    machine: Machine
    given: int = 0
    asked: dict[float, float] = field(default_factory=dict)
    effects: dict[float, int] = field(default_factory=lambda: defaultdict(int))
    _newest: dict[Source, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, device in self.plant.devices.items():
            device.asked, device.written = partial(self._asked, name), partial(self._written, name)

    def give(self) -> None:
        """Somebody wants something."""
        self.given += 1
        source = self.world.random.choice(OUTPUTS)
        expires = self.world.now + self.world.spread(2, 120)
        self.database.command(Command(f"command {self.given}", source, float(self.given), expires))

    def check(self) -> None:
        """At the end: what was said of each command is what happened."""
        for command in self.database.commands.values():
            effects = self.effects[command.value]
            right = {"done": effects == 1, "outcome_unknown": True, "queued": False, "sent": False}
            if not right.get(command.state, effects == 0):
                self.world.fail(f"{command.id} is {command.state} with {effects} effects: {command.result}")

    def counts(self) -> dict[str, int]:
        """How many commands have come to which end."""
        counts: dict[str, int] = defaultdict(int)
        for command in self.database.commands.values():
            counts[command.state] += 1
        return dict(counts)

    def _asked(self, instance: str, channel: str, value: float) -> None:
        if not value:
            return
        source = instance, channel
        command = self.database.commands[f"command {value:.0f}"]
        if self.world.now > command.expires:
            self.world.fail(f"{command.id} is carried out {self.world.now - command.expires:.3f} s too late")
        if value in self.asked:
            self.world.fail(f"{command.id} is carried out twice")
        if value < self._newest.get(source, 0):
            self.world.fail(f"{command.id} is carried out after command {self._newest[source]:.0f}")
        self.asked[value] = self._newest[source] = value

    def _written(self, _instance: str, _channel: str, value: float) -> None:
        self.effects[value] += 1
        self.machine.moved = value > 0
