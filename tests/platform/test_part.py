"""A part is started, watched and stopped; what it said last is shown when it ends."""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from webmacs.problem import Problem
from webmacs.supervisor import log_file
from webmacs.supervisor import part as module
from webmacs.supervisor.crew import Crew
from webmacs.supervisor.part import Part, PartFailed, Running
from webmacs.supervisor.signals import stoppable

UNTIL_ASKED = "trap 'echo {name} >> {log}; exit 0' TERM; echo ready; while :; do sleep 0.01; done"


def shell(folder: Path, script: str, ready: Callable[[], bool] | None = None, name: str = "thing") -> Part:
    log = folder / f"{name}.log"
    says_ready = ready or (lambda: "ready" in log.read_text())
    return Part(name, ["sh", "-c", script], log, says_ready, os.environ, folder)


def test_one_that_ends_before_it_answers_is_named_with_its_last_words(tmp_path: Path) -> None:
    running = Running(shell(tmp_path, "echo no such luck; exit 3", lambda: False))
    with pytest.raises(PartFailed, match=r"(?s)thing ended with code 3.*no such luck"):
        running.wait_until_ready()


def test_one_that_never_answers_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "READY_SECONDS", 0.05)
    running = Running(shell(tmp_path, "sleep 60", lambda: False))
    with pytest.raises(PartFailed, match="does not answer"):
        running.wait_until_ready()
    running.stop()


def test_a_missing_program_is_one_sentence(tmp_path: Path) -> None:
    missing = Part("thing", ["/no/such/program"], tmp_path / "log", lambda: True, {}, tmp_path)
    with pytest.raises(Problem, match="thing cannot be started: /no/such/program"):
        Running(missing)


def test_one_that_does_not_listen_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STOP_SECONDS", 0.05)
    running = Running(shell(tmp_path, "trap '' TERM; echo ready; while :; do sleep 0.01; done"))
    running.wait_until_ready()
    running.stop()
    assert "SIGKILL" in str(running.ended())


def test_a_large_log_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_file, "LOG_BYTES", 3)
    (tmp_path / "thing.log").write_text("old words")
    Running(shell(tmp_path, "echo new")).ended()
    assert (tmp_path / "thing.log.1").read_text() == "old words"
    assert (tmp_path / "thing.log").stat().st_mode & 0o007 == 0  # others of this machine read no names
    assert (tmp_path / "thing.log").read_text() == "new\n"


def test_a_log_is_bounded_while_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_file, "LOG_BYTES", 10)
    log = tmp_path / "thing.log"
    wait = "until [ -e go$n ]; do sleep 0.01; done"
    running = Running(shell(tmp_path, f"for n in 1 2 3 4; do echo long words $n; {wait}; done; echo last words"))
    for number in range(1, 5):
        deadline = time.monotonic() + 30
        while f"words {number}\n" not in log.read_text():
            assert time.monotonic() < deadline
        running.log.trim()
        assert log.read_text() == ""
        (tmp_path / f"go{number}").touch()
    assert "last words" in str(running.ended())
    old = {file.name: file.read_text() for file in tmp_path.glob("thing.log.*")}
    assert old == {"thing.log.1": "long words 4\n", "thing.log.2": "long words 3\n"}
    assert (tmp_path / "thing.log.1").stat().st_mode & 0o007 == 0


def test_all_stop_in_reverse_order(tmp_path: Path) -> None:
    order = tmp_path / "order"
    with stoppable(), Crew() as crew:
        for name in ("first", "second", "third"):
            crew.start(shell(tmp_path, UNTIL_ASKED.format(name=name, log=order), name=name))
    assert order.read_text().split() == ["third", "second", "first"]


def test_if_one_ends_the_others_are_stopped(tmp_path: Path) -> None:
    order = tmp_path / "order"

    def watch_two() -> None:
        with stoppable(), Crew() as crew:
            crew.start(shell(tmp_path, UNTIL_ASKED.format(name="first", log=order), name="first"))
            crew.start(shell(tmp_path, "echo ready; kill -9 $$", name="second"))
            crew.watch()

    with pytest.raises(PartFailed, match=r"(?s)second was ended by SIGKILL.*ready"):
        watch_two()
    assert order.read_text().split() == ["first"]


def test_no_part_outlives_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    script = f"""
import os, pathlib
from webmacs.supervisor.part import Part, Running
folder = pathlib.Path({str(tmp_path)!r})
running = Running(Part("thing", ["sleep", "600"], folder / "log", lambda: True, os.environ, folder))
print(running.pid, flush=True)
os.kill(os.getpid(), {signal.SIGKILL})
"""
    supervisor = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, check=False)
    assert supervisor.returncode == -signal.SIGKILL
    _await_end(int(supervisor.stdout))


def _await_end(pid: int) -> None:
    """Return when the process is gone."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    with os.fdopen(descriptor):
        assert select.select([descriptor], [], [], 30)[0], "it outlived the supervisor"


def test_what_an_earlier_run_said_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "thing.log").write_text("old words\n")
    assert "It said nothing." in str(Running(shell(tmp_path, "exit 3")).ended())
