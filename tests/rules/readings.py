"""Which single values a webhook is told: at most one of an event in an interval, by the time of measurement."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from tests.rules.planting import Planted
from tests.rules.reference import Event
from tests.support.postgres import Connection

INTERVAL = timedelta(hours=2.5)
Reading = tuple[datetime, float]


def due(event: Event) -> list[Reading]:
    """Of points as they arrived: the first, and then whichever is the first after the interval."""
    told: list[Reading] = []
    for point in event.stored:
        if not told or point.ts >= told[-1][0] + INTERVAL:
            told.append((point.ts, point.value))
    return told


def told_by_database(superuser: Connection, planted: Sequence[Planted]) -> list[list[Reading]]:
    """The readings of the event of each."""
    found: dict[str, list[Reading]] = {each.event_public_id: [] for each in planted}
    rows = superuser.execute(
        "select told ->> 'event_public_id', (body ->> 'timestamp')::timestamptz, (told ->> 'value')::float8"
        " from (select d.id, d.body::json, d.body::json -> 'data' from private.webhook_deliveries d"
        "       where d.type = 'sensor.reading') d (id, body, told)"
        " where told ->> 'event_public_id' = any (%s) order by id",
        (list(found),),
    )
    for event, at, value in rows:
        found[event].append((at, value))
    return list(found.values())
