"""Listens to what is stored while a controller brings its backlog: how fast that is, and how late live values are."""

import json
import sys
import time
from array import array

import msgspec
import psycopg


class Batch(msgspec.Struct):
    """A notification: when its points were measured, in microseconds since 1970."""

    t: list[int]


class Arrivals:
    """Counts points that were measured before a time, `last` those that are older than another, and remembers the
    delays of points measured since the first has come; all in microseconds."""

    def __init__(self, before: int, last_before: int) -> None:
        self.old = self.last = 0
        self.first = self.end = 0
        self.delays = array("q")
        self._before = before
        self._last_before = last_before

    def note(self, times: list[int], now: int) -> None:
        """These have been stored."""
        old = sum(measured < self._before for measured in times)
        if old:
            self.old, self.first, self.end = self.old + old, self.first or now, now
            self.last += sum(measured < self._last_before for measured in times)
        if self.first and old < len(times):
            self.delays.extend(now - measured for measured in times if measured > self.first)

    def quantile(self, share: float) -> float:
        """Milliseconds that this share of the delays did not exceed."""
        ordered = sorted(self.delays)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] / 1000


def main(uri: str, before: float, last_before: float, count: int) -> None:
    """Until `count` points have come that were measured before `last_before` (seconds since 1970). Says when it
    listens; prints how many came in a second of those measured `before`, and the delays of live values."""
    arrivals = Arrivals(int(before * 1e6), int(last_before * 1e6))
    decode = msgspec.json.Decoder(Batch).decode
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute("listen webmacs_datapoints")
        print("listening", flush=True)
        for notification in connection.notifies():
            arrivals.note(decode(notification.payload).t, time.time_ns() // 1000)
            if arrivals.last >= count:
                break
    answer = {
        "old": arrivals.old,
        "rate": arrivals.old / (arrivals.end - arrivals.first) * 1e6,
        "live": len(arrivals.delays),
        "p50": arrivals.quantile(0.5),
        "p99": arrivals.quantile(0.99),
        "max": arrivals.quantile(1),
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
