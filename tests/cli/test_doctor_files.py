"""Who may read the settings: their owner, and the group that `webmacs install` gives them; backups and certificates."""

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.certificate import contexts, shown
from tests.support.database import Database
from webmacs.config import Config, load_config
from webmacs.doctor.certificate import certificate
from webmacs.doctor.files import backups, keys, settings

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


def test_what_mends_it_is_what_helps_in_this_form(installed: Config) -> None:
    """On a server that `webmacs install` has set up, what is for a desk would keep the services out."""
    installed.file.chmod(0o644)
    assert str(settings(installed).advice).startswith("chmod 600 ")
    assert keys(installed).advice == "webmacs setup"
    (installed.folder / "installed.json").touch()
    assert settings(installed).advice == f"chgrp webmacs {installed.file}; chmod 640 {installed.file}"
    assert keys(installed).advice == "webmacs install"


NEWEST = "webmacs-20261130T011000Z.tar"


def backed_up(folder: Path, embedded: bool, days: dict[str, float]) -> Config:
    """An installation whose backups are so old."""
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


def test_that_there_never_was_a_backup_is_said_two_days_after_the_installation(
    config: Config, database: Database, tmp_path: Path
) -> None:
    """By the database, since each night's failure leaves fresh times in the folder, which may not even be there."""
    folder = tmp_path / "nas" / "backups"
    here = replace(config, backup=replace(config.backup, dir=folder))
    assert backups(here).ok
    with database.connect() as connection:
        connection.execute("update private.migrations set applied_at = applied_at - interval '49 hours'")
        try:
            assert "there is no" in backups(here).found
            assert not backups(here).ok
            folder.mkdir(parents=True)
            assert not backups(here).ok
            (folder / NEWEST).touch()
            assert backups(here).ok
        finally:
            connection.execute("update private.migrations set applied_at = applied_at + interval '49 hours'")


def test_without_a_database_nobody_knows_since_when_there_is_none(config: Config, tmp_path: Path) -> None:
    away = replace(config.database, admin_uri="postgresql://127.0.0.1:1/x")
    assert backups(replace(config, database=away, backup=replace(config.backup, dir=tmp_path))).ok


def behind(folder: Path, port: int = 1) -> Config:
    """An installation with a certificate, whose page is at this port of localhost."""
    (folder / "config.toml").write_text(
        f'[server]\npublic_url = "https://localhost:{port}"\n[gateway]\ncertificate = "{folder / "certificate.pem"}"\n'
    )
    return load_config(folder / "config.toml", {})


@pytest.mark.parametrize(("days", "said"), [(29, "ends on"), (31, None), (-1, "has ended on")])
def test_a_certificate_that_ends_soon(days: int, said: str | None, tmp_path: Path) -> None:
    assert certificate(behind(tmp_path)).ok  # there is none, or we may not see it
    contexts("localhost", tmp_path, days)
    found = certificate(behind(tmp_path))
    assert found.ok is (said is None), found
    assert (said or "counts until") in found.found


def test_what_is_no_certificate(tmp_path: Path) -> None:
    (tmp_path / "certificate.pem").write_text("half a certificate")
    assert not certificate(behind(tmp_path)).ok


def test_what_is_shown_counts(tmp_path: Path) -> None:
    """Apache goes on with the one before until it is told; who may not read the file sees what others see."""
    server, _ = contexts("localhost", tmp_path, 31)
    with shown(server) as port:
        here = behind(tmp_path, port)
        assert certificate(here).ok
        contexts("localhost", tmp_path, 365)
        assert certificate(here).advice == "systemctl reload apache2"
        (tmp_path / "certificate.pem").unlink()
        assert f"https://localhost:{port} counts until" in certificate(here).found
