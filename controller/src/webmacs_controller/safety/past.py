"""What an earlier process of this controller knew last."""

from collections.abc import Iterator

import msgspec

PART_DEVICES = 100
"""Of the longest names so many are within what a socket takes at once."""


class Past(msgspec.Struct, frozen=True, tag="past"):
    """By the monotonic clock: when the server was last heard, and the device of each instance last read. `more`: there
    are other devices, which the next part tells."""

    server: float
    devices: dict[str, float] = {}
    more: bool = False

    def parts(self) -> Iterator["Past"]:
        """To be told one by one."""
        devices = list(self.devices.items())
        for first in range(0, max(1, len(devices)), PART_DEVICES):
            last = first + PART_DEVICES
            yield Past(self.server, dict(devices[first:last]), last < len(devices))


class Blocked(msgspec.Struct, frozen=True, tag="blocked"):
    """This instance's plugin holds up the event loop."""

    instance: str
