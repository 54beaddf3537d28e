"""Which events an export is of, by the rights of the one who asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from webmacs.errors import ApiError
from webmacs.export.session import Session
from webmacs.export.wanted import EventId

FIND = """
    select id, public_id, name, unit from api.events
     where %(everything)s or id = any (%(ids)s::int[]) or public_id = any (%(public_ids)s::uuid[])
     order by name
"""


@dataclass(frozen=True)
class Channel:
    """What a file says of an event."""

    id: int
    public_id: UUID
    name: str
    unit: str


async def find(session: Session, wanted: Sequence[EventId]) -> list[Channel]:
    """The events, in this order; all of them by name if none is named. Raises ApiError 404."""
    values = {
        "everything": not wanted,
        "ids": [each for each in wanted if isinstance(each, int)],
        "public_ids": [each for each in wanted if isinstance(each, UUID)],
    }
    found = [Channel(*row) for row in await session.rows(FIND, values)]
    if not wanted:
        return found
    by_id: dict[EventId, Channel] = {each.id: each for each in found} | {each.public_id: each for each in found}
    for each in wanted:
        if each not in by_id:
            raise ApiError(404, "unknown_event", f"There is no event {each}.")
    return list(dict.fromkeys(by_id[each] for each in wanted))
