"""Are all acknowledged points there, each once?"""

from datetime import datetime

from tests.faults.installation import Installation
from tests.faults.sender import Sender


def missing_and_twice(installation: Installation, sender: Sender) -> tuple[int, int]:
    """How many of the sender's acknowledged points are not stored as sent, and how many are stored more than once."""
    sent = {
        (point["event_public_id"], datetime.fromisoformat(point["timestamp"]), point["value"])
        for frame in sender.frames[: sender.acknowledged]
        for point in frame
    }
    events = list({event for event, _, _ in sent})
    with installation.database.connect() as connection:
        stored = connection.execute(
            "select event_public_id::text, ts, value from api.datapoints where event_public_id = any(%s::uuid[])",
            (events,),
        ).fetchall()
    return len(sent - set(stored)), len(stored) - len(set(stored))
