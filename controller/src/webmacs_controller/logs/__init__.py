"""Where lines of the log go, for controller and sidecar alike.

From INFO on to systemd's journal, where it is; else to a file that is rotated, if one is named; else to standard error.
DEBUG goes into memory alone (a file in /run), so that nobody's flash is worn by it, and to a console on request.
"""

import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from webmacs_controller.logs.files import Rotated, in_memory
from webmacs_controller.logs.journal import Fields, JournalHandler, fields_of, is_connected
from webmacs_controller.logs.lines import OneLine

# These would write addresses with their query, or headers, and with them tokens.
TALKATIVE = ("httpcore", "httpx", "uvicorn.access", "uvicorn.error", "websockets")
UNKNOWN = "levels names %s, which is no part of %s"
NOT_KEPT = "lines of level debug are kept nowhere: debug_file has to name a file in memory, such as one in /run, not %s"
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Plan:
    """What is wanted. `package`: whose levels are set, and whose parts `levels` names; of other packages nothing below
    INFO is told. `console`: everything goes to standard error, for who looks at it."""

    name: str
    package: str
    text: str
    level: str = "info"
    levels: Mapping[str, str] = field(default_factory=dict)
    file: Path | None = None
    file_megabytes: int = 10
    files: int = 5
    debug_file: Path | None = None
    debug_megabytes: int = 4
    console: bool = False


def begin(plan: Plan, more: Callable[[logging.LogRecord], Fields] = fields_of) -> None:
    """From now on. `more`: the fields of a record in the journal besides the usual ones."""
    root = logging.getLogger()
    for handler in root.handlers[:]:
        root.removeHandler(handler)
        handler.close()
    for handler in _handlers(plan, more):
        root.addHandler(handler)
    level = "debug" if plan.console else plan.level
    root.setLevel(max(logging.INFO, _number(level)))
    for name in [name for name in root.manager.loggerDict if name.startswith(f"{plan.package}.")]:
        logging.getLogger(name).setLevel(logging.NOTSET)  # what was set before
    logging.getLogger(plan.package).setLevel(_number(level))
    unknown = [part for part in plan.levels if not _is_part(plan.package, part)]
    for part, of_part in plan.levels.items():
        logging.getLogger(f"{plan.package}.{part}").setLevel(_number(of_part))
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    for part in unknown:
        logging.getLogger(plan.package).warning(UNKNOWN, part, plan.package)
    if not plan.console and _tells_debug(plan) and not _keeps_debug(plan):
        logging.getLogger(plan.package).warning(NOT_KEPT, plan.debug_file or "nothing")


def _handlers(plan: Plan, more: Callable[[logging.LogRecord], Fields]) -> Iterator[logging.Handler]:
    formatter = OneLine(plan.text)
    journal = is_connected()
    main: logging.Handler
    if journal:
        main = JournalHandler(plan.name, more)
    elif plan.file and not plan.console:
        main = Rotated(plan.file, plan.file_megabytes * MEGABYTE, plan.files)
    else:
        main = logging.StreamHandler(sys.stderr)
    # a journal is on flash, too, whoever looks at it
    main.setLevel(logging.DEBUG if plan.console and not journal else logging.INFO)
    main.setFormatter(formatter)
    yield main
    if plan.debug_file and _tells_debug(plan) and _keeps_debug(plan):
        memory = Rotated(plan.debug_file, plan.debug_megabytes * MEGABYTE // 2, 2)
        memory.setFormatter(formatter)
        yield memory


def _tells_debug(plan: Plan) -> bool:
    return plan.console or "debug" in (plan.level, *plan.levels.values())


def _keeps_debug(plan: Plan) -> bool:
    return plan.debug_file is not None and in_memory(plan.debug_file)


def _is_part(package: str, name: str) -> bool:
    if f"{package}.{name}" in logging.root.manager.loggerDict:
        return True
    return name.isidentifier() and find_spec(f"{package}.{name}") is not None


def _number(level: str) -> int:
    return logging.getLevelNamesMapping()[level.upper()]
