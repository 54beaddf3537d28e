"""Paced telemetry, and what the stream makes of it: from sending a frame to receiving its points.

The value of each point is the time at which it was sent, in milliseconds of our clock.
"""

import asyncio
import json
import re
import sys
import time

import uvloop

from bench.load.frames import STREAM, TELEMETRY
from bench.wire import Wire, connect

VALUE = re.compile(rb'"value":([0-9.e+]+)')
SETTLE_SECONDS = 1.0


class Meter:
    """Counts and times the messages of all stream clients, once told to `start`."""

    def __init__(self) -> None:
        self.milliseconds: list[float] = []
        self.points = 0
        self.began = float("inf")

    def on_text(self, text: bytes) -> None:
        """A message of the stream."""
        now = time.perf_counter() * 1000
        sent = [value for value in map(float, VALUE.findall(text)) if value >= self.began]
        if sent:
            self.points += len(sent)
            self.milliseconds.append(now - min(sent))

    def quantile(self, share: float) -> float:
        """Milliseconds that this share of messages did not exceed."""
        ordered = sorted(self.milliseconds)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


async def main(
    port: int, token: str, viewer: str, events: list[str], size: int, rate: float, clients: int, seconds: float
) -> None:
    """Sends `rate` frames of `size` points a second; prints the share delivered and its quantiles."""
    meter = Meter()
    for _ in range(clients):
        await connect(port, STREAM, viewer, meter.on_text)
    sender = await connect(port, TELEMETRY, token, lambda _: None)
    await _send(sender, events, size, rate, SETTLE_SECONDS)
    meter.began = time.perf_counter() * 1000
    sent = await _send(sender, events, size, rate, seconds)
    await asyncio.sleep(SETTLE_SECONDS)
    answer = {
        "delivered": meter.points / (sent * size * clients),
        "messages": len(meter.milliseconds) / seconds,
        "p50": meter.quantile(0.5),
        "p99": meter.quantile(0.99),
        "max": meter.quantile(1),
    }
    print(json.dumps(answer))


async def _send(sender: Wire, events: list[str], size: int, rate: float, seconds: float) -> int:
    """Frames at even intervals; returns how many."""
    begin = time.perf_counter()
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, begin + number / rate - time.perf_counter()))
        chosen = [events[(number * size + point) % len(events)] for point in range(size)]
        now = time.perf_counter() * 1000
        points = ",".join([f'{{"event_public_id":"{event}","value":{now}}}' for event in chosen])
        sender.send([f'{{"seq":{number},"datapoints":[{points}]}}'.encode()])
    return int(rate * seconds)


if __name__ == "__main__":
    uvloop.run(main(**json.loads(sys.argv[1])))
