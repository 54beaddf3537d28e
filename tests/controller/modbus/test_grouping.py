"""Channels to requests."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from webmacs_controller.plugins.modbus.conversion import width
from webmacs_controller.plugins.modbus.grouping import Request, halves, is_register, plan, words_of
from webmacs_controller.plugins.modbus.settings import ModbusConfig

from tests.controller.modbus.making import config, table


def spans(requests: list[Request]) -> list[tuple[int, int]]:
    return [(request.start, request.count) for request in requests]


@pytest.mark.parametrize(
    ("addresses", "settings", "expected"),
    [
        ([0, 1, 2], {}, [(0, 3)]),
        ([2, 0, 1], {}, [(0, 3)]),
        ([0, 2], {}, [(0, 1), (2, 1)]),
        ([0, 2], {"max_gap": 1}, [(0, 3)]),
        ([0, 3], {"max_gap": 1}, [(0, 1), (3, 1)]),
        (range(130), {}, [(0, 125), (125, 5)]),
        (range(5), {"max_registers": 2}, [(0, 2), (2, 2), (4, 1)]),
        ([0, 0, 0], {}, [(0, 1)]),
        ([65535], {}, [(65535, 1)]),
    ],
)
def test_neighbours_are_read_together(
    addresses: list[int], settings: dict[str, int], expected: list[tuple[int, int]]
) -> None:
    channels = [table(id=str(number), address=address) for number, address in enumerate(addresses)]
    assert spans(plan(config(*channels, **settings))) == expected


def test_wide_values_are_never_cut() -> None:
    channels = [table(address=address, type="float64", min=0, max=1) for address in (0, 4, 8)]
    assert spans(plan(config(*channels, max_registers=10))) == [(0, 8), (8, 4)]


def test_units_and_tables_are_apart() -> None:
    channels = [
        table(id="a"),
        table(id="b", unit_id=7),
        table(id="c", table="input_register", address=1),
        table(id="d", table="coil", type="bool", address=1),
        table(id="e", unit_id=1, address=1),
    ]
    assert [str(request) for request in plan(config(*channels))] == [
        "unit 1, coils 1",
        "unit 1, holding registers 0 to 1",
        "unit 1, input registers 1",
        "unit 7, holding registers 0",
    ]


def test_bits_have_their_own_limit() -> None:
    channels = [table(table="discrete_input", type="bool", address=address) for address in range(3000)]
    assert spans(plan(config(*channels))) == [(0, 2000), (2000, 1000)]


def test_bits_of_one_register_are_one_request_also_when_halved() -> None:
    (request,) = plan(config(*(table(id=str(bit), type="bit", bit=bit) for bit in range(4))))
    assert spans(halves(request)) == [(0, 1), (0, 1)]


KINDS = st.sampled_from(["uint16", "int32", "float64", "bit", "bool"])
REGISTERS = st.builds(
    lambda kind, address, name, unit: table(type=kind, address=address, table=name, unit_id=unit, min=0, max=1),
    KINDS,
    st.integers(0, 300),
    st.sampled_from(["holding_register", "input_register"]),
    st.sampled_from([None, 2, 9]),
)
BITS = st.builds(
    lambda address, name: table(type="bool", address=address, table=name),
    st.integers(0, 300),
    st.sampled_from(["coil", "discrete_input"]),
)
CONFIGS = st.builds(
    lambda channels, registers, bits, gap: config(
        *(channel | {"id": str(number)} for number, channel in enumerate(channels)),
        max_registers=registers,
        max_bits=bits,
        max_gap=gap,
    ),
    st.lists(REGISTERS | BITS, min_size=1, max_size=60),
    st.integers(4, 125),
    st.integers(1, 2000),
    st.integers(0, 20),
)


@given(CONFIGS)
def test_every_channel_is_read_once_and_no_limit_is_broken(settings: ModbusConfig) -> None:
    requests = plan(settings)
    read = [channel.id for request in requests for channel in request.channels]
    assert sorted(read) == sorted(channel.id for channel in settings.channels)
    for request in requests:
        check(request, settings)


@given(CONFIGS)
def test_halves_have_the_same_channels(settings: ModbusConfig) -> None:
    for request in plan(settings):
        if len(request.channels) > 1:
            parts = halves(request)
            assert parts[0].channels + parts[1].channels == request.channels
            for part in parts:
                check(part, settings)


def check(request: Request, settings: ModbusConfig) -> None:
    assert 1 <= request.count <= (settings.max_registers if is_register(request.table) else settings.max_bits)
    end = request.start
    for channel in request.channels:
        assert channel.table == request.table
        assert (channel.unit_id if channel.unit_id is not None else settings.unit_id) == request.unit_id
        assert channel.address - end <= settings.max_gap
        end = max(end, channel.address + width(channel.type))
        assert len(words_of(channel, request, range(request.count))) == width(channel.type)
    assert end == request.start + request.count
