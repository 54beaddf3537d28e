"""The sidecar that holds a controller's socket is killed: it can say nothing, and the database finds out."""

import json
from collections.abc import Iterator

import pytest

from tests.faults.installation import Installation
from tests.faults.test_commands import SECONDS, greeted
from tests.support.drive import Drive
from tests.support.people import Caller
from tests.support.postgres import Connection

# The clock misses a report for 30 seconds, and doubts for 20 more.
TICK = "select private.tick(clock_timestamp() + make_interval(secs => %s))"
CONNECTED = "select connected_at is not null from private.controllers where id = %s"
SAID = (
    "select substr(l.message, length(told) + 1) from private.log_entries l,"
    " (select 'The controller ' || name || ' ' as told from private.controllers where id = %s) c"
    " where starts_with(l.message, told) order by l.id"
)


@pytest.fixture
def listener(installation: Installation) -> Iterator[Connection]:
    with installation.database.connect() as connection:
        connection.execute("listen webmacs_changes")
        yield connection


def said(listener: Connection, controller: Caller) -> list[str]:
    """What the log says of the controller, without its name."""
    return [word for (word,) in listener.execute(SAID, (controller.id,))]


def wait_for_log(listener: Connection, controller: Caller, entries: int) -> None:
    while len(said(listener, controller)) < entries:
        news = [json.loads(note.payload)["topic"] for note in listener.notifies(timeout=SECONDS, stop_after=1)]
        assert news, "Nothing happened."


def test_a_killed_sidecar_holds_nobody(installation: Installation, drive: Drive, listener: Connection) -> None:
    controller = drive.valve().controller
    with greeted(installation, controller):
        wait_for_log(listener, controller, 1)
        installation.sidecar.kill()
    assert listener.execute(CONNECTED, (controller.id,)).fetchone() == (True,)  # nobody was there to say so
    for seconds in (31, 52):
        listener.execute(TICK, (seconds,))
    assert listener.execute(CONNECTED, (controller.id,)).fetchone() == (False,)
    assert said(listener, controller) == ["connected.", "is not connected any more."]
    installation.sidecar.start()
    with greeted(installation, controller):
        wait_for_log(listener, controller, 3)
        assert listener.execute(CONNECTED, (controller.id,)).fetchone() == (True,)
    assert said(listener, controller)[2:] == ["connected."]
