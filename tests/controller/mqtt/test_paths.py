"""Paths in JSON."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from webmacs_controller.plugins.mqtt.paths import Path, find, parse

DOCUMENT = {
    "a": {"b": [10, {"c": 11}]},
    "air temp": 12,
    "it's": 13,
    "größe": 14,
    "0": 15,
    "list": [[16]],
    "text": "xyz",
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$", DOCUMENT),
        ("$.a.b[0]", 10),
        ("$.a.b[-1].c", 11),
        ("$['a']['b'][1]['c']", 11),
        ('$["air temp"]', 12),
        (r"$['it\'s']", 13),
        ('$["it\'s"]', 13),
        ("$.größe", 14),
        ("$['0']", 15),
        ("$.list[0][0]", 16),
    ],
)
def test_a_path_leads_to_its_place(path: str, found: object) -> None:
    assert find(DOCUMENT, parse(path)) == found


@pytest.mark.parametrize("path", ["$.b", "$.a.c", "$.a[0]", "$.a.b[2]", "$.a.b.c", "$.a.b[0].c", "$.text[0]", "$[0]"])
def test_a_place_that_is_not_there_is_not_found(path: str) -> None:
    with pytest.raises(LookupError):
        find(DOCUMENT, parse(path))


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("", "begins with \\$"),
        ("a.b", "begins with \\$"),
        ("$.", "'.' is no step"),
        ("$..a", "'..a' is no step"),
        ("$.a b", "' b' is no step"),
        ("$.air-temp", "'-temp' is no step"),
        ("$[*]", r"'\[\*\]' is no step"),
        ("$[01]", r"'\[01\]' is no step"),
        ("$['a]", r"is no step; steps are .name, \[0\], \[-1\] and \['any name'\]"),
        ("$[?@.a]", "is no step"),
    ],
)
def test_what_is_no_path_is_refused(path: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse(path)


@given(st.lists(st.text() | st.integers(0, 9), max_size=6).map(tuple))
def test_every_place_has_a_path(steps: Path) -> None:
    document: Any = 42
    for step in reversed(steps):
        document = {step: document} if isinstance(step, str) else [*range(step), document]
    path = "$" + "".join(_quoted(step) for step in steps)
    assert parse(path) == steps
    assert find(document, parse(path)) == 42


def _quoted(step: str | int) -> str:
    return f"[{step}]" if isinstance(step, int) else "['" + step.replace("\\", "\\\\").replace("'", "\\'") + "']"
