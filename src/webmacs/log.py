"""Where lines of the sidecar's log go and how they look."""

import logging

from webmacs_controller import logs
from webmacs_controller.logs.journal import Fields, fields_of

from webmacs.config import Log
from webmacs.web.request_id import current_request_id

FORMAT = "%(asctime)s %(levelname)-7s %(name)s [%(request_id)s] %(message)s"
NOBODY = "-"


def configure_logging(settings: Log, console: bool = False) -> None:
    """As the settings say; `console`: everything, to standard error."""
    plan = logs.Plan(
        name="webmacs-sidecar",
        package="webmacs",
        text=FORMAT,
        level=settings.level,
        levels=settings.levels,
        file=settings.file,
        file_megabytes=settings.file_megabytes,
        files=settings.files,
        debug_file=settings.debug_file,
        debug_megabytes=settings.debug_megabytes,
        console=console,
    )
    logging.setLogRecordFactory(_with_request_id)
    logs.begin(plan, _fields)
    logging.getLogger("uvicorn.error").addFilter(_is_a_defect)


def _with_request_id(*args: object, **more: object) -> logging.LogRecord:
    record = logging.LogRecord(*args, **more)  # type: ignore[arg-type]
    record.request_id = current_request_id()
    return record


def _fields(record: logging.LogRecord) -> Fields:
    request_id = getattr(record, "request_id", NOBODY)
    return {**fields_of(record), **({} if request_id == NOBODY else {"REQUEST_ID": request_id})}


def _is_a_defect(record: logging.LogRecord) -> bool:
    """uvicorn takes for a defect of ours: a WebSocket that was refused with an error, an answer that we break off."""
    return record.msg not in (
        "ASGI callable returned without completing handshake.",
        "ASGI callable returned without completing response.",
    )
