"""What the journal of commands keeps: across crashes, on full disks, against a second controller, and for how long."""

import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from webmacs_controller.commands.journal import KEEP_NEWEST, KEEP_SECONDS, Entry, Journal, JournalError
from webmacs_controller.safety.record import Record
from webmacs_controller.sdk.worker import Worker
from webmacs_controller.transport.protocol import CommandResult

PUMP = ("Tank", "pump")
DONE = CommandResult("a", "done", 7.0)
NOW = 1_800_000_000.0


class Wall:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def kept(journal: Path, wall: Wall) -> Iterator[Journal]:
    kept = Journal(journal, wall)
    yield kept
    kept.close()


def reopened(kept: Journal) -> Journal:
    kept.close()
    return kept


def test_what_was_begun_is_open_until_the_server_has_its_result(kept: Journal) -> None:
    assert kept.find("a") is None
    kept.begin("a", PUMP, 7)
    assert reopened(kept).open_entries() == [Entry("a", PUMP, None)]
    kept.finish(DONE)
    assert reopened(kept).open_entries() == [Entry("a", PUMP, DONE)]
    kept.note("a")
    assert reopened(kept).open_entries() == []
    assert kept.find("a") == Entry("a", PUMP, DONE)


def test_a_refusal_is_kept_though_nothing_was_begun(kept: Journal) -> None:
    refusal = CommandResult("a", "failed", None, "why")
    kept.finish(refusal)
    assert reopened(kept).find("a") == Entry("a", None, refusal)


def test_nothing_is_begun_twice(kept: Journal) -> None:
    kept.begin("a", PUMP, 7)
    with pytest.raises(JournalError, match="UNIQUE"):
        kept.begin("a", PUMP, 7)
    assert kept.find("a") == Entry("a", PUMP, None)


def test_a_command_is_known_for_a_day_after_the_server_has_its_result(kept: Journal, wall: Wall) -> None:
    for number in range(KEEP_NEWEST + 3):
        kept.finish(CommandResult(str(number), "done"))
    for command_id, later in (("0", 0.0), ("1", 10.0), ("5", KEEP_SECONDS + 5)):
        wall.now = NOW + later
        kept.note(command_id)
    assert [kept.find(number) is None for number in ("0", "1", "2")] == [True, False, False]


def test_a_clock_that_jumps_by_years_makes_it_forget_nothing_that_is_new(kept: Journal, wall: Wall) -> None:
    wall.now = 0
    kept.finish(DONE)
    kept.note("a")
    wall.now = NOW
    kept.finish(CommandResult("b", "done"))
    kept.note("b")
    assert kept.find("a") is not None


def test_a_second_controller_gets_no_journal(kept: Journal, tmp_path: Path) -> None:
    kept.open_entries()
    with pytest.raises(JournalError, match="locked"):
        Journal(tmp_path / "journal").find("a")


@pytest.mark.parametrize("place", ["missing/journal", "."])
def test_a_place_where_no_file_can_be_is_said(tmp_path: Path, place: str) -> None:
    with pytest.raises(JournalError, match="unable to open database file"):
        Journal(tmp_path / place).open_entries()


def test_a_file_that_is_no_journal_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.write_text("something else " * 1000)
    with pytest.raises(JournalError, match="not a database"):
        Journal(path).begin("a", PUMP, 1)
    assert path.read_text() == "something else " * 1000


def test_a_full_disk_is_said_and_once_there_is_room_all_is_well(kept: Journal) -> None:
    kept.begin("a", PUMP, 1)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        with pytest.raises(JournalError, match="cannot be used"):
            kept.begin("b", PUMP, 1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert kept.find("b") is None
    kept.finish(DONE)
    assert kept.find("a") == Entry("a", PUMP, DONE)


def test_what_was_begun_survives_kill(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path\n"
        "from webmacs_controller.commands.journal import Journal\n"
        "Journal(Path(sys.argv[1])).begin('a', ('Tank', 'pump'), 1.0)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    path = tmp_path / "journal"
    assert subprocess.run([sys.executable, "-c", program, str(path)], check=False).returncode == -signal.SIGKILL
    assert Journal(path).open_entries() == [Entry("a", PUMP, None)]


def test_every_commit_is_on_disk_before_it_returns(kept: Journal, tmp_path: Path) -> None:
    kept.begin("a", PUMP, 1)
    connection = kept._connection
    assert isinstance(connection, sqlite3.Connection)
    assert connection.execute("pragma synchronous").fetchone() == (2,)
    assert connection.execute("pragma journal_mode").fetchone() == ("wal",)
    assert (tmp_path / "journal-wal").stat().st_size > 0


ids = st.sampled_from(["a", "b", "c"])
states = st.sampled_from(["done", "failed", "expired", "outcome_unknown"])


class Lives(RuleBasedStateMachine):
    """The journal against a dictionary, with the process ending at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.journal = Journal(Path(self.folder.name, "journal"))
        self.known: dict[str, Entry] = {}
        self.noted: set[str] = set()

    @rule(command_id=ids)
    def begin(self, command_id: str) -> None:
        if command_id in self.known:
            with pytest.raises(JournalError):
                self.journal.begin(command_id, PUMP, 1)
        else:
            self.journal.begin(command_id, PUMP, 1)
            self.known[command_id] = Entry(command_id, PUMP, None)

    @rule(command_id=ids, state=states, value=st.none() | st.floats(allow_nan=False))
    def finish(self, command_id: str, state: str, value: float | None) -> None:
        result = CommandResult(command_id, state, value)  # type: ignore[arg-type]
        source = self.known[command_id].source if command_id in self.known else None
        self.journal.finish(result)
        self.known[command_id] = Entry(command_id, source, result)

    @precondition(lambda self: any(entry.result for entry in self.known.values()))
    @rule(command_id=ids)
    def note(self, command_id: str) -> None:
        if command_id in self.known and self.known[command_id].result:
            self.journal.note(command_id)
            self.noted.add(command_id)

    @rule()
    def end(self) -> None:
        self.journal.close()

    @invariant()
    def it_knows_what_happened(self) -> None:
        for command_id in ("a", "b", "c"):
            assert self.journal.find(command_id) == self.known.get(command_id)
        assert {entry.id for entry in self.journal.open_entries()} == self.known.keys() - self.noted

    def teardown(self) -> None:
        self.journal.close()
        self.folder.cleanup()


TestLives = Lives.TestCase
TestLives.settings = settings(max_examples=30, stateful_step_count=20)


def test_a_run_that_could_not_be_noted_is_with_its_first_command(kept: Journal) -> None:
    """So the next start knows that outputs may have been left as they were."""
    kept.start()
    kept.stop()
    kept.close()
    later = Journal(kept._path)
    later.begin("a", PUMP, 7)
    assert reopened(later).start() == (False, [])


async def test_outputs_of_which_a_broken_journal_tells_nothing_count_as_left(tmp_path: Path, kept: Journal) -> None:
    """But those of another controller, which has the journal, are not ours."""
    kept.open_entries()
    in_use, broken = Journal(tmp_path / "journal"), Journal(tmp_path)
    assert await Record(in_use, Worker("disk")).start() == (True, ())
    assert await Record(broken, Worker("disk")).start() == (False, ())
