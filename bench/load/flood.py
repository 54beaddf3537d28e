"""Closed loop: so many frames in flight on each of some connections; counts what is acknowledged."""

import asyncio
import json
import sys
import time

import uvloop

from bench.load.frames import TELEMETRY, Frames, Waves
from bench.wire import Wire, connect

WARM_UP_SECONDS = 0.5


class Sender:
    """One connection: for every acknowledged frame it sends another."""

    def __init__(self, frames: Frames) -> None:
        self.wire: Wire
        self.accepted = 0
        self.refused = 0
        self._frames = frames
        self._sent = 0
        self._acknowledged = 0

    def send(self, count: int) -> None:
        """Send so many frames."""
        self.wire.send([self._frames.next(self._sent + number) for number in range(1, count + 1)])
        self._sent += count

    def on_text(self, text: bytes) -> None:
        """An acknowledgement."""
        ack = json.loads(text)
        self.accepted += ack["accepted"]
        self.refused += ack["duplicates"] + ack["rejected_total"]
        done, self._acknowledged = ack["seq"] - self._acknowledged, ack["seq"]
        self.send(done)


async def main(
    port: int,
    token: str,
    events: list[str],
    size: int,
    connections: int,
    in_flight: int,
    seconds: float,
    period: float | None = None,
) -> None:
    """Prints points a second, and how many points were not accepted. `period`: seconds of a wave of the values."""
    senders = []
    for number in range(connections):
        sender = Sender(Waves(events, size, period) if period else Frames(events, size, number))
        sender.wire = await connect(port, TELEMETRY, token, sender.on_text)
        senders.append(sender)
    for sender in senders:
        sender.send(in_flight)
    await asyncio.sleep(WARM_UP_SECONDS)
    before, begin = sum(sender.accepted for sender in senders), time.perf_counter()
    await asyncio.sleep(seconds)
    stored = sum(sender.accepted for sender in senders) - before
    rate = stored / (time.perf_counter() - begin)
    print(json.dumps({"rate": rate, "refused": sum(sender.refused for sender in senders)}))


if __name__ == "__main__":
    uvloop.run(main(**json.loads(sys.argv[1])))
