"""Which column of a file is what."""

from dataclasses import dataclass

from webmacs.errors import ApiError
from webmacs.export.lines import COLUMNS

NEEDED = ("timestamp", "value")
HINT = f"The first line names the columns, as export does: {', '.join(COLUMNS)}."


@dataclass(frozen=True)
class Columns:
    """The place of each column; None: the file does not have it. `decimal_comma`: values are written with a comma."""

    count: int
    timestamp: int
    value: int
    event_public_id: int | None
    event: int | None
    unit: int | None
    quality: int | None
    decimal_comma: bool


def read_header(record: list[str], delimiter: str) -> Columns:
    """The columns by their names, in any order. Raises ApiError 400. With semicolons comes the decimal comma."""
    names = [name.strip() for name in record]
    _check(names)
    places = {name: names.index(name) for name in names}
    return Columns(
        len(names),
        places["timestamp"],
        places["value"],
        places.get("event_public_id"),
        places.get("event"),
        places.get("unit"),
        places.get("quality"),
        decimal_comma=delimiter == ";",
    )


def _check(names: list[str]) -> None:
    for name in names:
        if name not in COLUMNS:
            raise ApiError(400, "wrong_header", f"There is no column {name[:80]!r}.", hint=HINT)
        if names.count(name) > 1:
            raise ApiError(400, "wrong_header", f"The column {name} is there twice.", hint=HINT)
    for name in NEEDED:
        if name not in names:
            raise ApiError(400, "wrong_header", f"The column {name} is missing.", hint=HINT)
    if "event" not in names and "event_public_id" not in names:
        raise ApiError(400, "wrong_header", "The column event_public_id or event is missing.", hint=HINT)
