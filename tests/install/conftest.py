"""An image of a machine: the little of Debian that the steps look at."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from webmacs.cli.main import main

OS_RELEASE = 'PRETTY_NAME="Raspberry Pi OS"\nID=raspbian\nID_LIKE=debian\n'
PASSWD = "root:x:0:0:root:/root:/bin/bash\nwww-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\n"
GROUP = "root:x:0:\ndialout:x:20:\nwww-data:x:33:\n"


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """Where it lies. Skips where nobody is root, or there is no systemd to make accounts."""
    if os.geteuid() != 0:
        pytest.skip("only root can give files to other accounts")
    if shutil.which("systemd-sysusers") is None:
        pytest.skip("systemd-sysusers is missing; install: apt-get install systemd")
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/os-release").write_text(OS_RELEASE)
    (tmp_path / "etc/passwd").write_text(PASSWD)
    (tmp_path / "etc/group").write_text(GROUP)
    return tmp_path


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
