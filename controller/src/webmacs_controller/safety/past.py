"""What an earlier process of this controller knew last."""

import msgspec


class Past(msgspec.Struct, frozen=True):
    """By the monotonic clock: when the server was last heard, and the device of each instance last read."""

    server: float
    devices: dict[str, float] = {}
