"""The log of this process by other settings, for a while."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from webmacs.config import Log
from webmacs.log import configure_logging


@contextmanager
def logging_as(settings: Log) -> Iterator[None]:
    """By these settings; then as before."""
    root = logging.getLogger()
    handlers, level, factory = root.handlers[:], root.level, logging.getLogRecordFactory()
    root.handlers[:] = []
    configure_logging(settings)
    try:
        yield
    finally:
        for handler in root.handlers[:]:
            handler.close()
        root.handlers[:] = handlers
        root.setLevel(level)
        logging.setLogRecordFactory(factory)
        for name in [name for name in root.manager.loggerDict if name.split(".")[0] in ("webmacs", "uvicorn")]:
            logging.getLogger(name).setLevel(logging.NOTSET)
