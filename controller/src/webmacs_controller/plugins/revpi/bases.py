"""What the base modules have beside inputs and outputs: LEDs, a relay, a watchdog."""

from dataclasses import dataclass

from webmacs_controller.plugins.revpi.pictory import Device, Io
from webmacs_controller.plugins.revpi.signals import MODULAR_BASES, Signal

TWO_COLOURS = ("green", "red")
THREE_COLOURS = ("green", "red", "blue")
SWITCH = Signal("on/off", 0, 1)
PREFIX = "core."

CONTROL = ("RevPiLED", "RevPiOutput")
"""Bytes that hold the LEDs, and the watchdog beside them."""


@dataclass(frozen=True, slots=True)
class Base:
    """`relay`: it has the connector X2 with a relay and an input. `watchdog`: it is fed through the process image."""

    name: str
    leds: int
    colours: tuple[str, ...]
    relay: bool = False
    watchdog: bool = False


BASES = {
    95: Base("RevPi Core", 2, TWO_COLOURS, watchdog=True),
    104: Base("RevPi Compact", 2, TWO_COLOURS, watchdog=True),
    105: Base("RevPi Connect", 3, TWO_COLOURS, relay=True, watchdog=True),
    135: Base("RevPi Flat", 5, TWO_COLOURS, watchdog=True),
    136: Base("RevPi Connect 4", 5, THREE_COLOURS, relay=True),
    138: Base("RevPi Connect 5", 5, THREE_COLOURS),
}


def extras(base: Base) -> dict[str, bool]:
    """By name, as revpimodio2 has them: whether it is an output. All are on or off."""
    leds = [f"{PREFIX}a{number}{colour}" for number in range(1, base.leds + 1) for colour in base.colours]
    return dict.fromkeys(leds, True) | ({f"{PREFIX}x2in": False, f"{PREFIX}x2out": True} if base.relay else {})


def is_private(device: Device, io: Io) -> bool:
    """What no channel may be made of, because more than one thing would be set by it, or the driver itself."""
    if not device.base:
        return False
    return io.output and (device.product in MODULAR_BASES or io.name.startswith(CONTROL))
