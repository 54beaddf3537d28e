"""Telemetry at a steady pace: how long each acknowledgement takes."""

import asyncio
import json
import sys
import time

import uvloop

from bench.load.frames import TELEMETRY, Frames
from bench.wire import connect


class Clock:
    """When each frame was sent, until it is acknowledged."""

    def __init__(self) -> None:
        self.milliseconds: list[float] = []
        self._sent: dict[int, float] = {}
        self._acknowledged = 0

    def sending(self, seq: int) -> None:
        """This frame is sent now."""
        self._sent[seq] = time.perf_counter()

    def on_text(self, text: bytes) -> None:
        """An acknowledgement, perhaps of several frames."""
        now, message = time.perf_counter(), json.loads(text)
        if message["type"] != "ack":
            return
        last = message["seq"]
        for seq in range(self._acknowledged + 1, last + 1):
            self.milliseconds.append((now - self._sent.pop(seq)) * 1000)
        self._acknowledged = last


async def main(port: int, token: str, events: list[str], size: int, rate: float, seconds: float) -> None:
    """Prints quantiles in milliseconds."""
    clock, frames = Clock(), Frames(events, size)
    wire = await connect(port, TELEMETRY, token, clock.on_text)
    begin = time.perf_counter()
    for seq in range(1, int(rate * seconds) + 1):
        await asyncio.sleep(max(0.0, begin + seq / rate - time.perf_counter()))
        clock.sending(seq)
        wire.send([frames.next(seq)])
    await asyncio.sleep(0.5)
    times = sorted(clock.milliseconds)
    print(json.dumps({"p50": times[len(times) // 2], "p99": times[int(len(times) * 0.99)]}))


if __name__ == "__main__":
    uvloop.run(main(**json.loads(sys.argv[1])))
