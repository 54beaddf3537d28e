"""What is tried as the value of every parameter, and ways to put it there."""

import copy
from collections.abc import Iterator
from typing import Any

LONGEST_NAME = 500

PAYLOADS = {
    "quote": "'",
    "SQL": "'; drop table users; --",
    "SQL in a literal": "' or '1'='1",
    "SQL in a name": '" or true; --',
    "dollars": "$$; select pg_sleep(9); $$",
    "NUL": "a\0b",
    "CRLF": "a\r\nSet-Cookie: stolen=1\r\n\r\nHTTP/1.1 200 OK",
    "path": "../../../../etc/passwd",
    "template": "{{7*7}}${7*7}%s%n",
    "page": "<script>alert(1)</script>",
    "PostgREST": "id.eq.1),or=(id.gt.0",
    "half a character": "\ud800",
    "large": "9" * 400,
    "long": "x" * 20_000,
}


def variants(body: Any, payload: object) -> Iterator[Any]:
    """Copies of a JSON value, in each of which another leaf is the payload, or the name of a field is."""
    for place in _places(body):
        changed = copy.deepcopy(body)
        inside = changed
        for step in place[:-1]:
            inside = inside[step]
        inside[place[-1]] = payload
        yield changed
    # PostgREST 12 looks for names that are alike in a time that grows with the square of the length
    if isinstance(body, dict) and body and len(str(payload)) < LONGEST_NAME:
        yield {**body, str(payload): 1}


def _places(body: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    steps = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for step, value in steps:
        place = (*before, step)
        yield place
        yield from _places(value, place)
