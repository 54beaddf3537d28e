"""The little of Debian that the steps of `webmacs install` look at, in a folder."""

import os
import shutil
from pathlib import Path

import pytest

FILES = {
    "os-release": 'PRETTY_NAME="Raspberry Pi OS"\nID=raspbian\nID_LIKE=debian\n',
    "passwd": "root:x:0:0:root:/root:/bin/bash\nwww-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\n",
    "group": "root:x:0:\ndialout:x:20:\nwww-data:x:33:\n",
}


def make_debian(folder: Path) -> Path:
    """The image of a machine. Skips where nobody is root, or there is no systemd to make accounts."""
    if os.geteuid() != 0:
        pytest.skip("only root can give files to other accounts")
    if shutil.which("systemd-sysusers") is None:
        pytest.skip("systemd-sysusers is missing; install: apt-get install systemd")
    (folder / "etc").mkdir()
    for name, text in FILES.items():
        (folder / "etc" / name).write_text(text)
    return folder
