"""What the server refuses, and how much it does not."""

import logging
from collections import Counter
from collections.abc import Mapping

from webmacs_controller.measuring.point import Source
from webmacs_controller.transport.protocol import Ack, Error

log = logging.getLogger(__name__)


class Rejections:
    """Counts them by event and reason, and whole frames by code, in points; the first of each is logged. `stored`:
    points that were not refused."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str | None, str]] = Counter()
        self.of_frames: Counter[str] = Counter()
        self.total = 0
        self.stored = 0

    def add(self, ack: Ack, sources: Mapping[str, Source]) -> None:
        """`sources` has the channel of each event, by which people know it."""
        self.total += ack.rejected_total
        self.stored += ack.accepted
        for item in ack.rejected:
            key = (item.event_public_id, item.reason)
            if key not in self.counts:
                name = "/".join(sources.get(item.event_public_id or "", ("an unknown channel",)))
                log.warning("%s (event %s): refused by the server: %s", name, *key)
            self.counts[key] += 1

    def add_frame(self, error: Error, points: int) -> None:
        """The server takes none of a frame's `points`."""
        self.total += points
        if error.code not in self.of_frames:
            log.error(
                "frame %s with %d points is lost, refused by the server: %s (%s); more of these are only counted",
                error.seq,
                points,
                error.message,
                error.code,
            )
        self.of_frames[error.code] += points
