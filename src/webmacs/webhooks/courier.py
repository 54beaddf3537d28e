"""Carries what waits in the outbox to where it belongs; the more at once, the more each statement takes."""

import asyncio
import logging
from contextlib import suppress

import psycopg
from psycopg_pool import PoolTimeout

from webmacs.health import Finding
from webmacs.webhooks.caller import Caller, address
from webmacs.webhooks.delivery import Delivery, Outcome
from webmacs.webhooks.outbox import Outbox

# A notification can be lost, and another sidecar can die with what it has claimed.
LONGEST_PAUSE = 30.0
# What is due may be held back, because enough of its webhook's deliveries are under way in another sidecar.
HELD_BACK_PAUSE = 0.5
RETRY_SECONDS = 1.0
# Anybody may read this; what exactly is wrong is in the log.
NOT_DELIVERING = "PostgreSQL cannot be asked for deliveries at the moment; they wait for it."
DEFECT = "The sidecar failed at this delivery; its log says more."

log = logging.getLogger(__name__)


class Courier:
    """At most `concurrency` deliveries at once. Any number of sidecars may have one.

    `problem` is what PostgreSQL or the client library says, with host and port: for the log, not for everybody.
    """

    def __init__(self, outbox: Outbox, caller: Caller, concurrency: int) -> None:
        self.problem: str | None = None
        self.attempts = {"delivered": 0, "failed": 0}
        self._outbox = outbox
        self._caller = caller
        self._concurrency = concurrency
        self._under_way: set[asyncio.Task[None]] = set()
        self._done: list[tuple[Delivery, Outcome]] = []
        self._due = asyncio.Event()
        self._stopping = False
        self._ended = asyncio.Event()

    @property
    def under_way(self) -> int:
        """Calls that are being made."""
        return len(self._under_way)

    def wake(self) -> None:
        """Something is due, or may be."""
        self._due.set()

    async def run(self) -> None:
        """Work until `stop` is called and what is under way has ended, or until cancelled."""
        try:
            while self._under_way or self._done or not self._stopping:
                self._due.clear()
                pause = await self._try_round()
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._due.wait()
        finally:
            for task in self._under_way:
                task.cancel()
            self._ended.set()

    def stop(self) -> None:
        """Claim nothing more, and end when what is under way has ended."""
        self._stopping = True
        self.wake()

    async def ended(self) -> None:
        """Wait until `run` has ended."""
        await self._ended.wait()

    async def works(self) -> Finding:
        """For /health."""
        return Finding("looking into the outbox", self.problem and NOT_DELIVERING)

    async def _try_round(self) -> float:
        """Seconds until the next round, unless woken before."""
        try:
            pause = await self._round()
        except (psycopg.Error, PoolTimeout) as error:
            if self.problem != str(error):
                log.warning("Deliveries wait for PostgreSQL: %s", error)
            self.problem = str(error)
            await asyncio.sleep(RETRY_SECONDS)
            return 0.0
        self.problem = None
        return pause

    async def _round(self) -> float:
        """Note what is done, and begin what is due. While this asks the database, more gathers for the next round."""
        done = self._done[:]
        free = 0 if self._stopping else self._concurrency - len(self._under_way)
        if not done and not free:
            return LONGEST_PAUSE
        claimed, seconds = await self._outbox.exchange(done, free)
        del self._done[: len(done)]
        for delivery in claimed:
            task = asyncio.create_task(self._carry(delivery))
            self._under_way.add(task)
            task.add_done_callback(self._arrived)
        if seconds is None or len(claimed) == free:
            return LONGEST_PAUSE
        return min(seconds, LONGEST_PAUSE) if seconds > 0 else HELD_BACK_PAUSE

    async def _carry(self, delivery: Delivery) -> None:
        try:
            outcome = await self._caller.call(delivery)
        except Exception as error:  # this one only; its message may hold what is secret
            log.error("A defect at delivery %s: %s", delivery.message_id, type(error).__name__)
            outcome = Outcome(error=DEFECT)
        self.attempts["delivered" if _is_delivered(outcome) else "failed"] += 1
        _log(delivery, outcome)
        self._done.append((delivery, outcome))

    def _arrived(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self.wake()


def _is_delivered(outcome: Outcome) -> bool:
    return outcome.status is not None and 200 <= outcome.status < 300


def _log(delivery: Delivery, outcome: Outcome) -> None:
    """Scheme and host of the address: the rest of it may be secret."""
    url = address(delivery.url)
    log.log(
        logging.DEBUG if _is_delivered(outcome) else logging.INFO,
        "delivery %s, attempt %d, to %s: %s",
        delivery.message_id,
        delivery.attempt,
        f"{url.scheme}://{url.raw_host.decode()}" if url else "no address",
        outcome.status or outcome.error,
    )
