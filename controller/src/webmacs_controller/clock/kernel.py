"""What the operating system knows of time, in microseconds."""

import ctypes
import time
from pathlib import Path
from typing import Protocol

NOT_SYNCHRONISED = (-1, 5)
"""What adjtimex(2) returns when it fails, and while nobody vouches for the clock (TIME_ERROR)."""

STRUCT_TIMEX = 256
"""Bytes, more than it has on any machine. All zero it asks, and sets nothing."""

AT_ONCE = 1_000
"""Two clocks that were read within that time were read together."""


class Kernel(Protocol):
    """The seam at which a simulator turns the clock. `boot_id` is another after each start of the machine."""

    @property
    def boot_id(self) -> str: ...

    def boot_time(self) -> int:
        """Since the machine was started; nobody sets it, it never goes back."""

    def boot_and_real_time(self) -> tuple[int, int]:
        """The same moment by both clocks; the second is UTC since 1970, as far as the machine knows."""

    def is_synchronised(self) -> bool:
        """Whether a time service vouches for the real time."""


class Linux:
    """The real one."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None)

    @property
    def boot_id(self) -> str:
        """As the kernel made it up."""
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()

    def boot_time(self) -> int:
        """CLOCK_BOOTTIME: goes on while the machine sleeps, unlike CLOCK_MONOTONIC."""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000

    def boot_and_real_time(self) -> tuple[int, int]:
        """Read again if something came between."""
        while True:
            before, real, after = self.boot_time(), time.time_ns() // 1000, self.boot_time()
            if after - before <= AT_ONCE:
                return before, real

    def is_synchronised(self) -> bool:
        """As `timedatectl` tells it."""
        return self._libc.adjtimex(ctypes.create_string_buffer(STRUCT_TIMEX)) not in NOT_SYNCHRONISED
