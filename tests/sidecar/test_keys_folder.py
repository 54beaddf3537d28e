"""Signing keys on the disk."""

import json
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from tests.sidecar.conftest import Door
from webmacs.config import Config
from webmacs.keys import folder, ring
from webmacs.keys.folder import ensure_key
from webmacs.keys.ring import Ring
from webmacs.problem import Problem


@pytest.fixture
def own(config: Config, tmp_path: Path) -> Config:
    return replace(config, auth=replace(config.auth, keys_dir=tmp_path / "keys"))


def test_are_made_once_and_readable_by_us_alone(own: Config) -> None:
    first, second = ensure_key(own), ensure_key(own)
    assert first.current.kid == second.current.kid
    (file,) = own.auth.keys_dir.glob("*.pem")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(own.auth.keys_dir.stat().st_mode) == 0o700
    assert file.stem == first.current.kid


def test_which_key_signs_does_not_depend_on_times_of_files(own: Config) -> None:
    """A copy has other times, and a clock that was wrong gave wrong ones."""
    first = ensure_key(own).current
    new = folder.publish_new(own)
    assert ensure_key(own).current.kid == first.kid
    folder.appoint(own, new.kid)
    os.utime(own.auth.keys_dir / f"{new.kid}.pem", (0, 0))
    assert ensure_key(own).current.kid == new.kid
    assert {first.kid, new.kid} == {key["kid"] for key in ensure_key(own).jwks()["keys"]}


def test_a_lost_appointment_is_made_again(own: Config) -> None:
    keys = ensure_key(own)
    (own.auth.keys_dir / "signs").unlink()
    assert ensure_key(own).current.kid == keys.current.kid
    assert (own.auth.keys_dir / "signs").read_text() == keys.current.kid


def test_what_others_may_read_is_closed_to_them_with_a_warning(own: Config, caplog: pytest.LogCaptureFixture) -> None:
    ensure_key(own)
    (file,) = own.auth.keys_dir.glob("*.pem")
    file.chmod(0o644)
    own.auth.keys_dir.chmod(0o775)
    assert folder.exposed(own) == [file, own.auth.keys_dir]
    ensure_key(own)
    assert folder.exposed(own) == []
    assert stat.S_IMODE(own.auth.keys_dir.stat().st_mode) == 0o755  # PostgREST may be another account
    assert "webmacs keys retire" in caplog.text


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_keys_that_root_makes_belong_to_the_account_of_the_folder(own: Config) -> None:
    ensure_key(own)
    os.chown(own.auth.keys_dir, 12345, 12345)
    new = folder.publish_new(own)
    assert {(own.auth.keys_dir / name).stat().st_uid for name in (f"{new.kid}.pem", "jwks.json")} == {12345}


def test_a_folder_that_cannot_be_used_is_named(own: Config) -> None:
    own.auth.keys_dir.write_text("a file")
    with pytest.raises(Problem, match=str(own.auth.keys_dir)):
        ensure_key(own)


def test_a_running_process_looks_again_for_a_key_that_it_does_not_know(
    own: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not each time: whoever sends nonsense must not make it read files."""
    running = Ring(own)
    new = folder.publish_new(own)
    monkeypatch.setattr(ring, "SECONDS", 3600.0)
    assert running.find(new.kid) is None
    monkeypatch.setattr(ring, "SECONDS", 0.0)
    assert running.find(new.kid)
    assert running.current.kid != new.kid
    assert running.find({"not": "a name"}) is None


def test_a_running_process_keeps_its_keys_when_the_folder_is_broken(own: Config) -> None:
    running = Ring(own)
    before = running.current
    (own.auth.keys_dir / "broken.pem").write_text("nonsense")
    running.refresh()
    assert running.current is before
    (own.auth.keys_dir / "broken.pem").unlink()
    new = folder.publish_new(own)
    running.refresh()
    assert running.find(new.kid)


def test_the_public_set_has_nothing_private(own: Config) -> None:
    ensure_key(own)
    (key,) = json.loads((own.auth.keys_dir / "jwks.json").read_text())["keys"]
    assert set(key) == {"kty", "n", "e", "kid", "use", "alg"}


def test_a_lost_public_set_is_written_again(own: Config) -> None:
    keys = ensure_key(own)
    (own.auth.keys_dir / "jwks.json").unlink()
    ensure_key(own)
    assert json.loads((own.auth.keys_dir / "jwks.json").read_text()) == keys.jwks()


def test_a_broken_key_is_named(own: Config) -> None:
    ensure_key(own)
    (own.auth.keys_dir / "broken.pem").write_text("nonsense")
    with pytest.raises(Problem, match=r"broken\.pem"):
        ensure_key(own)


def test_the_door_shows_the_public_set(door: Door, config: Config) -> None:
    assert door.get("/.well-known/jwks.json").json() == ensure_key(config).jwks()
