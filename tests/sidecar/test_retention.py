"""A running sidecar drops what is expired, and reports the disk."""

import time

import pytest

from tests.db.retention import DAY, Past
from tests.support.database import Database
from tests.support.sidecar import running_sidecar
from webmacs.config import Config

SECONDS = 60


@pytest.fixture
def past(database: Database) -> Past:
    return Past(database, days=50)


def test_at_start(config: Config, past: Past) -> None:
    past.policy("raw", age_days=30)
    past.superuser.execute("listen webmacs_changes")
    with running_sidecar(config):
        deadline = time.monotonic() + SECONDS
        while past.partitions()[0][1] < past.now - 30 * DAY or not past.one("select bytes from private.disk_reports"):
            assert time.monotonic() < deadline
            list(past.superuser.notifies(timeout=0.2, stop_after=1))
    assert past.one("select min(ts) from private.datapoints") > past.now - 38 * DAY
