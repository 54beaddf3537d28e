"""`webmacs up` as a person uses it: the whole stack, real."""

import http.client
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

READY = "Ctrl-C stops it."


class Up:
    """A running `webmacs up`."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "webmacs", "up"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def until_ready(self) -> str:
        """What it said until all parts answered."""
        assert self.process.stdout is not None
        said = ""
        for line in self.process.stdout:
            said += line
            if READY in line:
                return said
        pytest.fail(f"it ended: {said}{self.process.communicate()[1]}")

    def part(self, words: str) -> psutil.Process:
        """The process of one part."""
        children = psutil.Process(self.process.pid).children()
        return next(child for child in children if words in " ".join(child.cmdline()))

    def end(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Exit code and last words."""
        self.process.send_signal(how)
        return self.ended()

    def ended(self) -> tuple[int, str]:
        said, complained = self.process.communicate(timeout=120)
        return self.process.returncode, said + complained


def status(port: str, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
    connection.request("GET", path)
    return connection.getresponse().status


def count(project: Path, table: str) -> int:
    return int(execute(project, f"select count(*) from {table}"))


def execute(project: Path, statement: str) -> str:
    command = [sys.executable, "-m", "webmacs", "psql", "-Atc", statement]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=project).stdout


def answer_to_printed_sql_line(said: str) -> str:
    """What the printed line gives in a shell, as a person pastes it there."""
    line = re.search(r"SQL: +(.+)", said)
    assert line is not None
    shell = ["sh", "-c", f"{line[1]} -Atc 'select 1'"]
    return subprocess.run(shell, capture_output=True, text=True, check=True).stdout


def test_it_starts_serves_stops_and_finds_its_data_again(project: Path, environ: dict[str, str]) -> None:
    up = Up()
    said = up.until_ready()
    assert f"http://127.0.0.1:{environ['WEBMACS_SERVER_PORT']}\n" in said
    assert re.search(r"Password, shown only now: +\S{12,}", said)
    assert answer_to_printed_sql_line(said) == "1\n"
    assert status(environ["WEBMACS_SERVER_PORT"], "/health") == 200
    assert status(environ["WEBMACS_POSTGREST_PORT"], "/events") in (401, 403)
    second = subprocess.run([sys.executable, "-m", "webmacs", "up"], capture_output=True, text=True, check=False)
    assert (second.returncode, f"process {up.process.pid}" in second.stderr) == (1, True)
    before = count(project, "private.datapoints")
    assert before > 0
    assert count(project, "api.rules") == 4  # of the demo
    execute(project, "update private.credentials set revoked_at = now() where kind = 'controller_token'")
    assert up.end(signal.SIGINT) == (0, "Stopped.\n")

    up = Up()
    assert "Password" not in up.until_ready()
    assert count(project, "private.datapoints") >= before
    assert count(project, "private.controllers where socket_id is not null") == 1  # with a new token
    execute(project, "update private.controllers set enabled = false")
    assert up.end(signal.SIGINT) == (0, "Stopped.\n")

    up = Up()
    up.until_ready()
    up.part("postgrest.conf").kill()
    code, said = up.ended()
    assert code == 1
    assert "PostgREST was ended by SIGKILL" in said
    assert not _left_of(project)


def test_it_may_be_stopped_while_it_starts(project: Path, environ: dict[str, str]) -> None:
    up = Up()
    assert up.process.stdout is not None
    up.process.stdout.readline()
    assert up.end()[0] == 0
    assert not _left_of(project)


def test_it_dies_whole_and_starts_again_at_once(project: Path, environ: dict[str, str]) -> None:
    up = Up()
    up.until_ready()
    children = psutil.Process(up.process.pid).children()
    assert len(children) == 4
    up.process.kill()
    up.ended()
    again = Up()
    again.until_ready()
    _, alive = psutil.wait_procs(children, timeout=60)
    assert not alive
    assert again.end()[0] == 0


def test_a_missing_postgrest_is_said_before_anything_starts(
    project: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEBMACS_POSTGREST_BINARY", "/no/such/postgrest")
    code, said = Up().ended()
    assert code == 1
    assert said.startswith("Error: [postgrest] binary is /no/such/postgrest")
    assert not (project / "var/postgres").exists()


def _left_of(project: Path) -> list[str]:
    """The processes that still work in this project."""
    lines = [" ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"])]
    return [line for line in lines if str(project) in line and str(os.getpid()) not in line]
