"""What the figures depend on: the machine and the versions."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from bench.stack import Stack


def facts(stack: Stack) -> str:
    """Markdown."""
    with stack.superuser() as connection:
        names = ("server_version", "fsync", "full_page_writes", "synchronous_commit", "shared_buffers")
        shown = [connection.execute(f"show {name}").fetchone() for name in names]
    lines = [
        f"- {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores ({_processor()}), {_memory()}",
        "- the load generator runs on the same machine",
        f"- Linux {platform.release()}, Python {platform.python_version()}",
        f"- PostgreSQL: {', '.join(f'{name} {row[0]}' for name, row in zip(names, shown, strict=True) if row)}",
        f"- load of the machine when the run began: {os.getloadavg()[0]:.1f}",
        f"- pg_test_fsync, one 8 kB write:\n\n```\n{_fsync(stack)}\n```",
    ]
    return "\n".join(lines)


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _memory() -> str:
    return f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GiB"


def _fsync(stack: Stack) -> str:
    """In the folder of the data, as the account of the server."""
    place = stack.place
    file = place.data / "pg_test_fsync.out"
    command = [str(place.programs / "pg_test_fsync"), "-s", "1", "-f", str(file)]
    said = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False, **place.account.popen()).stdout
    lines = [line.strip() for line in said.splitlines() if "ops/sec" in line or "n/a" in line]
    return "\n".join(lines[:5])
