"""The page in headless Chromium against a running stack; what is tried stands in page/*.test.mjs."""

import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.stack import BUILT_PAGE, Stack, running_stack
from tests.support.packages import file_name, wheel

TESTS = sorted((Path(__file__).parent / "page").glob("*.test.mjs"))
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


def missing() -> str | None:
    """What this machine lacks, and how to get it."""
    if not Path(CHROMIUM).exists():
        return "There is no Chromium; install: apt-get install chromium"
    if shutil.which("node") is None:
        return "There is no node; install Node.js 20 or newer"
    if not (BUILT_PAGE / "index.html").is_file():
        return "The page is not built; run: make install"
    return None


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """One for all files that this worker plays, so they leave it as they found it."""
    if reason := missing():
        pytest.skip(reason)
    with running_stack() as running:
        yield running


@pytest.mark.parametrize("file", TESTS, ids=lambda file: file.name.removesuffix(".test.mjs"))
def test_page(file: Path, stack: Stack, tmp_path: Path) -> None:
    package = tmp_path / file_name()
    package.write_bytes(wheel())
    files = {"WEBMACS_WHEEL": str(package), "WEBMACS_BUNDLE": str(_bundle(stack)) if "updates" in file.name else ""}
    answer = subprocess.run(
        ["node", "--test", "--test-timeout=240000", file],
        env=_for_node(stack) | files,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr


def _bundle(stack: Stack) -> Path:
    """Of more than one piece of an upload; there is a newer one, small, where the stack looks for it."""
    newer = stack.maker.bundle(2, version="7.2")
    newer.rename(stack.releases / "webmacs-controller-7.2-any.update")
    noise = random.Random(1).randbytes(4_600_000).hex()
    stack.maker.wheels = {file_name(): wheel(code=f"# {noise}")}
    return stack.maker.bundle(1, version="7.1", changes="Reads twice as fast.\n<b>Nothing else.</b>")


def _for_node(stack: Stack) -> dict[str, str]:
    return {
        **os.environ,
        "CHROMIUM": CHROMIUM,
        "WEBMACS_URL": stack.url,
        "WEBMACS_USERNAME": stack.username,
        "WEBMACS_PASSWORD": stack.password,
    }
