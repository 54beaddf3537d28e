"""PostgreSQL's settings by the machine: the embedded server is made with them, `webmacs database-settings` prints them.

`python -m bench sizes` compares them with others (bench/RESULTS.md). What is not here is as PostgreSQL has it.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

GB = 1 << 30
MB = 1 << 20
# Ours never use more: the sidecars' pools, PostgREST's, exports, a reader or two.
CONNECTIONS = "60"


@dataclass(frozen=True)
class Size:
    """For machines with at most so much memory, which sidecars, PostgREST and Apache share (some 500 MB)."""

    memory: int
    shared_buffers: int
    cache: int  # of it and the system's, as the planner may assume
    work: int
    maintenance: int
    wal: int


SIZES = (
    Size(2 * GB, 128 * MB, 384 * MB, 4 * MB, 32 * MB, 512 * MB),
    Size(8 * GB, 512 * MB, 2 * GB, 8 * MB, 128 * MB, 2 * GB),
    Size(1 << 60, 2 * GB, 10 * GB, 16 * MB, 512 * MB, 4 * GB),
)
LEAST_WAL = 64 * MB


def settings(memory: int, disk: int) -> dict[str, str]:
    """For a machine with so many bytes of memory, and so many on the disk of the data."""
    size = next(size for size in SIZES if memory <= size.memory)
    wal = max(LEAST_WAL, min(size.wal, disk // 10))
    return {
        "max_connections": CONNECTIONS,
        "shared_buffers": _shown(size.shared_buffers),
        "effective_cache_size": _shown(size.cache),
        "work_mem": _shown(size.work),
        "maintenance_work_mem": _shown(size.maintenance),
        # A point costs a third of the WAL when its page was written since the last checkpoint.
        "checkpoint_timeout": "15min",
        "max_wal_size": _shown(wal),
        "min_wal_size": _shown(min(80 * MB, wal // 2)),
        # Statements are many and short; a few workers for one would keep ingest waiting.
        "max_parallel_workers_per_gather": "0" if size is SIZES[0] else "2",
        "random_page_cost": "1.1",  # solid-state disks
        "jit": "off",  # compiling takes longer than running
        "timezone": "UTC",
        "log_timezone": "UTC",
    }


def of_this_machine(data: Path) -> dict[str, str]:
    """By its memory, and the disk that `data` is or will be on."""
    folder = data
    while not folder.exists():
        folder = folder.parent
    return settings(memory(), shutil.disk_usage(folder).total)


def memory() -> int:
    """Of this machine, or of the container that we are in."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for file in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            return min(machine, int(Path(file).read_text()))
        except (OSError, ValueError):  # there is none, or "max"
            continue
    return machine


def fragment(found: dict[str, str]) -> str:
    """A file for conf.d of Debian's PostgreSQL."""
    quoted = [f"{name} = '{value}'" for name, value in found.items()]
    return "\n".join(["# Written by `webmacs database-settings`, for this machine's memory and disk.", *quoted, ""])


def _shown(size: int) -> str:
    return f"{size // MB}MB"
