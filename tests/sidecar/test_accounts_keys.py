"""Signing keys on the disk."""

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from tests.sidecar.conftest import Door
from webmacs.accounts.keys import ensure_key
from webmacs.config import Config
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
