"""An image of a machine: the little of Debian that the steps look at."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.support.debian import make_debian
from webmacs.cli.main import main


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """Where it lies."""
    return make_debian(tmp_path)


Webmacs = Callable[..., Result]


@pytest.fixture
def webmacs(image: Path) -> Webmacs:
    """The command, for the image."""

    def run(command: str, *arguments: str) -> Result:
        return CliRunner().invoke(main, [command, "--root", str(image), *arguments])

    return run


def tree(folder: Path) -> dict[str, object]:
    """All that lies there, with what it is."""
    return {
        str(path.relative_to(folder)): (path.lstat().st_mode, path.lstat().st_mtime_ns, path.lstat().st_uid)
        for path in folder.rglob("*")
    }


VERSION = Path(sys.prefix).resolve().name
