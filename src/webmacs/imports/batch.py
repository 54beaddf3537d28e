"""Points of a file that the database judges together."""

from webmacs.accounts.access import on_behalf_of
from webmacs.accounts.identity import Identity
from webmacs.database import Pool
from webmacs.datapoints.pgarrays import (
    float8_array,
    int2_array,
    int4_array,
    register_columns,
    timestamptz_array,
)
from webmacs.imports.points import Point
from webmacs.imports.report import RejectedLine, Report, words
from webmacs.web.parts import Parts

POINTS = 5_000
STORE = "select ordinal, reason from private.ingest(%s, %s, %s, %s, %s, live => false)"
CHECK = "select ordinal, reason from private.check_points(%s, %s, %s, %s, %s)"


class Batch:
    """Points, and lines that were rejected among them."""

    def __init__(self) -> None:
        self.points: list[Point] = []
        self.rejected: list[RejectedLine] = []

    @property
    def full(self) -> bool:
        """Whether it should be given to the database."""
        return len(self.points) + len(self.rejected) >= POINTS

    async def judge(self, parts: Parts, identity: Identity, report: Report) -> None:
        """Store the points in one transaction, or only ask what would become of them; add it to the report."""
        refused = await self._ask(parts.pool, identity, CHECK if report.dry_run else STORE) if self.points else []
        said = words(parts.config.ingest)
        rejected = [
            RejectedLine(line=self.points[place - 1].line, reason=reason, message=said.get(reason, reason))
            for place, reason in refused
            if reason != "duplicate"
        ]
        report.lines += len(self.points) + len(self.rejected)
        report.accepted += len(self.points) - len(refused)
        report.duplicates += len(refused) - len(rejected)
        report.reject(sorted(self.rejected + rejected, key=lambda each: each.line))

    async def _ask(self, pool: Pool, identity: Identity, question: str) -> list[tuple[int, str]]:
        columns = (
            int4_array([identity.credential_id] * len(self.points)),
            int4_array([point.event_id for point in self.points]),
            int2_array([point.quality for point in self.points]),
            timestamptz_array([point.time for point in self.points]),
            float8_array([point.value for point in self.points]),
        )
        async with on_behalf_of(pool, identity) as connection:
            register_columns(connection)
            cursor = await connection.cursor(binary=True).execute(question.encode(), columns)
            return await cursor.fetchall()
