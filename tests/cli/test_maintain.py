"""`webmacs maintain`"""

from pathlib import Path

import pytest

from tests.cli.conftest import Command, refused
from tests.db.retention import DAY, Past
from tests.support.certificate import contexts, shown
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


@pytest.mark.parametrize(("days", "said"), [(31, None), (29, "ends on"), (-1, "has ended on")])
def test_a_certificate_that_ends_is_told_in_the_log(
    days: int, said: str | None, webmacs: Command, database: Database, tmp_path: Path
) -> None:
    server, _ = contexts("localhost", tmp_path, days)
    with shown(server) as port, database.connect() as connection:
        for _ in range(2):  # of which one finds a line of this week
            run = webmacs("maintain", WEBMACS_SERVER_PUBLIC_URL=f"https://localhost:{port}")
            assert run.returncode == 0, run.stderr
        query = "delete from private.log_entries where source = 'certificate' returning level::text, message"
        told = connection.execute(query).fetchall()
    assert [level for level, _ in told] == (["warning"] if said else [])
    assert all(f"The certificate of https://localhost:{port} {said}" in message for _, message in told)


def test_a_page_that_nobody_shows_stops_nothing(webmacs: Command) -> None:
    assert webmacs("maintain", WEBMACS_SERVER_PUBLIC_URL="https://localhost:1").returncode == 0
