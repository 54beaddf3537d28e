"""What modules say about their own inputs and outputs, as qualities."""

from collections.abc import Callable
from typing import TypeAlias

from webmacs_controller.plugins.revpi.pictory import Io
from webmacs_controller.sdk import Quality

Judge: TypeAlias = Callable[[bytes, int], Quality]
"""From all bytes of the device, and the number that stands for the value."""

TIMED_OUT = 0x80
SUPPLY = 0x60
"""Bits of every status of an AIO: the base module is not heard, the supply is too low or too high."""

BELOW_OR_ABOVE = 0x03
WIRE_BROKEN, WIRE_SHORT = 3_600, 21_000
"""Microamperes, by NAMUR NE 43: nothing that measures gives less or more."""


def analog_input(at: int, live_zero: bool) -> Judge:
    """Of an AIO, whose status is at `at`."""

    def judge(device: bytes, number: int) -> Quality:
        common = _of_module(device[at])
        if common is not Quality.GOOD:
            return common
        if live_zero:
            return Quality.GOOD if WIRE_BROKEN <= number <= WIRE_SHORT else Quality.SENSOR_FAULT
        return Quality.OUT_OF_RANGE if device[at] & BELOW_OR_ABOVE else Quality.GOOD

    return judge


def resistance(at: int) -> Judge:
    """Of an AIO: out of range is a wire that is broken or short."""

    def judge(device: bytes, number: int) -> Quality:
        common = _of_module(device[at])
        if common is Quality.GOOD and device[at] & BELOW_OR_ABOVE:
            return Quality.SENSOR_FAULT
        return common

    return judge


def analog_output(at: int) -> Judge:
    """Of an AIO: overheated, open load and internal errors are faults, the fourth bit a value out of range."""

    def judge(device: bytes, number: int) -> Quality:
        common = _of_module(device[at])
        if common is Quality.GOOD and device[at] & 0x07:
            return Quality.SENSOR_FAULT
        return Quality.OUT_OF_RANGE if common is Quality.GOOD and device[at] & 0x08 else common

    return judge


def _of_module(status: int) -> Quality:
    if status & TIMED_OUT:
        return Quality.COMMUNICATION
    return Quality.SENSOR_FAULT if status & SUPPLY else Quality.GOOD


def digital(io: Io) -> Judge:
    """Of a DIO, DI or DO: the word at 4 is the module's status, the one at 2 has a bit for each output in error."""
    return _digital_output(io) if io.output else _digital_input(_pin(io))


def _pin(io: Io) -> int:
    """From 0. A whole word of inputs counts as the first eight."""
    return (io.address - 6) // 4 if io.bits == 32 else 8 * io.address + (io.bit or 0)


def _digital_input(pin: int) -> Judge:
    """Three bits for each half of the inputs: supply lost, supply low, overheated."""
    half = 1 if pin < 8 else 4

    def judge(device: bytes, number: int) -> Quality:
        status = device[4]
        if status & 0x01:
            return Quality.COMMUNICATION
        if status & (0x80 | 0b101 << half):
            return Quality.SENSOR_FAULT
        return Quality.UNCERTAIN if status & 0b010 << half else Quality.GOOD

    return judge


def _digital_output(io: Io) -> Judge:
    pin = io.address - 72 if io.bit is None else 8 * (io.address - 70) + io.bit

    def judge(device: bytes, number: int) -> Quality:
        if device[5] & 0x01:
            return Quality.COMMUNICATION
        in_error = int.from_bytes(device[2:4], "little")
        one = in_error >> pin & 1 if pin >= 0 else in_error
        return Quality.SENSOR_FAULT if one or device[5] & 0x06 else Quality.GOOD

    return judge
