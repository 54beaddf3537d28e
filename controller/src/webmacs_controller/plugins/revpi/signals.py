"""What the modules of KUNBUS give, by where it lies in them: unit, scale, range, and what says that it is faulty."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from webmacs_controller.plugins.revpi.pictory import Device, Io
from webmacs_controller.plugins.revpi.status import Judge, analog_input, analog_output, digital, resistance

DIO, DI, DO, AIO, MIO = 96, 97, 98, 103, 118
MODULAR_BASES = (95, 105, 136, 138)
"""Core, Connect, Connect 4 and 5: status, cycle, errors, temperature and clock rate, in this order."""

ENCODER = 3


@dataclass(frozen=True, slots=True)
class Signal:
    """Value = number in the process image * scale + offset, in `unit`; `low` and `high` are such numbers."""

    unit: str
    low: int
    high: int
    scale: float = 1.0
    offset: float = 0.0
    signed: bool = False
    judge: Judge | None = None

    def value(self, number: int) -> float:
        """With as many digits as a float keeps: 3 * 0.1 is 0.3."""
        return float(f"{number * self.scale + self.offset:.15g}")

    def number(self, value: float) -> int:
        """The nearest one that the process image can have."""
        return round((value - self.offset) / self.scale)


def signal_of(device: Device, io: Io) -> Signal:
    """Of a module that is not known: what its bits can be."""
    plain = Signal("on/off", 0, 1) if io.bit is not None else Signal("raw", 0, 2**io.bits - 1)
    known = _base if device.product in MODULAR_BASES else MODULES.get(device.product)
    return known(device, io, plain) if known else plain


def _base(device: Device, io: Io, plain: Signal) -> Signal:
    if io.bit is not None or io.output:
        return plain
    known = {1: ("ms", 1.0), 2: ("errors", 1.0), 4: ("°C", 1.0), 5: ("MHz", 10.0)}
    unit, scale = known.get(io.address, (plain.unit, plain.scale))
    return replace(plain, unit=unit, scale=scale)


def _digital(device: Device, io: Io, plain: Signal) -> Signal:
    if not io.output and 2 <= io.address < 6:  # its own status
        return plain
    judged = replace(plain, judge=digital(io))
    if not io.output and io.address >= 6:
        encoder = device.memory.get(88 + (io.address - 6) // 4) == ENCODER
        counts = (-(2**31), 2**31 - 1) if encoder else (0, 2**32 - 1)
        return replace(judged, unit="counts", low=counts[0], high=counts[1], signed=encoder)
    if io.output and io.address >= 72:
        return replace(judged, unit="%", high=100)
    return judged


INPUT_RANGES = {
    1: ("V", -10_000, 10_000),
    2: ("V", 0, 10_000),
    3: ("V", 0, 5_000),
    4: ("V", -5_000, 5_000),
    5: ("mA", 0, 20_000),
    6: ("mA", 0, 24_000),
    7: ("mA", 3_800, 20_500),  # 4 to 20, and what NAMUR NE 43 calls still measured
    8: ("mA", -25_000, 25_000),
}
LIVE_ZERO = 7
OUTPUT_RANGES = {
    1: ("V", 0, 5_000),
    2: ("V", 0, 10_000),
    3: ("V", -5_000, 5_000),
    4: ("V", -10_000, 10_000),
    5: ("V", 0, 5_500),
    6: ("V", 0, 11_000),
    7: ("V", -5_500, 5_500),
    8: ("V", -11_000, 11_000),
    9: ("mA", 4_000, 20_000),
    10: ("mA", 0, 20_000),
    11: ("mA", 0, 24_000),
}


def _analog(device: Device, io: Io, plain: Signal) -> Signal:
    """A RevPi AIO: millivolts, microamperes or tenths of degrees, unless piCtory scales them itself."""
    if io.output:
        number = (io.address - 20) // 2
        memory = 69 + 10 * number
        return _ranged(device, OUTPUT_RANGES, memory, memory + 4, analog_output(18 + number))
    if io.address < 8:
        number = io.address // 2
        memory = 24 + 7 * number
        live_zero = device.memory.get(memory) == LIVE_ZERO and _unscaled(device, memory + 1)
        return _ranged(device, INPUT_RANGES, memory, memory + 1, analog_input(8 + number, live_zero))
    if io.address in (12, 14):
        number = (io.address - 12) // 2
        judge = resistance(16 + number)
        if _unscaled(device, 55 + 8 * number):
            return Signal("°C", -2_000, 8_500, 0.1, signed=True, judge=judge)
        return Signal("raw", -(2**15), 2**15 - 1, signed=True, judge=judge)
    return plain


def _ranged(device: Device, ranges: dict[int, tuple[str, int, int]], kind: int, scaling: int, judge: Judge) -> Signal:
    known = ranges.get(device.memory.get(kind, 0))
    if known is None or not _unscaled(device, scaling):
        return Signal("raw", -(2**15), 2**15 - 1, signed=True, judge=judge)
    return Signal(*known, scale=0.001, signed=True, judge=judge)


def _unscaled(device: Device, at: int) -> bool:
    """Factor, divisor and offset, of two bytes each."""
    return [device.memory.get(at + 2 * place, default) for place, default in enumerate((1, 1, 0))] == [1, 1, 0]


def _mixed(device: Device, io: Io, plain: Signal) -> Signal:
    """A RevPi MIO."""
    if io.bit is not None:
        return plain
    if (45 <= io.address < 61) if io.output else (18 <= io.address < 34):
        return Signal("V", 0, 10_000, 0.001, signed=True)
    return plain


MODULES: dict[int, Callable[[Device, Io, Signal], Signal]] = {
    DIO: _digital,
    DI: _digital,
    DO: _digital,
    AIO: _analog,
    MIO: _mixed,
}
