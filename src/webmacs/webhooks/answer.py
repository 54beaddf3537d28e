"""What is kept of an answer. It comes from a stranger: nothing is decoded, and little of it is read."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpcore

from webmacs.webhooks.delivery import Outcome

READ_BYTES = 64 * 1024
SHOWN_CHARACTERS = 1000
LONGEST_SECONDS = 7 * 24 * 3600  # that a Retry-After may ask for


class Answer:
    """An answer, as far as it has come."""

    def __init__(self) -> None:
        self._status: int | None = None
        self._headers: dict[str, str] = {}
        self._body = bytearray()

    async def read(self, response: httpcore.Response) -> None:
        """Read the beginning of the body; what has come stays if this is cut short."""
        self._status = response.status
        self._headers = {_text(name).lower(): _text(value) for name, value in response.headers}
        async for chunk in response.aiter_stream():
            self._body += chunk[: READ_BYTES - len(self._body)]
            if len(self._body) >= READ_BYTES:
                return

    def outcome(self, error: str) -> Outcome:
        """The status decides, once there is one, whatever became of the body; until then it is `error`."""
        if self._status is None:
            return Outcome(error=error)
        return Outcome(self._status, self._shown(), retry_after=_seconds(self._headers.get("retry-after", "")))

    def _shown(self) -> str:
        """The beginning of the body as a text that PostgreSQL takes, or the name of the encoding that it has."""
        encoding = self._headers.get("content-encoding", "identity")
        if encoding.lower() != "identity":
            return f"({encoding[:50]})"
        return _storable(self._body.decode(errors="replace"))[:SHOWN_CHARACTERS]


def _seconds(retry_after: str) -> int | None:
    """The seconds that the answer asks us to wait; None if it does not, or not in a way that is understood."""
    digits = retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 20
    seconds = int(retry_after) if digits else _seconds_until(retry_after)
    return seconds if seconds is None else max(0, min(seconds, LONGEST_SECONDS))


def _seconds_until(date: str) -> int | None:
    try:
        moment = parsedate_to_datetime(date)
    except (ValueError, OverflowError):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return round((aware - datetime.now(UTC)).total_seconds())


def _text(header: bytes) -> str:
    return _storable(header.decode("latin-1").strip())


def _storable(text: str) -> str:
    return text.replace("\0", "\ufffd")
