"""`webmacs maintain`"""

import pytest

from tests.cli.conftest import Command, refused
from tests.db.retention import DAY, Past
from tests.support.database import Database


@pytest.fixture(scope="module")
def past(database: Database) -> Past:
    made = Past(database, days=50)
    made.policy("raw", age_days=30)
    return made


def test_a_dry_run_changes_nothing(webmacs: Command, past: Past) -> None:
    before = past.partitions()
    run = webmacs("maintain", "--dry-run")
    assert (run.returncode, run.stderr) == (0, "")
    assert "would drop datapoints_" in run.stdout
    assert past.partitions() == before
    assert past.expire(past.now - 1000 * DAY) == []


def test_everything_is_done_once(webmacs: Command, past: Past) -> None:
    run = webmacs("maintain")
    assert (run.returncode, run.stderr) == (0, "")
    lines = run.stdout.splitlines()
    assert any(line.startswith("all before ") and line.endswith(" 0 hours that came late wait") for line in lines)
    assert sum(line.startswith("dropped datapoints_") for line in lines) >= 2
    assert past.partitions()[0][1] > past.now - 30 * DAY
    again = webmacs("maintain").stdout.splitlines()
    assert "nothing is to be dropped" in again
    assert not any(line.startswith("dropped") for line in again)


def test_what_is_being_read_is_dropped_later(webmacs: Command, past: Past) -> None:
    past.policy("raw", age_days=7)
    with past.database.connect() as reader:
        reader.execute("begin")
        reader.execute("select count(*) from private.datapoints")
        said = webmacs("maintain").stdout
        assert "not dropped yet, most often because it is being read: datapoints_" in said
        assert f"read by process {reader.info.backend_pid} (postgres)" in said
        assert "would go on: alter table private.datapoints detach partition" in webmacs("maintain", "--dry-run").stdout
        reader.execute("rollback")
    assert "dropped datapoints_" in webmacs("maintain").stdout


def test_a_database_that_is_away(webmacs: Command) -> None:
    away = "postgresql://postgres:secret@127.0.0.1:1/x"
    said = refused(webmacs("maintain", WEBMACS_DATABASE_ADMIN_URI=away))
    assert "cannot be reached" in said
    assert "secret" not in said
