"""Payloads to values and back."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from webmacs_controller.plugins.mqtt.checks import path_of
from webmacs_controller.plugins.mqtt.payloads import AbsentError, PayloadError, command, document_in, same, value_in

from tests.controller.mqtt.making import channel


def read(payload: bytes, **settings: Any) -> float:
    """What a channel with these settings makes of it."""
    given = channel(**settings)
    return value_in(document_in(payload), path_of(given), given)


@pytest.mark.parametrize(
    ("payload", "settings", "value"),
    [
        (b"21.5", {}, 21.5),
        (b" -3\n", {}, -3),
        (b"1e3", {}, 1000),
        (b'"21.5"', {}, 21.5),
        (b"+.5", {}, 0.5),
        (b"ON", {}, 1),
        (b"OFF", {}, 0),
        (b"true", {}, 1),
        (b"false", {}, 0),
        (b"open", {"on": "open", "off": "shut"}, 1),
        (b"shut", {"on": "open", "off": "shut"}, 0),
        (b"1", {"on": "0", "off": "1"}, 1),
        (b'{"t": 21.5}', {"path": "$.t"}, 21.5),
        (b'{"t": "21.5"}', {"path": "$.t"}, 21.5),
        (b'{"state": "ON"}', {"path": "$.state"}, 1),
        (b'{"a": [{"b": true}]}', {"path": "$.a[0].b"}, 1),
        (b"[1, 2, 3]", {"path": "$[-1]"}, 3),
    ],
)
def test_a_payload_is_a_value(payload: bytes, settings: dict[str, Any], value: float) -> None:
    assert read(payload, **settings) == value


@pytest.mark.parametrize(("payload", "path"), [(b"null", ""), (b'{"t": null}', "$.t"), (b"nan", ""), (b"NaN", "")])
def test_a_device_may_have_no_value(payload: bytes, path: str) -> None:
    assert math.isnan(read(payload, path=path))


@pytest.mark.parametrize(
    ("payload", "path", "words"),
    [
        (b"", "", "'' is neither a number nor 'ON' nor 'OFF'"),
        (b"on", "", "'on' is neither"),
        (b"1_000", "", "'1_000' is neither"),
        (b"21.5 C", "", "'21.5 C' is neither"),
        (b"\xff\xfe", "", "is neither JSON nor text"),
        (b'{"t": 1}', "", "is an object or a list"),
        (b"[1]", "", "is an object or a list"),
        (b'{"t": {}}', "$.t", "is an object or a list"),
        (b"0" * ((1 << 20) + 1), "", "1048577 bytes are too many"),
        (b"1" * 400, "", "is too large a number"),
        (b"[" * 100_000, "", "is neither a number"),
    ],
)
def test_what_is_no_value_is_told(payload: bytes, path: str, words: str) -> None:
    with pytest.raises(PayloadError, match=words) as caught:
        read(payload, path=path)
    assert not isinstance(caught.value, AbsentError)


@pytest.mark.parametrize("payload", [b"1e999", b"Infinity"])
def test_infinity_is_what_it_says(payload: bytes) -> None:
    assert math.isinf(read(payload))


@pytest.mark.parametrize("payload", [b"{}", b"[]", b"text", b"7", b'{"x": {"t": 1}}'])
def test_what_speaks_of_something_else_is_absent(payload: bytes) -> None:
    with pytest.raises(AbsentError, match=r"has no \$\.t"):
        read(payload, path="$.t")


@pytest.mark.parametrize(
    ("value", "settings", "payload"),
    [
        (21.5, {}, "21.5"),
        (50.0, {}, "50"),
        (0.1, {}, "0.1"),
        (1.0, {"command_payload": "{word}"}, "ON"),
        (0.0, {"command_payload": "{word}", "off": "shut"}, "shut"),
        (1.0, {"command_payload": '{"state": "{word}", "level": {value}}'}, '{"state": "ON", "level": 1}'),
        (1.0, {"command_payload": "go"}, "go"),
        (1e300, {}, "1e+300"),
    ],
)
def test_a_value_is_a_command(value: float, settings: dict[str, Any], payload: str) -> None:
    assert command(value, channel(**settings)) == payload


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_value_comes_back(value: float) -> None:
    assert read(command(value, channel()).encode()) == value
    in_json = {"command_payload": '{"v": {value}}', "path": "$.v"}
    assert read(command(value, channel(**in_json)).encode(), **in_json) == value


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.binary() | JSON.map(lambda document: json.dumps(document).encode()), st.sampled_from(["", "$.a", "$[0]"]))
def test_nothing_that_arrives_is_more_than_a_value_or_told(payload: bytes, path: str) -> None:
    try:
        value = read(payload, path=path)
    except PayloadError:  # any other exception would end the plugin's listening
        return
    assert isinstance(value, float)


def test_devices_may_tell_single_precision() -> None:
    assert same(0.10000000149011612, 0.1)
    assert not same(0.11, 0.1)
