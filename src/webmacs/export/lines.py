"""How lines look: what is the same for all lines of an event is made once here, the database adds times and values."""

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from webmacs.export.channels import Channel

COLUMNS = ("event", "event_public_id", "timestamp", "value", "unit", "quality")
# A spreadsheet takes such a cell for a formula, in Japan also with full width; alone, as the unit "-", they are none.
# And what stands behind an apostrophe already gets one more, so that no two names look alike.
FORMULA = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20].", re.DOTALL)
BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True)
class Line:
    """before, time, middle, value, after, quality, end."""

    before: str
    middle: str
    after: str
    end: str


@dataclass(frozen=True)
class WideLine:
    """before, time, then for each event its key and value (`nothing`, if there is none), end."""

    before: str
    keys: list[str]
    nothing: str
    end: str


class Lines(Protocol):
    """A format."""

    media_type: str
    suffix: str
    point: str

    def header(self) -> str: ...

    def line(self, channel: Channel) -> Line: ...

    def wide_header(self, channels: Sequence[Channel]) -> str: ...

    def wide_line(self, channels: Sequence[Channel]) -> WideLine: ...


class Csv:
    """Comma-separated; with a decimal comma as spreadsheets of such countries read it: semicolons, byte order mark."""

    media_type = "text/csv; charset=utf-8; header=present"
    suffix = ".csv"

    def __init__(self, decimal_comma: bool) -> None:
        self.point = "," if decimal_comma else "."
        self._delimiter = ";" if decimal_comma else ","
        self._mark = BYTE_ORDER_MARK if decimal_comma else ""

    def header(self) -> str:
        return self._mark + self._row(COLUMNS)

    def line(self, channel: Channel) -> Line:
        next_cell = self._delimiter
        before = self._cells([harmless(channel.name), str(channel.public_id)]) + next_cell
        after = next_cell + self._cells([harmless(channel.unit)]) + next_cell
        return Line(before, next_cell, after, "\n")

    def wide_header(self, channels: Sequence[Channel]) -> str:
        return self._mark + self._row(["timestamp", *(harmless(f"{each.name} [{each.unit}]") for each in channels)])

    def wide_line(self, channels: Sequence[Channel]) -> WideLine:
        return WideLine("", [self._delimiter] * len(channels), "", "\n")

    def _row(self, cells: Iterable[str]) -> str:
        return self._cells(cells) + "\n"

    def _cells(self, cells: Iterable[str]) -> str:
        text = io.StringIO()
        end = "\r\n"  # cells with either of these characters are put in quotes
        csv.writer(text, delimiter=self._delimiter, lineterminator=end).writerow(cells)
        return text.getvalue().removesuffix(end)


class Ndjson:
    """One JSON object a line."""

    media_type = "application/x-ndjson"
    suffix = ".ndjson"
    point = "."

    def header(self) -> str:
        return ""

    def line(self, channel: Channel) -> Line:
        event = f'{{"event":{_json(channel.name)},"event_public_id":"{channel.public_id}","timestamp":"'
        return Line(event, '","value":', f',"unit":{_json(channel.unit)},"quality":', "}\n")

    def wide_header(self, channels: Sequence[Channel]) -> str:
        return ""

    def wide_line(self, channels: Sequence[Channel]) -> WideLine:
        keys = [f",{_json(each.name)}:" for each in channels]
        keys[:1] = [f'","values":{{{_json(channels[0].name)}:'] if channels else []
        return WideLine('{"timestamp":"', keys, "null", "}}\n")


def harmless(text: str) -> str:
    """The text, behind an apostrophe if a spreadsheet would calculate with it. Import takes the apostrophe away."""
    return f"'{text}" if FORMULA.match(text) else text


def _json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
