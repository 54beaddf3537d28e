"""Paths in JSON: the singular queries of RFC 9535, which lead to one place at most, as `$.sensors[0]['air temp']`."""

import re
from collections.abc import Sequence
from typing import Any, TypeAlias

Path: TypeAlias = tuple[str | int, ...]

STEP = re.compile(
    r"""\.(?P<name>[^\W\d]\w*)
      | \[(?P<index>0|-?[1-9]\d{0,8})\]
      | \['(?P<single>(?:[^'\\]|\\['\\])*)'\]
      | \["(?P<double>(?:[^"\\]|\\["\\])*)"\]""",
    re.VERBOSE,
)


def parse(text: str) -> Path:
    """The steps of a path. Raises ValueError."""
    if not text.startswith("$"):
        raise ValueError("a path begins with $")
    steps: list[str | int] = []
    position = 1
    while position < len(text):
        match = STEP.match(text, position)
        if match is None:
            raise ValueError(f"{text[position:]!r} is no step; steps are .name, [0], [-1] and ['any name']")
        steps.append(_step(match))
        position = match.end()
    return tuple(steps)


def _step(match: re.Match[str]) -> str | int:
    if match["index"] is not None:
        return int(match["index"])
    if match["name"] is not None:
        return match["name"]
    quoted = match["single"] if match["single"] is not None else match["double"]
    return re.sub(r"\\(.)", r"\1", quoted)


def find(document: Any, path: Path) -> Any:
    """What is there. Raises LookupError if nothing is."""
    for step in path:
        if isinstance(step, str):
            if not isinstance(document, dict):
                raise LookupError(step)
            document = document[step]
        else:
            if not isinstance(document, Sequence) or isinstance(document, str):
                raise LookupError(step)
            document = document[step]
    return document
