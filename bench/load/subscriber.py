"""Stream clients for a while: one that reads, and if wanted one that stops reading at once."""

import asyncio
import json
import sys
import time

import uvloop

from bench.load.frames import STREAM
from bench.wire import connect


class Reader:
    """Remembers the longest time between two messages."""

    def __init__(self) -> None:
        self.messages = 0
        self.longest = 0.0
        self._last = time.perf_counter()

    def on_text(self, _text: bytes) -> None:
        """A message of the stream."""
        now = time.perf_counter()
        self.longest, self._last = max(self.longest, now - self._last), now
        self.messages += 1


async def main(port: int, viewer: str, stalled: bool, seconds: float) -> None:
    """Prints how many messages the reading client got, and its longest gap in milliseconds."""
    reader = Reader()
    if stalled:
        wire = await connect(port, STREAM, viewer, lambda _: None)
        wire.transport.pause_reading()
    await connect(port, STREAM, viewer, reader.on_text)
    await asyncio.sleep(seconds)
    print(json.dumps({"messages": reader.messages, "longest_ms": reader.longest * 1000}))


if __name__ == "__main__":
    uvloop.run(main(**json.loads(sys.argv[1])))
