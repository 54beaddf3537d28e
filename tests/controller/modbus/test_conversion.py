"""Registers to values and back: examples from manuals, and what holds for all."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from webmacs_controller.plugins.modbus.conversion import FORMATS, decode, encode, limits, mask, width
from webmacs_controller.plugins.modbus.settings import ChannelSettings

from tests.controller.modbus.making import channel

INTEGERS = sorted(kind for kind in FORMATS if "int" in kind)
orders = st.sampled_from(["big", "little"])


@st.composite
def encodings(draw: st.DrawFn, *kinds: str) -> ChannelSettings:
    """A register of one of these types, its bytes and words in any order."""
    return channel(type=draw(st.sampled_from(kinds)), byte_order=draw(orders), word_order=draw(orders))


@pytest.mark.parametrize(
    ("settings", "registers", "value"),
    [
        ({"type": "uint16"}, [0xFFFF], 65535),
        ({"type": "int16"}, [0xFFFF], -1),
        ({"type": "int16", "byte_order": "little"}, [0x0100], 1),
        ({"type": "int16", "scale": 0.1}, [215], 21.5),
        ({"type": "int16", "scale": 0.1}, [3], 0.3),
        ({"type": "uint16", "scale": 0.5, "offset": -40}, [100], 10),
        ({"type": "uint32"}, [0x0001, 0x0002], 65538),
        ({"type": "uint32", "word_order": "little"}, [0x0002, 0x0001], 65538),
        ({"type": "int32"}, [0xFFFF, 0xFFFE], -2),
        ({"type": "int64"}, [0xFFFF] * 4, -1),
        ({"type": "uint64"}, [0, 0, 1, 0], 65536),
        ({"type": "uint64", "word_order": "little"}, [0, 1, 0, 0], 65536),
        # 25.0 is 0x41C80000; the four orders of a float are called ABCD, CDAB, BADC and DCBA in manuals
        ({"type": "float32"}, [0x41C8, 0x0000], 25),
        ({"type": "float32", "word_order": "little"}, [0x0000, 0x41C8], 25),
        ({"type": "float32", "byte_order": "little"}, [0xC841, 0x0000], 25),
        ({"type": "float32", "byte_order": "little", "word_order": "little"}, [0x0000, 0xC841], 25),
        ({"type": "float32"}, [0x41AA, 0x6666], 21.3),
        ({"type": "float32"}, [0x7F7F, 0xFFFF], 3.4028234663852886e38),
        ({"type": "float32"}, [0x7F80, 0x0000], math.inf),
        ({"type": "float64"}, [0x4039, 0, 0, 0], 25),
        ({"type": "bit", "bit": 0}, [0b0001], 1),
        ({"type": "bit", "bit": 15}, [0x8000], 1),
        ({"type": "bit", "bit": 3}, [0b0111], 0),
        ({"type": "bit", "bit": 0, "byte_order": "little"}, [0x0100], 1),
        ({"type": "bit", "bit": 0, "scale": -1, "offset": 1}, [1], 0),
        ({"type": "bool"}, [0], 0),
        ({"type": "bool"}, [7], 1),
    ],
)
def test_registers_are_values(settings: dict[str, object], registers: list[int], value: float) -> None:
    assert decode(registers, channel(min=-1, max=1, **settings)) == value


@pytest.mark.parametrize(
    ("settings", "value", "registers"),
    [
        ({"type": "int16", "scale": 0.1}, 21.54, [215]),
        ({"type": "int16"}, -1, [0xFFFF]),
        ({"type": "uint16", "scale": 0.5, "offset": -40}, 10, [100]),
        ({"type": "float32", "word_order": "little"}, 25, [0x0000, 0x41C8]),
        ({"type": "bit", "bit": 4}, 1, [1]),
        ({"type": "bool"}, 0, [0]),
    ],
)
def test_values_are_registers(settings: dict[str, object], value: float, registers: list[int]) -> None:
    assert encode(value, channel(**settings)) == registers


@pytest.mark.parametrize(
    ("settings", "value", "problem"),
    [
        ({"type": "uint16"}, -1, "-1 is -1 in the device, which takes 0 to 65535"),
        ({"type": "int16", "scale": 0.1}, 4000, "4000 is 40000 in the device"),
        ({"type": "float32"}, 1e39, "1e\\+39 is more than a float32 can be"),
        ({"type": "bool"}, 0.5, "takes 0 to 1|neither on nor off"),
        ({"type": "bit"}, 0.25, "neither on nor off"),
    ],
)
def test_a_value_that_the_device_cannot_have_is_refused(
    settings: dict[str, object], value: float, problem: str
) -> None:
    with pytest.raises(ValueError, match=problem):
        encode(value, channel(**settings))


@pytest.mark.parametrize(("bit", "order", "expected"), [(0, "big", 1), (9, "big", 0x200), (0, "little", 0x100)])
def test_a_bit_has_its_mask(bit: int, order: str, expected: int) -> None:
    assert mask(channel(type="bit", bit=bit, byte_order=order)) == expected


@given(encodings(*INTEGERS), st.data())
def test_every_integer_comes_back(encoding: ChannelSettings, data: st.DataObject) -> None:
    value = data.draw(st.integers(*limits(encoding.type)))
    if abs(value) <= 2**53:  # more a float cannot tell apart
        assert decode(encode(value, encoding), encoding) == value


@given(encodings("float32", "float64"), st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_every_float_comes_back_to_the_same_registers(encoding: ChannelSettings, value: float) -> None:
    words = encode(value, encoding)
    assert encode(decode(words, encoding), encoding) == words
    assert encoding.type == "float32" or decode(words, encoding) == value


@given(encodings(*FORMATS), st.data())
def test_orders_only_turn_round_what_registers_hold(encoding: ChannelSettings, data: st.DataObject) -> None:
    words = data.draw(st.lists(st.integers(0, 0xFFFF), min_size=width(encoding.type), max_size=width(encoding.type)))
    turned = words if encoding.word_order == "big" else words[::-1]
    if encoding.byte_order == "little":
        turned = [word >> 8 | (word & 0xFF) << 8 for word in turned]
    value, expected = decode(turned, encoding), decode(words, channel(type=encoding.type))
    assert value == expected or (math.isnan(value) and math.isnan(expected))


@given(st.integers(-32768, 32767), st.sampled_from([0.1, 0.01, 0.5, 2, -1, 1e-6]), st.integers(-1000, 1000))
def test_scaling_loses_no_step(raw: int, scale: float, offset: int) -> None:
    scaled = channel(type="int16", scale=scale, offset=offset)
    assert encode(decode(encode_raw(raw), scaled), scaled) == encode_raw(raw)


def encode_raw(raw: int) -> list[int]:
    return [raw & 0xFFFF]
