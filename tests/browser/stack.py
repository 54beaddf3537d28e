"""A whole WebMACS for the page: PostgreSQL, PostgREST, sidecar and demo controller, as `webmacs up` starts them."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

from tests.support.ports import free_port
from tests.support.updates import Maker

ROOT = Path(__file__).parents[2]
BUILT_PAGE = ROOT / "frontend/dist"
STOP_SECONDS = 60


@dataclass(frozen=True)
class Stack:
    """A running installation with its built page, and its first administrator."""

    url: str
    username: str
    password: str
    maker: Maker
    """Whose bundles of updates it takes."""
    releases: Path
    """The folder where it looks for newer ones."""


@contextmanager
def running_stack() -> Iterator[Stack]:
    """Starts an installation of its own, in a folder that PostgreSQL's account can enter."""
    folder = Path(tempfile.mkdtemp(prefix="webmacs-browser-"))
    folder.chmod(0o755)
    maker = Maker(folder)
    (folder / "root.json").write_bytes(maker.pinned)
    (folder / "releases").mkdir()
    with subprocess.Popen(
        [sys.executable, "-m", "webmacs", "up"], cwd=folder, env=_settings(folder), stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield _read_addresses(process, maker)
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)
    rmtree(folder)


def _settings(folder: Path) -> dict[str, str]:
    port = free_port()
    return {
        **os.environ,
        "WEBMACS_SERVER_PORT": str(port),
        # so that tokens are renewed many times in every test
        "WEBMACS_AUTH_ACCESS_SECONDS": "6",
        # passwords are hashed when processors are idle, which these are not while all tests run
        "WEBMACS_AUTH_BCRYPT_ROUNDS": "4",
        # a package that nobody has signed is taken here; the controller refuses it all the same
        "WEBMACS_PLUGINS_ALLOW_UNSIGNED": "true",
        "WEBMACS_OTA_ROOT": str(folder / "root.json"),
        "WEBMACS_OTA_SOURCE": str(folder / "releases"),
        "WEBMACS_SERVER_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "WEBMACS_SERVER_FRONTEND_DIR": str(BUILT_PAGE),
        # those who are called by webhooks are programs of the tests
        "WEBMACS_WEBHOOKS_ALLOW_NETWORKS": '["loopback"]',
        "WEBMACS_DATABASE_PORT": str(free_port()),
        "WEBMACS_POSTGREST_PORT": str(free_port()),
        "WEBMACS_POSTGREST_ADMIN_PORT": str(free_port()),
    }


def _read_addresses(process: subprocess.Popen[str], maker: Maker) -> Stack:
    """What `up` prints once every part answers."""
    assert process.stdout is not None
    printed = ""
    for line in process.stdout:
        printed += line
        if "Ctrl-C" in line:
            return Stack(
                url=_found(r"The page: +(\S+)", printed),
                username=_found(r"first administrator: +(\S+)", printed),
                password=_found(r"Password[^:]*: +(\S+)", printed),
                maker=maker,
                releases=maker.folder / "releases",
            )
    raise AssertionError(f"webmacs up ended before it ran:\n{printed}")


def _found(pattern: str, printed: str) -> str:
    match = re.search(pattern, printed)
    assert match is not None, f"{pattern} is not in what webmacs up printed:\n{printed}"
    return match.group(1)
