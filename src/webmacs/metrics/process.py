"""What this process takes of the machine, under the names that Prometheus' own clients give it."""

import resource
import time
from collections.abc import Iterator
from pathlib import Path

from webmacs.metrics.figure import Figure, counter, gauge

STARTED_AT = time.time()
FIELD_RSS = 1  # of /proc/self/statm, in pages


def figures() -> Iterator[Figure]:
    """Of this moment."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    pages = int(Path("/proc/self/statm").read_text().split()[FIELD_RSS])
    yield counter("process_cpu_seconds_total", "Processor time that was used.", used.ru_utime + used.ru_stime)
    yield gauge("process_resident_memory_bytes", "Memory that is used.", pages * resource.getpagesize())
    yield gauge("process_open_fds", "Files and sockets that are open.", len(list(Path("/proc/self/fd").iterdir())))
    yield gauge("process_max_fds", "How many may be.", resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    yield gauge("process_start_time_seconds", "When it began, since 1970.", STARTED_AT)
