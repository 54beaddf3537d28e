"""Which number each event has in the database: remembered, looked up once a batch where it is not."""

from collections.abc import Iterable
from uuid import UUID

from webmacs.database import Connection

LOOK_UP = "select public_id, id from private.event_ids(%s)"


class EventIds:
    """The numbers of events by their public ids as frames spell them."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {}

    def forget(self) -> None:
        """Events have changed, or may have."""
        self.known.clear()

    async def of(self, connection: Connection, public_ids: list[str]) -> list[int | None]:
        """The number of each; None: the database does not know it either."""
        ids = list(map(self.known.get, public_ids))
        if None in ids:
            found = await self._look_up(connection, {spelling for spelling in public_ids if spelling not in self.known})
            ids = [found.get(spelling) or self.known.get(spelling) for spelling in public_ids]
        return ids

    async def _look_up(self, connection: Connection, spellings: Iterable[str]) -> dict[str, int]:
        by_spelling = {spelling: UUID(spelling) for spelling in spellings}
        cursor = await connection.execute(LOOK_UP, [list(by_spelling.values())], prepare=True)
        ids: dict[UUID, int] = dict(await cursor.fetchall())
        found = {spelling: ids[uuid] for spelling, uuid in by_spelling.items() if uuid in ids}
        # only the canonical spelling is remembered, so that no client can fill the memory with variants
        self.known |= {spelling: number for spelling, number in found.items() if spelling == str(by_spelling[spelling])}
        return found
