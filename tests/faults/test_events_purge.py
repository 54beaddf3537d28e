"""An event that is purged while values of it are on their way."""

import asyncio
import time
from uuid import UUID

from tests.faults.conftest import MakeSender
from tests.faults.installation import Installation
from tests.support.postgres import Connection

PATIENCE = 30
WAITS = b"select from pg_stat_activity where application_name = 'webmacs ingest' and wait_event_type = 'Lock'"


async def test_the_rest_of_the_frame_is_stored(installation: Installation, make_sender: MakeSender) -> None:
    """The frame waits for the purge, which takes one of its events; the point is refused, the others are not."""
    sender = make_sender(1, 10, 1)
    purged = UUID(sender.frames[0][0]["event_public_id"])
    with installation.database.connect() as purger, installation.database.connect() as watcher:
        async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
            with purger.transaction():
                purger.execute("select api.purge_event(id) from private.events where public_id = %s", (purged,))
                tasks.create_task(sender.run())
                await asyncio.to_thread(_until_it_waits, watcher)
    assert (sender.accepted, sender.rejected, sender.errors) == (9, 1, [])


def _until_it_waits(watcher: Connection) -> None:
    while watcher.execute(WAITS).fetchone() is None:
        time.sleep(0.01)
