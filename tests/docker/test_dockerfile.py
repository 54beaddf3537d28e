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

from tests.support.dockerfile import DOCKER, INSTRUCTION, ROOT, Compose, dockerfile, instructions, stages


def test_every_line_is_one_of_them() -> None:
    left = [line for line in INSTRUCTION.sub("", dockerfile()).splitlines() if line.strip() and line[0] != "#"]
    assert left == []


def test_stages_are_made_before_they_are_used(compose: Compose) -> None:
    made: list[str] = []
    for name, stage in stages().items():
        image = stage[0].words[0]
        assert image in made or re.fullmatch(r"[a-z]+:[\w.-]+", image)
        made.append(name)
        assert {one.stage for one in stage if one.stage} <= set(made)
    for service in compose["services"].values():
        assert service.get("build", {"target": "program"})["target"] in made


def test_what_it_copies_is_there_and_is_sent() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    ignored = [line for line in lines if line and line[0] not in "#*!"]
    sent = [line[1:] for line in lines if line.startswith("!")]
    for instruction in instructions():
        if instruction.keyword != "COPY" or instruction.stage:
            continue
        for source in instruction.words[:-1]:
            assert list(ROOT.glob(source)), source
            assert source.split("/")[0] in sent, source
            assert not any(fnmatch.fnmatch(source, pattern) for pattern in ignored), source


def test_it_copies_all_that_the_wheel_needs() -> None:
    sys.path.insert(0, str(ROOT))
    try:
        from hatch_build import RESOURCES
    finally:
        sys.path.remove(str(ROOT))
    copied = {word for one in instructions() if one.keyword == "COPY" for word in one.words}
    for resource in RESOURCES:
        assert resource in copied or resource.split("/")[0] in copied, resource


@pytest.mark.parametrize("script", ["gateway.sh", "secrets.sh"])
def test_scripts_can_be_read_by_the_shell(script: str) -> None:
    subprocess.run(["bash", "-n", DOCKER / script], check=True)


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
