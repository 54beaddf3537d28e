"""The Dockerfile: all that it copies is there and sent to the engine; and the two programs that it brings work."""

import fnmatch
import http.server
import re
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docker.conftest import DOCKER, ROOT, Compose

INSTRUCTION = re.compile(r"(?m)^(FROM|RUN|COPY|WORKDIR|ENV|USER|CMD) ((?:.*\\\n)*.*)$")


@pytest.fixture(scope="module")
def instructions() -> list[tuple[str, str]]:
    found = INSTRUCTION.findall((DOCKER / "Dockerfile").read_text())
    assert found[0][0] == "FROM"
    return [(keyword, text.replace("\\\n", " ")) for keyword, text in found]


def test_every_line_is_one_of_them(instructions: list[tuple[str, str]]) -> None:
    text = (DOCKER / "Dockerfile").read_text()
    left = [line for line in INSTRUCTION.sub("", text).splitlines() if line.strip() and not line.startswith("#")]
    assert left == []


def test_stages_are_made_before_they_are_used(instructions: list[tuple[str, str]], compose: Compose) -> None:
    made: list[str] = []
    for keyword, text in instructions:
        if keyword == "FROM":
            image, _, name = text.split()
            assert image in made or re.fullmatch(r"[a-z]+:[\w.-]+", image)
            made.append(name)
        for used in re.findall(r"--from=(\S+)", text):
            assert used in made
    for service in compose["services"].values():
        assert service.get("build", {"target": "program"})["target"] in made


def test_what_it_copies_is_there_and_is_sent(instructions: list[tuple[str, str]]) -> None:
    ignored = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] not in "#*!"]
    sent = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for keyword, text in instructions:
        if keyword != "COPY" or "--from=" in text:
            continue
        *sources, _ = [word for word in text.split() if not word.startswith("--")]
        for source in sources:
            assert list(ROOT.glob(source)), source
            assert source.split("/")[0] in sent, source
            assert not any(fnmatch.fnmatch(source, pattern) for pattern in ignored), source


def test_it_copies_all_that_the_wheel_needs(instructions: list[tuple[str, str]]) -> None:
    sys.path.insert(0, str(ROOT))
    try:
        from hatch_build import RESOURCES
    finally:
        sys.path.remove(str(ROOT))
    copied = {word for keyword, text in instructions if keyword == "COPY" for word in text.split()}
    for resource in RESOURCES:
        assert resource in copied or resource.split("/")[0] in copied, resource


@pytest.mark.parametrize("script", ["gateway.sh", "secrets.sh"])
def test_scripts_can_be_read_by_the_shell(script: str) -> None:
    subprocess.run(["sh", "-n", DOCKER / script], check=True)


class Answering(http.server.BaseHTTPRequestHandler):
    """Says the status that is asked for."""

    def do_GET(self) -> None:
        self.send_response(int(self.path.removeprefix("/")))
        self.end_headers()

    def address_string(self) -> str:
        return "here"

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture(scope="module")
def answering(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("answering") / "socket"
    with socketserver.UnixStreamServer(str(path), Answering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield path
        server.shutdown()


@pytest.mark.parametrize(("status", "code"), [(200, 0), (401, 0), (503, 1)])
def test_healthy_is_who_answers_without_an_error_of_its_own(answering: Path, status: int, code: int) -> None:
    assert _healthy(f"http://here/{status}", str(answering)) == code


def test_who_does_not_answer_is_not_healthy(tmp_path: Path) -> None:
    assert _healthy("http://here/", str(tmp_path / "nobody")) == 1


def _healthy(*arguments: str) -> int:
    return subprocess.run([sys.executable, DOCKER / "healthy.py", *arguments], stderr=subprocess.DEVNULL).returncode
