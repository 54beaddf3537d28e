"""Gathers channels into few requests."""

from collections.abc import Sequence
from dataclasses import dataclass

from webmacs_controller.plugins.modbus.conversion import width
from webmacs_controller.plugins.modbus.settings import ChannelSettings, ModbusConfig, Table

WORDS: dict[Table, str] = {
    "holding_register": "holding registers",
    "input_register": "input registers",
    "coil": "coils",
    "discrete_input": "discrete inputs",
}


@dataclass(frozen=True, slots=True)
class Request:
    """`count` registers, coils or discrete inputs of one unit, from `start` on, for `channels`."""

    unit_id: int
    table: Table
    start: int
    count: int
    channels: tuple[ChannelSettings, ...]

    def __str__(self) -> str:
        """For people."""
        place = f"{self.start}" if self.count == 1 else f"{self.start} to {self.start + self.count - 1}"
        return f"unit {self.unit_id}, {WORDS[self.table]} {place}"


def plan(config: ModbusConfig) -> list[Request]:
    """Requests for all channels: each as long as the limits allow, over no gap that is wider than allowed."""
    requests: list[list[ChannelSettings]] = []
    end = 0
    for channel in sorted(config.channels, key=lambda channel: _place(channel, config)):
        if requests and _fits(channel, requests[-1][0], end, config):
            requests[-1].append(channel)
            end = max(end, _end(channel))
        else:
            requests.append([channel])
            end = _end(channel)
    return [_request(channels, config.unit_id) for channels in requests]


def halves(request: Request) -> list[Request]:
    """The same channels in two requests."""
    middle = len(request.channels) // 2
    parts = request.channels[:middle], request.channels[middle:]
    return [_request(part, request.unit_id) for part in parts]


def words_of(channel: ChannelSettings, request: Request, words: Sequence[int]) -> Sequence[int]:
    """The channel's part of an answer."""
    start = channel.address - request.start
    return words[start : start + width(channel.type)]


def is_register(table: Table) -> bool:
    """Whether the table is one of numbers, not of bits."""
    return table in ("holding_register", "input_register")


def unit_of(channel: ChannelSettings, unit_id: int) -> int:
    """The device that has the channel, where `unit_id` is that of all others."""
    return unit_id if channel.unit_id is None else channel.unit_id


def _place(channel: ChannelSettings, config: ModbusConfig) -> tuple[int, Table, int, int]:
    return unit_of(channel, config.unit_id), channel.table, channel.address, width(channel.type)


def _fits(channel: ChannelSettings, first: ChannelSettings, end: int, config: ModbusConfig) -> bool:
    """Whether a request that begins with `first` and goes up to `end` may go on to `channel`."""
    if _place(channel, config)[:2] != _place(first, config)[:2]:
        return False
    most = config.max_registers if is_register(channel.table) else config.max_bits
    return channel.address - end <= config.max_gap and max(end, _end(channel)) - first.address <= most


def _end(channel: ChannelSettings) -> int:
    return channel.address + width(channel.type)


def _request(channels: Sequence[ChannelSettings], unit_id: int) -> Request:
    first = channels[0]
    count = max(map(_end, channels)) - first.address
    return Request(unit_of(first, unit_id), first.table, first.address, count, tuple(channels))
