"""Who may read the settings: their owner, and the group of services that `webmacs install` gives them."""

import os
from pathlib import Path

import pytest

from webmacs.config import Config, load_config
from webmacs.doctor.files import settings

GROUP = 12345


@pytest.fixture
def installed(tmp_path: Path) -> Config:
    if os.geteuid() != 0:
        pytest.skip("only root can give files to another group")
    file, keys = tmp_path / "config.toml", tmp_path / "keys"
    file.write_text(f'[auth]\nkeys_dir = "{keys}"\n')
    keys.mkdir()
    for path in (file, keys):
        os.chown(path, 0, GROUP)
    return load_config(file, {})


@pytest.mark.parametrize(("mode", "right"), [(0o600, True), (0o640, True), (0o644, False)])
def test_the_services_may_read_roots_settings(installed: Config, mode: int, right: bool) -> None:
    installed.file.chmod(mode)
    assert settings(installed).ok is right


def test_another_group_may_not(installed: Config) -> None:
    os.chown(installed.file, 0, GROUP + 1)
    installed.file.chmod(0o640)
    assert not settings(installed).ok
