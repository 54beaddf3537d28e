"""Whether a new version of the server is as well as the one before was. Until then nobody gets in."""

import logging
import time
from collections.abc import Callable
from contextlib import closing

import psycopg
from webmacs_controller.updates.installation import Installation
from webmacs_controller.updates.launcher import Note

from webmacs import __version__
from webmacs.config import Config
from webmacs.migrate.connect import connect
from webmacs.problem import Problem
from webmacs.updating.installation import ask_health, read_before
from webmacs.updating.prepare import finish

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
MARGIN_SECONDS = 5.0
"""Before the launcher's time is over nothing is said any more, so that the two never say different things."""

# The whole way in, and nothing of it stays.
EVENT = "insert into private.events (name, unit, min_value, max_value) values (%s, 'V', 0, 1) returning id"
INGEST = (
    "select reason from private.ingest(array[null::int], array[%s], array[192::smallint], array[now()], array[0.5])"
)

Say = Callable[[str], None]


def watch(config: Config, installation: Installation, note: Note, say: Say) -> bool:
    """Returns when it is said that this version has proved itself, and everybody gets in; False: it has not, and the
    launcher takes it back soon."""
    begin = time.monotonic()
    end = begin + float(note.get("seconds", 600.0)) - MARGIN_SECONDS
    before, said, well_since = read_before(installation).failing, [""], None
    while time.monotonic() < end:
        problems = complaints(config, before)
        if problems != said:
            say(f"this version is on probation; {'; '.join(problems) or 'all is well now'}")
            said = problems
        well_since = None if problems else (well_since or time.monotonic())
        if well_since and time.monotonic() - well_since >= float(note.get("steady", 60.0)):
            return _confirm(config, installation, note, say)
        time.sleep(LOOK_SECONDS)
    return False


def complaints(config: Config, before: list[str]) -> list[str]:
    """What does not work and did before, in words."""
    answer = ask_health(config)
    if answer is None:
        return ["the sidecar does not answer"]
    version, failing = answer
    if version != __version__:
        return [f"the sidecar that answers is of {version}"]
    problems = [f"{name} does not work" for name in failing if name not in before]
    try:
        refused = _try_to_ingest(config)
    except (psycopg.Error, Problem) as error:
        refused = " ".join(str(error).split())
    return [*problems, *([f"values are not taken: {refused}"] if refused else [])]


def _try_to_ingest(config: Config) -> str:
    """Why a value was refused; empty: it was not. All is taken back."""
    with closing(connect(config.database.admin_uri)) as connection:
        with connection.transaction(force_rollback=True):
            connection.execute("set local role webmacs_owner")
            connection.execute("set local lock_timeout = '5s'")
            # also where the disk is too full for values, which is no fault of this version
            connection.execute("update private.settings set closed = null, no_room = null")
            event = connection.execute(EVENT, (f"update {time.time_ns()}",)).fetchone()
            assert event is not None  # noqa: S101
            refused = connection.execute(INGEST, event).fetchall()
        return ", ".join(str(row[0]) for row in refused)


def _confirm(config: Config, installation: Installation, note: Note, say: Say) -> bool:
    """From the first line on it is so, whatever happens; what follows is done at the next start otherwise."""
    if not installation.confirm(note):
        return False
    say("this version has proved itself")
    while True:
        try:
            finish(config, str(note.get("version")))
            break
        except (psycopg.Error, Problem) as error:
            log.warning("everybody is to get in again, but: %s", " ".join(str(error).split()))
            time.sleep(LOOK_SECONDS)
    installation.sweep()
    return True
