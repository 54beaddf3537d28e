"""Are outputs at their safe values in time, when the server is lost or the controller has ended?"""

from dataclasses import dataclass

from tests.simulation.machine import DEVICE_SECONDS, Machine
from tests.simulation.network import Network
from tests.simulation.plant import Device, Plant
from tests.simulation.world import World

SAFE_AFTER = {"pump": 10.0, "valve": 60.0}
"""Seconds without the server, as the database has them."""

MARGIN = 5.0
"""For the way there: a reading and a write, a note on the disk (1 s at most)."""

RECOVERY = 60.0
"""After a device has failed or was slow: for a call that hangs to be given up (30 s), and for the next try (5 s)."""

LOOK_SECONDS = 1.0


@dataclass
class SafetyWatch:
    """Looks each second, and fails the world."""

    world: World
    network: Network
    machine: Machine
    plant: Plant
    process_since: float | None = None
    checks: int = 0

    def __post_init__(self) -> None:
        self._well_since = dict.fromkeys(self.plant.devices, self.world.now)
        self.world.later(LOOK_SECONDS, self._look)

    def ended(self) -> None:
        """The controller was told to end, and has."""
        for device in self.plant.devices.values():
            if self._is_well(device, RECOVERY):
                self._check(device, "after the controller has ended", dict.fromkeys(SAFE_AFTER, -1.0))

    def _look(self) -> None:
        for name, device in self.plant.devices.items():
            if device.fails or self.machine.device_seconds != DEVICE_SECONDS:
                self._well_since[name] = self.world.now
        since = self.process_since
        if since is not None and self.world.now - since > self._start_takes(since):
            silent = self.world.now - self.network.heard_at - MARGIN
            for device in self.plant.devices.values():
                if self._is_well(device, RECOVERY):
                    self._check(device, f"the server was heard {silent + MARGIN:.1f} s ago", SAFE_AFTER, silent)
        self.world.later(LOOK_SECONDS, self._look)

    def _start_takes(self, since: float) -> float:
        """From a disk that is slow the program itself is read slowly."""
        return MARGIN if self.machine.trouble[1] < since else RECOVERY

    def _is_well(self, device: Device, seconds: float) -> bool:
        return self.world.now - self._well_since[device.name] > seconds

    def _check(self, device: Device, why: str, allowed: dict[str, float], silent: float = 0.0) -> None:
        for channel, value in device.outputs.items():
            self.checks += silent > allowed[channel]
            if value and silent > allowed[channel]:
                self.world.fail(f"{device.name}/{channel} is at {value:g}, not at its safe value: {why}")
