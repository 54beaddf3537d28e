"""Paced telemetry in which one value crosses a threshold again and again: how soon is there an alarm, and a call?

Each crossing has a value of its own above the threshold, which the alarm and the call carry.
"""

import asyncio
import json
import re
import sys
import time
from statistics import quantiles

import uvloop

from bench.load.frames import STREAM, TELEMETRY
from bench.load.receiver import receive
from bench.wire import Wire, connect

BELOW, ABOVE = 0.0, 1000.0
ALARM = re.compile(rb'"value":\s?([0-9.]+)')
SETTLE_SECONDS = 2.0


class Stopwatch:
    """Milliseconds from the sending of each crossing to the first message that carries its value."""

    def __init__(self, sent: dict[float, float]) -> None:
        self.milliseconds: dict[float, float] = {}
        self._sent = sent

    def on_text(self, text: bytes) -> None:
        """A message."""
        now = time.perf_counter()
        for value in map(float, ALARM.findall(text)):
            if value in self._sent:
                self.milliseconds.setdefault(value, (now - self._sent[value]) * 1000)

    def summary(self) -> dict[str, float]:
        """The share that came, the median and the 95th percentile."""
        cuts = quantiles(self.milliseconds.values(), n=20)
        return {"share": len(self.milliseconds) / len(self._sent), "p50": cuts[9], "p95": cuts[18]}


async def main(
    port: int, token: str, viewer: str, event: str, others: list[str], rate: float, seconds: float, receiver_port: int
) -> None:
    """Sends `rate` frames of 10 points a second, a crossing in every tenth; prints both summaries."""
    sent: dict[float, float] = {}
    alarms, calls = Stopwatch(sent), Stopwatch(sent)
    await receive(receiver_port, lambda _path, _id, body: calls.on_text(body))
    await connect(port, STREAM, viewer, lambda text: alarms.on_text(text) if b'"type":"alarm"' in text else None)
    sender = await connect(port, TELEMETRY, token, lambda _: None)
    begin = time.perf_counter()
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, begin + number / rate - time.perf_counter()))
        _send(sender, number, event, others, sent)
    await asyncio.sleep(SETTLE_SECONDS)
    print(json.dumps({"alarms": alarms.summary(), "calls": calls.summary()}))


def _send(sender: Wire, number: int, event: str, others: list[str], sent: dict[float, float]) -> None:
    """Below the threshold in every tenth frame, above it in the frame five later."""
    points = [(others[(number * 9 + place) % len(others)], 20.0 + number % 7) for place in range(9)]
    if number % 10 == 5:
        value = ABOVE + number
        points.append((event, value))
        sent[value] = time.perf_counter()
    else:
        points.append((event, BELOW))
    text = ",".join([f'{{"event_public_id":"{name}","value":{value}}}' for name, value in points])
    sender.send([f'{{"seq":{number},"datapoints":[{text}]}}'.encode()])


if __name__ == "__main__":
    uvloop.run(main(**json.loads(sys.argv[1])))
