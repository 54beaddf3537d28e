"""Where lines of the log go: journal, file, memory or console; and that none of these takes more than it may."""

import logging
import os
import socket
import struct
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from webmacs_controller import logs
from webmacs_controller.logs import journal
from webmacs_controller.logs.files import Rotated, in_memory
from webmacs_controller.logs.lines import in_one_line

PACKAGE = "webmacs_controller"
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of one's own in it
PLAN = logs.Plan("thing", PACKAGE, "%(levelname)s %(message)s")


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """The loggers of this process are those of all tests."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers[:] = []
    yield
    for handler in root.handlers[:]:
        root.removeHandler(handler)
        handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in [name for name in root.manager.loggerDict if name.split(".")[0] in (PACKAGE, "webmacs")]:
        logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """A file that lies in memory."""
    file = MEMORY / f"webmacs-{os.getpid()}" / "debug.log"
    yield file
    for left in file.parent.glob("*"):
        left.unlink()
    if file.parent.exists():
        file.parent.rmdir()


def say(part: str = "transport") -> None:
    """One line of each level."""
    log = logging.getLogger(f"{PACKAGE}.{part}.session")
    for level in (logging.DEBUG, logging.INFO, logging.WARNING):
        log.log(level, "words of %s", part)


def test_to_standard_error_from_info_on(capsys: pytest.CaptureFixture[str]) -> None:
    logs.begin(PLAN)
    say()
    assert capsys.readouterr().err == "INFO words of transport\nWARNING words of transport\n"


def test_each_part_has_its_level(capsys: pytest.CaptureFixture[str]) -> None:
    logs.begin(replace(PLAN, level="warning", levels={"transport": "info"}))
    say("transport")
    say("measuring")
    assert capsys.readouterr().err.splitlines() == [
        "INFO words of transport",
        "WARNING words of transport",
        "WARNING words of measuring",
    ]


def test_a_part_that_there_is_not_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    logs.begin(replace(PLAN, levels={"tranport": "info"}))
    assert capsys.readouterr().err == "WARNING levels names tranport, which is no part of webmacs_controller\n"


def test_debug_wears_no_disk(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "thing.log"
    not_in_memory = Path("/usr/share/debug.log")
    assert not in_memory(not_in_memory)
    logs.begin(replace(PLAN, level="debug", file=file, debug_file=not_in_memory))
    say()
    assert "DEBUG" not in file.read_text() + capsys.readouterr().err
    assert "debug_file has to name a file in memory, such as one in /run, not /usr/share/debug.log" in file.read_text()
    assert not not_in_memory.exists()


def test_debug_goes_into_memory_with_all_else(capsys: pytest.CaptureFixture[str], memory: Path) -> None:
    logs.begin(replace(PLAN, levels={"transport": "debug"}, debug_file=memory))
    say()
    say("measuring")
    assert memory.read_text().splitlines() == [
        "DEBUG words of transport",
        "INFO words of transport",
        "WARNING words of transport",
        "INFO words of measuring",
        "WARNING words of measuring",
    ]
    assert "DEBUG" not in capsys.readouterr().err
    assert memory.stat().st_mode & 0o007 == 0


def test_the_console_shows_everything(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    logs.begin(replace(PLAN, level="error", file=tmp_path / "thing.log", console=True))
    say()
    assert capsys.readouterr().err.startswith("DEBUG words of transport\nINFO ")
    assert not (tmp_path / "thing.log").exists()


def test_of_other_packages_nothing_below_info_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    logs.begin(replace(PLAN, console=True))
    logging.getLogger("pymodbus.transport").debug("bytes")
    logging.getLogger("acme.plugin").info("words")
    logging.getLogger("websockets.client").info("Authorization: Bearer …")
    assert capsys.readouterr().err == "INFO words\n"


@pytest.mark.parametrize("files", [2, 5])
def test_a_file_takes_no_more_than_it_may(tmp_path: Path, files: int) -> None:
    handler = Rotated(tmp_path / "deep/thing.log", 1000, files)
    for number in range(500):
        handler.emit(logging.LogRecord("x", logging.INFO, "x", 1, f"line {number:04} {'x' * 40}", (), None))
    handler.close()
    found = sorted((tmp_path / "deep").iterdir())
    assert len(found) == files
    assert all(file.stat().st_size <= 1000 and file.stat().st_mode & 0o007 == 0 for file in found)
    assert "line 0499" in (tmp_path / "deep/thing.log").read_text()


def test_a_log_that_somebody_has_laid_a_link_for_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "thing.log").symlink_to(tmp_path / "other")
    with pytest.raises(OSError, match="symbolic"):
        Rotated(tmp_path / "thing.log", 1000, 2)
    assert not (tmp_path / "other").exists()


def test_the_mount_that_lies_on_top_counts(tmp_path: Path) -> None:
    mounts = tmp_path / "mountinfo"
    folder = tmp_path / "run"
    folder.mkdir()
    line = "1 0 0:1 / {} rw,relatime shared:1 - {} none rw\n"
    mounts.write_text(line.format("/", "ext4") + line.format(folder, "tmpfs"))
    assert in_memory(folder / "not/there/yet.log", mounts)
    assert not in_memory(tmp_path / "run2/thing.log", mounts)
    mounts.write_text(mounts.read_text() + line.format(folder, "ext4"))
    assert not in_memory(folder / "thing.log", mounts)
    assert not in_memory(folder / "thing.log", tmp_path / "no such file")


class Journal:
    """A journal that listens."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.settimeout(10)

    def entry(self) -> dict[str, str]:
        """The next one, read as journald reads it."""
        data, found = self._socket.recv(1 << 20), {}
        while data:
            line, _, rest = data.partition(b"\n")
            key, equals, value = line.partition(b"=")
            if not equals:
                (length,) = struct.unpack("<Q", rest[:8])
                value, rest = rest[8 : 8 + length], rest[9 + length :]
            found[key.decode()] = value.decode()
            data = rest
        return found


class StandardError:
    """Of the process, once it leads to the journal, as the service manager makes it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._file = folder / "stderr"
        self._patch = monkeypatch
        monkeypatch.setattr(journal.JournalHandler.__init__, "__defaults__", (folder / "journal",))

    def connect(self) -> None:
        stderr = self._file.open("w")
        status = os.fstat(stderr.fileno())
        self._patch.setattr(sys, "stderr", stderr)
        self._patch.setenv("JOURNAL_STREAM", f"{status.st_dev}:{status.st_ino}")

    def said(self) -> str:
        return self._file.read_text()


@pytest.fixture
def standard_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandardError:
    return StandardError(tmp_path, monkeypatch)


def test_the_journal_gets_fields(standard_error: StandardError, tmp_path: Path) -> None:
    standard_error.connect()
    listening = Journal(tmp_path / "journal")
    logs.begin(replace(PLAN, level="info", file=tmp_path / "thing.log"))
    say()
    entry = listening.entry()
    assert entry["CODE_FILE"] == __file__
    assert int(entry["CODE_LINE"]) > 0
    assert {key: entry[key] for key in entry if not key.startswith("CODE_")} == {
        "MESSAGE": "words of transport",
        "PRIORITY": "6",
        "SYSLOG_IDENTIFIER": "thing",
        "LOGGER": "webmacs_controller.transport.session",
    }
    assert listening.entry()["PRIORITY"] == "4"
    assert not (tmp_path / "thing.log").exists()
    assert standard_error.said() == ""


def test_a_line_cannot_make_a_field(standard_error: StandardError, tmp_path: Path) -> None:
    standard_error.connect()
    listening = Journal(tmp_path / "journal")
    logs.begin(PLAN)
    hostile = "harmless\nPRIORITY=0\nMESSAGE=other"
    try:
        raise ValueError(hostile)
    except ValueError:
        logging.getLogger(f"{PACKAGE}.x").exception("%s", hostile)
    entry = listening.entry()
    assert entry["PRIORITY"] == "3"
    assert entry["MESSAGE"].startswith("harmless\\nPRIORITY=0\\nMESSAGE=other\nTraceback ")


def test_one_that_is_too_long_is_cut(standard_error: StandardError, tmp_path: Path) -> None:
    standard_error.connect()
    listening = Journal(tmp_path / "journal")
    logs.begin(PLAN)
    logging.getLogger(f"{PACKAGE}.x").info("x" * 1_000_000)
    assert len(listening.entry()["MESSAGE"]) == journal.MOST


def test_without_its_socket_lines_have_their_priority(standard_error: StandardError) -> None:
    standard_error.connect()
    logs.begin(PLAN)
    say()
    assert standard_error.said() == "<6>words of transport\n<4>words of transport\n"


def test_a_standard_error_of_ones_own_is_no_journal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOURNAL_STREAM", "8:12345")
    assert not journal.is_connected()
    logs.begin(PLAN)
    say()
    assert capsys.readouterr().err.startswith("INFO words")


def test_what_does_not_print_is_written_out() -> None:
    assert in_one_line("a\r\n\x1b[31mb\x00é") == "a\\r\\n\\x1b[31mb\\x00é"
