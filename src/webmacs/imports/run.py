"""An import from its first byte to its report."""

from collections.abc import AsyncIterator, Iterable, Sequence

from webmacs.accounts.access import on_behalf_of
from webmacs.accounts.identity import Identity
from webmacs.errors import ApiError
from webmacs.export.channels import Channel
from webmacs.imports.batch import Batch
from webmacs.imports.columns import read_header
from webmacs.imports.points import PointReader, RefusedError
from webmacs.imports.records import Record, Records
from webmacs.imports.report import RejectedLine, Report
from webmacs.web.parts import Parts

NOTE = "select private.note_import(%s, %s)"


class Import:
    """Reads a file as it arrives, and gives its points to the database batch by batch."""

    def __init__(self, parts: Parts, identity: Identity, channels: Sequence[Channel], *, dry_run: bool) -> None:
        self.report = Report(dry_run=dry_run)
        self._parts = parts
        self._identity = identity
        self._channels = channels
        self._records = Records()
        self._reader: PointReader | None = None
        self._batch = Batch()

    async def run(self, body: AsyncIterator[bytes]) -> Report:
        """Until the end of the file. Raises ApiError if it cannot be read; its details say what was stored by then."""
        try:
            await self._read(body)
        except ApiError as error:
            error.details = f"Before it: {self.report.in_words()}"
            raise
        finally:
            await self._note()
        return self.report

    async def _read(self, body: AsyncIterator[bytes]) -> None:
        async for data in body:
            await self._take(self._records.feed(data))
        await self._take(self._records.feed(b"", final=True))
        if self._reader is None:
            raise ApiError(400, "empty_file", "The file is empty.", hint="Its first line names the columns.")
        await self._judge()

    async def _take(self, records: Iterable[Record]) -> None:
        for line, record in records:
            if self._reader is None:
                self._begin(record)
                continue
            try:
                self._batch.points.append(self._reader.read(line, record))
            except RefusedError as refused:
                self._batch.rejected.append(RejectedLine(line=line, reason=refused.reason, message=str(refused)))
            if self._batch.full:
                await self._judge()

    def _begin(self, header: list[str]) -> None:
        self._reader = PointReader(read_header(header, self._records.delimiter), self._channels)

    async def _note(self) -> None:
        """Also of a file that breaks off: what was stored is stored."""
        if self.report.accepted and not self.report.dry_run:
            async with on_behalf_of(self._parts.pool, self._identity) as connection:
                await connection.execute(NOTE, [self.report.accepted, self.report.rejected_total])

    async def _judge(self) -> None:
        batch, self._batch = self._batch, Batch()
        await batch.judge(self._parts, self._identity, self.report)
