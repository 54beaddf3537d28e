"""From the bytes of an upload to the records of a CSV file, each with the number of its line."""

import codecs
import csv
import io
from collections.abc import Iterator

from webmacs.errors import ApiError

LONGEST_LINE = 65_536  # characters
BYTE_ORDER_MARK = "\ufeff"
GZIP = b"\x1f\x8b"
Record = tuple[int, list[str]]


def not_csv(line: int, why: str) -> ApiError:
    """400: from this line on the file cannot be read."""
    return ApiError(400, "not_csv", f"Line {line} cannot be read: {why}", hint="Send CSV in UTF-8.")


class Records:
    """Takes the bytes as they come, and gives the records that are complete. Raises ApiError for what is no CSV."""

    def __init__(self) -> None:
        self.line = 1  # number of the next line
        self.delimiter = ""  # the header tells
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._rest = ""

    def feed(self, data: bytes, *, final: bool = False) -> Iterator[Record]:
        """The records that end in `data`; finally also the one that no line break ends."""
        decoded, problem = self._decode(data, final)
        text = self._rest + decoded
        end = len(text) if final and not problem else _end_of_records(text)
        self._rest = text[end:]
        yield from self._read(text[:end])
        if problem:
            raise not_csv(self.line, problem)
        if len(self._rest) > LONGEST_LINE:
            raise not_csv(self.line, f"it has more than {LONGEST_LINE} characters, or a quote is never closed.")

    def _decode(self, data: bytes, final: bool) -> tuple[str, str]:
        """The text, up to what is wrong in it, and what that is."""
        try:
            text, problem = self._decoder.decode(data, final), ""
        except UnicodeDecodeError as error:
            text, problem = error.object[: error.start].decode(), "this is not text in UTF-8."
            if data.startswith(GZIP):
                problem = "the file is compressed; unpack it first."
        if "\0" in text:
            text, problem = text.partition("\0")[0], "it has the character NUL."
        return text, problem

    def _read(self, text: str) -> Iterator[Record]:
        if text and not self.delimiter:
            text = text.removeprefix(BYTE_ORDER_MARK)
            self.delimiter = ";" if ";" in text.partition("\n")[0] else ","
        begin = self.line
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=self.delimiter or ",", strict=True)
        try:
            for record in reader:
                first, self.line = self.line, begin + reader.line_num
                if record:
                    yield first, record
        except csv.Error as error:
            raise not_csv(self.line, f"{error}.") from None


def _end_of_records(text: str) -> int:
    """Where the last whole record ends; 0 if its line break is within quotes."""
    end = text.rfind("\n") + 1
    return 0 if text.count('"', 0, end) % 2 else end
