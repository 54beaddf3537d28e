"""The launcher as a process, with versions that are good, dead, silent or stubborn."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from webmacs_controller.updates import launcher
from webmacs_controller.updates.installation import Terms
from webmacs_controller.updates.launcher import CURRENT, OUTCOME, PROBATION

from tests.support.updates import Maker
from tests.updates.versions import GOOD, begun, bundle, installation

SOURCES = Path(__file__).parents[2] / "controller" / "src"
LONG = Terms(5, steady_seconds=1, probation_seconds=300)


class Launched:
    """A launcher, and what the versions that it started have written."""

    def __init__(self, folder: Path, log: Path) -> None:
        self.folder = folder
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, **more: str) -> None:
        command = [sys.executable, str(self.folder / "launcher.py"), "run"]
        environment = os.environ | {"LOG": str(self.log)} | more
        self.process = subprocess.Popen(command, env=environment, start_new_session=True)

    @property
    def started(self) -> list[str]:
        """The versions, one for each start."""
        text = self.log.read_text() if self.log.exists() else ""
        return [Path(line).parts[-3].split("-")[1] for line in text.splitlines()]

    def until(self, condition: Callable[[], bool], seconds: float = 60) -> None:
        """Waits."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, (self.started, launcher.read(self.folder / OUTCOME))
            time.sleep(0.02)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Its exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(60)

    def kill_all(self) -> None:
        """As when the power fails."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def end(self) -> None:
        """If it is still there."""
        if self.process is not None and self.process.poll() is None:
            self.kill_all()

    @property
    def outcome(self) -> dict[str, object]:
        return launcher.read(self.folder / OUTCOME) or {}


@pytest.fixture
def launched(maker: Maker, tmp_path: Path) -> Iterator[Launched]:
    """With version 1.0, which is good."""
    it = Launched(begun(maker, tmp_path / "machine"), tmp_path / "log")
    it.start()
    it.until(lambda: it.started == ["1.0"])
    yield it
    it.end()


def test_an_end_is_passed_on(launched: Launched) -> None:
    assert launched.stop() == 0
    assert launched.started == ["1.0"]


def test_a_version_ends_with_a_launcher_that_is_killed(maker: Maker, tmp_path: Path) -> None:
    """On a desk nobody else ends it, and the next launcher would start a second one."""
    ends = 'echo "$0" >> "$LOG"; trap "echo /ended-ended/x/y >> $LOG; exit 0" TERM; while :; do sleep 0.05; done'
    it = Launched(begun(maker, tmp_path / "machine", ends), tmp_path / "log")
    it.start()
    it.until(lambda: it.started == ["1.0"])
    assert it.stop(signal.SIGKILL) == -signal.SIGKILL
    it.until(lambda: it.started == ["1.0", "ended"])


def test_how_it_ends_is_passed_on(maker: Maker, tmp_path: Path) -> None:
    it = Launched(begun(maker, tmp_path / "machine", 'echo "$0" >> "$LOG"; exit 3'), tmp_path / "log")
    it.start()
    assert it.process is not None
    assert it.process.wait(60) == 3


def test_another_version_takes_the_place_and_proves_itself(launched: Launched, maker: Maker) -> None:
    installation(launched.folder).install(bundle(maker, 2))
    launched.until(lambda: launched.started == ["1.0", "2.0"])
    note = launcher.probation(launched.folder)
    assert note is not None
    assert note["starts"] == 1
    launcher.confirm(launched.folder, note)
    time.sleep(4)  # longer than its probation
    assert launched.started == ["1.0", "2.0"]
    assert launched.outcome["state"] == "completed"
    assert launched.stop() == 0


def test_one_that_starts_and_says_nothing(launched: Launched, maker: Maker) -> None:
    installation(launched.folder).install(bundle(maker, 2))
    launched.until(lambda: launched.started == ["1.0", "2.0", "1.0"])
    assert launched.outcome["state"] == "rolled_back"
    assert launched.outcome["why"] == "it has not proved itself in time"
    assert launcher.probation(launched.folder) is None


@pytest.mark.parametrize("end", ["exit 1", "exit 0", "kill -9 $$"])
def test_one_that_dies(end: str, launched: Launched, maker: Maker) -> None:
    installation(launched.folder, f'echo "$0" >> "$LOG"; {end}', LONG).install(bundle(maker, 2))
    launched.until(lambda: launched.started == ["1.0", "2.0", "2.0", "2.0", "1.0"])
    assert launched.outcome["why"] == "it was started 3 times and has not proved itself"


def test_one_that_cannot_even_be_started(launched: Launched, maker: Maker) -> None:
    name = installation(launched.folder).install(bundle(maker, 2))
    (launched.folder / "versions" / name / launcher.COMMAND).write_text("#!/does/not/exist\n")
    launched.until(lambda: launched.started[-1] == "1.0" and launched.outcome.get("state") == "rolled_back")


def test_one_that_does_not_want_to_end(
    launched: Launched, maker: Maker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    launched.stop()
    text = (launched.folder / "launcher.py").read_text()
    (launched.folder / "launcher.py").write_text(text.replace("STOP_SECONDS = 60.0", "STOP_SECONDS = 0.5"))
    stubborn = 'echo "$0" >> "$LOG"; trap "" TERM; while :; do sleep 0.05; done'
    installation(launched.folder, stubborn).install(bundle(maker, 2))
    launched.start()
    launched.until(lambda: launched.started == ["1.0", "2.0", "1.0"])


def test_the_power_fails_again_and_again(launched: Launched, maker: Maker) -> None:
    launched.kill_all()
    installation(launched.folder, GOOD, LONG).install(bundle(maker, 2))
    for start in (1, 2, 3):
        launched.start()
        launched.until(lambda start=start: launched.started == ["1.0", *["2.0"] * start])  # type: ignore[misc]
        launched.kill_all()
    launched.start()
    launched.until(lambda: launched.started == ["1.0", "2.0", "2.0", "2.0", "1.0"])
    assert launched.outcome["state"] == "rolled_back"


def test_a_person_who_stops_it_is_no_sign(launched: Launched, maker: Maker) -> None:
    launched.stop()
    installation(launched.folder, GOOD, LONG).install(bundle(maker, 2))
    for start in range(1, 5):
        launched.start()
        launched.until(lambda start=start: launched.started == ["1.0", *["2.0"] * start])  # type: ignore[misc]
        assert launched.stop() == 0
    note = launcher.read(launched.folder / PROBATION)
    assert note is not None
    assert note["starts"] == 0


def test_a_version_is_rolled_back_by_hand(launched: Launched, maker: Maker) -> None:
    installation(launched.folder, GOOD, LONG).install(bundle(maker, 2))
    launched.until(lambda: launched.started == ["1.0", "2.0"])
    installation(launched.folder).go_back()
    launched.until(lambda: launched.started == ["1.0", "2.0", "1.0"])
    assert launched.outcome["why"] == "somebody wanted it"
    assert str(launcher.link_target(launched.folder, CURRENT)).startswith("1-1.0-")


TELLING = f"""exec {sys.executable} -c '
import os, signal, socket, sys, time
sys.path.insert(0, os.environ["SOURCES"])
from webmacs_controller.guard.notify import notify
def stop(*_):
    notify("STOPPING=1")
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
open(os.environ["LOG"], "a").write(sys.argv[1] + "\\n")
notify("READY=1\\nWATCHDOG=1")
while True: time.sleep(0.05)
' "$0\""""


def test_systemd_hears_of_its_end_only_when_all_ends(maker: Maker, tmp_path: Path) -> None:
    """A version tells it that it stops; while another takes its place, that is not so, and the watchdog is fed."""
    heard: list[str] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.setblocking(False)

        def listen() -> list[str]:
            with contextlib.suppress(BlockingIOError):
                while True:
                    heard.extend(systemd.recv(4096).decode().splitlines())
            return heard

        it = Launched(begun(maker, tmp_path / "machine", TELLING), tmp_path / "log")
        with contextlib.ExitStack() as stack:
            stack.callback(it.end)
            it.start(NOTIFY_SOCKET=str(tmp_path / "notify"), SOURCES=str(SOURCES))
            it.until(lambda: listen().count("READY=1") == 1)
            installation(it.folder, TELLING, LONG).install(bundle(maker, 2))
            it.until(lambda: listen().count("READY=1") == 2)
            assert it.started == ["1.0", "2.0"]
            assert "STOPPING=1" not in heard
            assert heard.count("WATCHDOG=1") >= 2
            assert it.stop() == 0
            assert listen()[-1] == "STOPPING=1"
