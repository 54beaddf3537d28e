"""All stream clients of this process, and what goes to them."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from secrets import token_hex

import psycopg
from psycopg_pool import PoolTimeout

from webmacs.config import Stream
from webmacs.datapoints.newest import Newest
from webmacs.datapoints.outbox import Outbox
from webmacs.datapoints.points import Batch, of_notification, read_notification
from webmacs.datapoints.replay import Replay

STALL_CHECK_SECONDS = 1.0

log = logging.getLogger(__name__)


class Client:
    """`events`: what it wants, None: all. It is `live` unless it is being sent what it missed.

    `sending_since` is when the message began that it is taking, by the clock of the event loop.
    """

    def __init__(self, outbox: Outbox, give_up: Callable[[], None]) -> None:
        self.outbox = outbox
        self.give_up = give_up
        self.events: frozenset[str] | None = None
        self.live = True
        self.sending_since: float | None = None


class Hub:
    """Numbers every notification, keeps the last ones, and hands each to the clients that want it.

    While nobody listens, a notification is kept as it came and costs nearly nothing.
    """

    def __init__(self, settings: Stream, newest: Newest) -> None:
        self.epoch = token_hex(4)
        self._settings = settings
        self._newest = newest
        self._replay = Replay(settings.replay_bytes)
        self._clients: set[Client] = set()

    @property
    def n(self) -> int:
        """The number of the last notification."""
        return self._replay.n

    @contextmanager
    def joined(self, give_up: Callable[[], None]) -> Iterator[Client]:
        """A new client; it wants all events until it says otherwise. `give_up` is called if it stops reading."""
        client = Client(Outbox(self._settings.client_buffer_bytes), give_up)
        client.outbox.note(f'{{"type":"connected","epoch":"{self.epoch}","n":{self.n}}}')
        self._clients.add(client)
        try:
            yield client
        finally:
            self._clients.discard(client)

    async def publish(self, payload: str) -> None:
        """A notification of webmacs_datapoints."""
        n = self._replay.add(payload)
        if not self._clients:
            return
        batch = await self._batch(n, payload)
        by_wish: defaultdict[frozenset[str] | None, list[Client]] = defaultdict(list)
        for client in self._clients:
            if client.live:
                by_wish[client.events].append(client)
        for events, clients in by_wish.items():
            _offer(batch.only(events), clients)

    async def start_anew(self) -> None:
        """Notifications were missed: everyone is told so, and gets the newest values."""
        self.epoch = token_hex(4)
        self._replay.clear()
        await asyncio.gather(*map(self.reload, self._clients))

    async def watch_stalled(self) -> None:
        """Give up clients that take nothing; works until cancelled."""
        while True:
            await asyncio.sleep(STALL_CHECK_SECONDS)
            longest_ago = asyncio.get_running_loop().time() - self._settings.stall_seconds
            for client in self._clients:
                if client.sending_since is not None and client.sending_since < longest_ago:
                    client.give_up()

    async def reload(self, client: Client) -> None:
        """What this client missed is not known any more: it gets the newest values."""
        client.outbox.clear()
        client.outbox.note(f'{{"type":"reload","epoch":"{self.epoch}","n":{self.n}}}')
        await self.send_newest(client)

    async def send_newest(self, client: Client) -> None:
        """The newest values of what it wants; nothing if the database is away: a reload follows when it is back."""
        with client.outbox.holding_batches():
            n = self.n
            try:
                points = await self._newest.values()
            except (psycopg.Error, PoolTimeout) as error:
                log.warning("The newest values cannot be read now: %s", error)
            else:
                client.outbox.note(Batch(n, points).only(client.events).text)

    async def resume(self, client: Client, epoch: str, n: int) -> None:
        """Send what came after `n`, in order, and go on live; or reload."""
        known = epoch == self.epoch and self._replay.reaches_back_to(n, self._settings.client_buffer_bytes)
        if not known:
            await self.reload(client)
            return
        client.outbox.clear()
        client.live = False
        try:
            await self._catch_up(client, n)
        finally:
            client.live = True

    async def _catch_up(self, client: Client, n: int) -> None:
        while n < self.n:
            await asyncio.sleep(0)  # others have their turn
            n += 1
            payload = self._replay.get(n)
            if payload is None:  # started anew meanwhile, which has reloaded this client too
                return
            _offer((await self._batch(n, payload)).only(client.events), [client])

    async def _batch(self, n: int, payload: str) -> Batch:
        try:
            sent = read_notification(payload)
            if not self._newest.names.keys() >= set(sent.e):
                await self._learn_names()
            return Batch(n, of_notification(sent, self._newest.names))
        except (ValueError, OverflowError) as error:  # any SQL login may notify anything
            log.warning("A notification is not understood: %s", error)
            return Batch(n, [])

    async def _learn_names(self) -> None:
        try:
            await self._newest.values()
        except (psycopg.Error, PoolTimeout) as error:
            log.warning("The names of new events cannot be read now: %s", error)


def _offer(batch: Batch, clients: list[Client]) -> None:
    if batch.points:
        for client in clients:
            client.outbox.offer(batch)
