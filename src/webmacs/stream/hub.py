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
from webmacs.stream.changes import Change, topics_for
from webmacs.stream.forged import Forged
from webmacs.stream.newest import Newest
from webmacs.stream.outbox import Outbox
from webmacs.stream.points import Batch, Point, of_notification, read_notification
from webmacs.stream.replay import Replay
from webmacs.stream.requests import ALL_TOPICS

STALL_CHECK_SECONDS = 1.0
# Any SQL login can name events that do not exist: after such the database is not asked for names for so long.
NAMES_SECONDS = 1.0
# Events without a name, in that time: more are forged.
MOST_NAMELESS = 10

log = logging.getLogger(__name__)


class Client:
    """`topics`: what it wants; `may`: of which it may be told of rows; `events`: whose values, None: all. It is `live`
    unless it is sent what it missed.

    `sending_since` is when the message began that it is taking, by the clock of the event loop.
    """

    def __init__(self, outbox: Outbox, give_up: Callable[[], None], may: frozenset[str]) -> None:
        self.outbox = outbox
        self.may = may
        self.give_up = give_up
        self.topics = ALL_TOPICS
        self.events: frozenset[str] | None = None
        self.live = True
        self.sending_since: float | None = None


class Hub:
    """Numbers all that is told, keeps the last of it, and hands each to the clients that want it.

    While nobody listens, a notification of datapoints is kept as it came and costs nearly nothing. A number is given
    at the moment of handing out, so that nothing reaches a client in another order.
    """

    def __init__(self, settings: Stream, newest: Newest) -> None:
        self.epoch = token_hex(4)
        self._settings = settings
        self._newest = newest
        self._replay = Replay(settings.replay_bytes)
        self._clients: set[Client] = set()
        self._forged = Forged("webmacs_datapoints")
        self._nameless: set[int] = set()
        self._skipped_by_former = 0
        self._learn_again_at = 0.0

    @property
    def n(self) -> int:
        """The last number."""
        return self._replay.n

    @property
    def clients(self) -> int:
        """How many there are."""
        return len(self._clients)

    @property
    def conflated(self) -> int:
        """How many of them are sent the newest values alone, because they are slow or want it so."""
        return sum(client.outbox.conflates for client in self._clients)

    @property
    def skipped(self) -> int:
        """How many values were not sent to somebody, because newer ones took their place."""
        return self._skipped_by_former + sum(client.outbox.skipped for client in self._clients)

    @contextmanager
    def joined(self, give_up: Callable[[], None], role: str = "viewer") -> Iterator[Client]:
        """A new client of somebody with this role; it wants everything until it says otherwise. `give_up` is called if
        it stops reading."""
        client = Client(Outbox(self._settings.client_buffer_bytes, self.n), give_up, topics_for(role))
        client.outbox.note(f'{{"type":"connected","epoch":"{self.epoch}","n":{self.n}}}')
        self._clients.add(client)
        try:
            yield client
        finally:
            self._clients.discard(client)
            self._skipped_by_former += client.outbox.skipped

    async def publish(self, payload: str) -> None:
        """A notification of webmacs_datapoints."""
        points = await self._points(payload) if self._clients else []
        batch = Batch(self._replay.add(payload), points)
        by_wish: defaultdict[frozenset[str] | None, list[Client]] = defaultdict(list)
        for client in self._clients:
            if client.live:
                by_wish[client.events].append(client)
        for events, clients in by_wish.items():
            _offer(batch.only(events), clients)

    def publish_change(self, topic: str, rows: list[str]) -> None:
        """These rows of a topic, each as JSON, are new or different."""
        change = Change(self.n + 1, topic, ",".join(rows))
        self._replay.add(change)
        for client in self._clients:
            if client.live:
                self._offer_change(change, client)

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
        client.outbox.clear(self.n)
        client.outbox.note(self._reload)
        await self.send_newest(client)

    async def send_newest(self, client: Client) -> None:
        """The newest values of what it wants; nothing if the database is away: a reload follows when it is back."""
        with client.outbox.holding():
            try:
                points = await self._newest.values()
            except (psycopg.Error, PoolTimeout) as error:
                log.warning("The newest values cannot be read now: %s", error)
            else:
                client.outbox.note(Batch(client.outbox.place, points).only(client.events).text)

    async def resume(self, client: Client, epoch: str, n: int) -> None:
        """Send what came after `n`, in order, and go on live; or reload."""
        known = epoch == self.epoch and self._replay.reaches_back_to(n, self._settings.client_buffer_bytes)
        if not known:
            await self.reload(client)
            return
        client.outbox.clear(n)
        client.live = False
        try:
            await self._catch_up(client, n)
        finally:
            client.live = True

    async def _catch_up(self, client: Client, n: int) -> None:
        while n < self.n:
            await asyncio.sleep(0)  # others have their turn
            n += 1
            told = self._replay.get(n)
            if told is None:  # started anew meanwhile, which has reloaded this client too
                return
            if isinstance(told, Change):
                self._offer_change(told, client)
            else:
                _offer(Batch(n, await self._points(told)).only(client.events), [client])

    @property
    def _reload(self) -> str:
        return f'{{"type":"reload","epoch":"{self.epoch}","n":{self.n}}}'

    def _offer_change(self, change: Change, client: Client) -> None:
        """A client that is too slow for changes is told to read again: so it misses no row's newest state."""
        if change.topic in client.topics & client.may and not client.outbox.offer_change(change):
            client.outbox.note(self._reload)

    async def _points(self, payload: str) -> list[Point]:
        try:
            sent = read_notification(payload)
            await self._learn_names(set(sent.e))
            return of_notification(sent, self._newest.names)
        except (ValueError, OverflowError) as error:
            self._forged.note(error)
            return []

    async def _learn_names(self, events: set[int]) -> None:
        """Of those that are new. What the database does not know either is not asked for again for a while."""
        now = asyncio.get_running_loop().time()
        if now >= self._learn_again_at:
            self._nameless.clear()
            self._learn_again_at = now + NAMES_SECONDS
        if events <= self._newest.names.keys() | self._nameless or len(self._nameless) >= MOST_NAMELESS:
            return
        try:
            await self._newest.values()
        except (psycopg.Error, PoolTimeout) as error:
            log.warning("The names of new events cannot be read now: %s", error)
        self._nameless |= events - self._newest.names.keys()


def _offer(batch: Batch, clients: list[Client]) -> None:
    if batch.points:
        for client in clients:
            client.outbox.offer(batch)
