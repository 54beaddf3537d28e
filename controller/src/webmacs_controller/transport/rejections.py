"""What the server refuses."""

import logging
from collections import Counter
from collections.abc import Mapping

from webmacs_controller.measuring.point import Source
from webmacs_controller.transport.protocol import Ack

log = logging.getLogger(__name__)


class Rejections:
    """Counts them by event and reason; the first of each is logged."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str | None, str]] = Counter()
        self.total = 0

    def add(self, ack: Ack, sources: Mapping[str, Source]) -> None:
        """`sources` has the channel of each event, by which people know it."""
        self.total += ack.rejected_total
        for item in ack.rejected:
            key = (item.event_public_id, item.reason)
            if key not in self.counts:
                name = "/".join(sources.get(item.event_public_id or "", ("an unknown channel",)))
                log.warning("%s (event %s): refused by the server: %s", name, *key)
            self.counts[key] += 1
