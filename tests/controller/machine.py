"""A machine whose clocks are turned by the test."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from webmacs_controller.clock.clock import EPOCH, MICROSECOND, Clock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
"""The right time when the machine was started."""


@dataclass
class TurnedKernel:
    """`right` is when it was started; `wrong` is by how many seconds its real time is off."""

    right: datetime = NOON
    wrong: float = 0.0
    synchronised: bool = True
    up: float = 30.0
    boot_id: str = "boot 1"

    def boot_time(self) -> int:
        return round(self.up * 1e6)

    def boot_and_real_time(self) -> tuple[int, int]:
        return self.boot_time(), (self.right_time() + timedelta(seconds=self.wrong) - EPOCH) // MICROSECOND

    def is_synchronised(self) -> bool:
        return self.synchronised

    def right_time(self) -> datetime:
        return self.right + timedelta(seconds=self.up)

    def sleep(self, seconds: float) -> None:
        self.up += seconds


def right_clock() -> Clock:
    """Of a machine whose time stands still, so only the last digit of a time-stamp changes."""
    return Clock(TurnedKernel())
