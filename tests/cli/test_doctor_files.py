"""Who may read the settings: their owner, and the group that `webmacs install` gives them; backups and certificates."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from webmacs.config import Config, load_config
from webmacs.doctor.files import backups, certificate, settings

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


NEWEST = "webmacs-20261130T011000Z.tar"


def backed_up(folder: Path, embedded: bool, days: dict[str, float]) -> Config:
    """An installation whose backups, and their folder (""), are so old."""
    file = folder / "config.toml"
    uris = "".join(f'{key} = "postgresql:///x"\n' for key in ("uri", "authenticator_uri", "admin_uri"))
    file.write_text(f"[database]\nembedded = {str(embedded).lower()}\n{'' if embedded else uris}")
    config = load_config(file, {})
    config.backup.dir.mkdir(parents=True)
    for name in sorted(days, reverse=True):
        path = config.backup.dir / name
        path.touch()
        os.utime(path, (time.time() - days[name] * 86_400,) * 2)
    return config


@pytest.mark.parametrize(
    ("embedded", "days", "right"),
    [
        (False, {"": 0}, True),
        (False, {"": 9}, False),
        (False, {NEWEST: 1}, True),
        (False, {NEWEST: 3, "webmacs-20261130T011000Z.tar.part": 0}, False),
        (False, {NEWEST: 1, "webmacs-20261101T011000Z.tar": 30}, True),
        (True, {NEWEST: 3}, True),
    ],
)
def test_backups_that_are_not_made_any_more(
    embedded: bool, days: dict[str, float], right: bool, tmp_path: Path
) -> None:
    found = backups(backed_up(tmp_path, embedded, days))
    assert found.ok is right, found
    assert right or "webmacs-backup" in str(found.advice)


@pytest.mark.parametrize(("days", "right"), [(29, False), (31, True), (None, False)])
def test_a_certificate_that_ends_soon(days: int | None, right: bool, tmp_path: Path) -> None:
    file, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    settings = f'[server]\npublic_url = "https://lab.example.org"\n[gateway]\ncertificate = "{file}"\n'
    (tmp_path / "config.toml").write_text(settings)
    config = load_config(tmp_path / "config.toml", {})
    assert certificate(config).ok  # there is none, or we may not see it
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(file)]
    subprocess.run([*command, "-days", str(days or 1), "-subj", "/CN=x"], check=True, capture_output=True)
    if days is None:
        file.write_text("half a certificate")
    found = certificate(config)
    assert found.ok is right, found
