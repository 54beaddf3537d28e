"""Fetching what is offered, into the way that uploads take. It takes its time, so nobody waits for it: how far it is
stands in the database."""

import asyncio
import hashlib
import logging
import time
from collections.abc import AsyncIterator, Sequence
from typing import BinaryIO

import psycopg
from psycopg_pool import PoolTimeout

from webmacs.accounts.access import on_behalf_of
from webmacs.accounts.identity import Identity
from webmacs.config import Config
from webmacs.config.networks import Network
from webmacs.database import Pool
from webmacs.errors import ApiError
from webmacs.ota.examination import read_root
from webmacs.ota.source.offer import Offer, SourceError
from webmacs.ota.source.sources import opened
from webmacs.ota.taking import take
from webmacs.ota.uploads import Uploads

MEGABYTE = 1_000_000
NOTE_SECONDS = 2.0
BEGIN = "select id, address, file_name, size, sha256 from private.begin_update_fetch(%s)"
NOTE = "select private.note_update_fetch(%s, %s)"
END = "select private.end_update_fetch(%s, %s, %s)"

log = logging.getLogger(__name__)


class Fetches:
    """Those of this sidecar. `allowed`: networks that a source may send us on to, besides the public ones."""

    def __init__(self, pool: Pool, config: Config, allowed: Sequence[Network] = ()) -> None:
        self._pool = pool
        self._config = config
        self._allowed = allowed
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Fetches":
        return self

    async def __aexit__(self, *_: object) -> None:
        """What is under way ends; the part that has come stays."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def begin(self, identity: Identity, offer_id: int) -> None:
        """Raises ApiError, psycopg.Error."""
        read_root(self._config)
        async with on_behalf_of(self._pool, identity) as connection:
            row = await (await connection.execute(BEGIN, [offer_id])).fetchone()
        if row is None:
            raise RuntimeError("private.begin_update_fetch answered nothing")
        task = asyncio.create_task(self._run(identity, row[0], Offer(*row[1:])))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, identity: Identity, number: int, offer: Offer) -> None:
        problem, sha256 = None, None
        try:
            sha256 = await self._fetch(identity, number, offer)
        except (SourceError, ApiError) as error:
            problem = str(error)
        except asyncio.CancelledError:
            problem = "The server was stopped meanwhile; fetch it again, it goes on where it was."
        except OSError as error:
            problem = f"It cannot be stored: {error.strerror}."
        except Exception:
            log.exception("%s could not be fetched", offer.file_name)
            problem = "Something went wrong in the sidecar; its log says what."
        try:
            async with self._pool.connection() as connection:
                await connection.execute(END, (number, problem, sha256))
        except (psycopg.Error, PoolTimeout) as error:
            log.warning("That %s was fetched cannot be noted: %s", offer.file_name, error)

    async def _fetch(self, identity: Identity, number: int, offer: Offer) -> str:
        """The digest of what is stored now. What has come of it stays until all of it has."""
        uploads, most = Uploads(self._config.ota.uploads_dir), self._config.ota.max_megabytes * MEGABYTE
        if offer.size is not None and offer.size > most:
            raise SourceError(f"It has {offer.size} bytes; [ota] max_megabytes allows {most}.")
        key = hashlib.sha256(offer.address.encode()).hexdigest()
        there = uploads.received(key)
        async with opened(self._config, self._allowed) as source:
            if there == offer.size:
                there = 0  # all of it, of which something was wrong or nothing became: anew
            async with source.open(offer.address, there) as answer:
                with uploads.open(key, answer.begin, offer.size or most) as file:
                    await self._save(number, file, answer.begin, answer.pieces, offer.size or most)
                    try:
                        sha256 = _checked(file, offer)
                        path = uploads.path(key)
                        await take(self._pool, self._config, identity, file, path, offer.file_name, sha256)
                    finally:
                        uploads.remove(key)
        return sha256

    async def _save(self, number: int, file: BinaryIO, arrived: int, pieces: AsyncIterator[bytes], most: int) -> None:
        noted = 0.0
        async for piece in pieces:
            arrived += len(piece)
            if arrived > most:
                raise SourceError(f"More came than the {most} bytes that it may have.")
            await asyncio.to_thread(file.write, piece)
            if time.monotonic() - noted > NOTE_SECONDS:
                noted = time.monotonic()
                await self._note(number, arrived)
        file.flush()
        await self._note(number, arrived)

    async def _note(self, number: int, arrived: int) -> None:
        async with self._pool.connection() as connection:
            await connection.execute(NOTE, (number, arrived))


def _checked(file: BinaryIO, offer: Offer) -> str:
    """Its digest. Raises SourceError."""
    size = file.seek(0, 2)
    if offer.size is not None and size != offer.size:
        raise SourceError(f"{size} bytes came of the {offer.size} that were promised.")
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    if offer.sha256 not in (None, digest):
        raise SourceError("What came is not what was promised: its SHA-256 is another one.")
    return digest
