"""Where log lines go and how they look."""

import logging
import sys

from webmacs.web.request_id import current_request_id

FORMAT = "%(asctime)s %(levelname)-7s %(name)s [%(request_id)s] %(message)s"
# These would write addresses with their query, or headers, and with them tokens.
TALKATIVE = ("uvicorn.error", "uvicorn.access", "httpx", "httpcore", "websockets")


def configure_logging(level: str) -> None:
    """Send all lines of `level` (debug, info, warning, error) and above to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine(FORMAT))
    handler.addFilter(_add_request_id)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("uvicorn.error").addFilter(_is_a_defect)


def _is_a_defect(record: logging.LogRecord) -> bool:
    """uvicorn takes for a defect of ours: a WebSocket that was refused with an error, an answer that we break off."""
    return record.msg not in (
        "ASGI callable returned without completing handshake.",
        "ASGI callable returned without completing response.",
    )


def _add_request_id(record: logging.LogRecord) -> bool:
    record.request_id = current_request_id()
    return True


class OneLine(logging.Formatter):
    """A message is one line, whatever a client put into it; only a trace has more."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name of logging
        record.message = "".join(c if c.isprintable() else repr(c)[1:-1] for c in record.message)
        return super().formatMessage(record)
