"""Requests as this process has answered them; WebSockets do not count."""

from collections import Counter

from webmacs.metrics.figure import Figure, Histogram, by_label, counter

CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")


class Traffic:
    """Counted by class of status, and timed."""

    def __init__(self) -> None:
        self._answered = Counter(dict.fromkeys(CLASSES, 0))
        self._seconds = Histogram(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0)

    def note(self, status: int, seconds: float) -> None:
        """One more; 0: the client left before there was an answer."""
        if status:
            self._answered[f"{status // 100}xx"] += 1
            self._seconds.note(seconds)

    def figures(self) -> list[Figure]:
        """For GET /metrics."""
        answered = counter("webmacs_requests_total", "Requests that this process has answered, by class of status.")
        return [
            by_label(answered, "status", self._answered),
            self._seconds.figure("webmacs_request_seconds", "How long they took, to the last byte."),
        ]
