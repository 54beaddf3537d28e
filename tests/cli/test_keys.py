"""`webmacs keys`, as a program. What it does to those who have tokens: tests/sidecar/test_keys.py."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command, refused


@pytest.fixture
def apart(tmp_path: Path) -> dict[str, str]:
    """The environment of a folder of keys of its own."""
    return {"WEBMACS_AUTH_KEYS_DIR": str(tmp_path / "keys")}


def states(webmacs: Command, apart: dict[str, str]) -> dict[str, str]:
    rows = json.loads(webmacs("keys", "list", "--json", **apart).stdout)
    return {row["kid"]: row["state"] for row in rows}


def test_rotate_list_retire(webmacs: Command, apart: dict[str, str]) -> None:
    webmacs("token", "issue", "--controller", "plant", **apart)
    (first,) = [kid for kid, state in states(webmacs, apart).items() if state == "signs"]
    rotated = webmacs("keys", "rotate", **apart)
    assert rotated.returncode == 0, rotated.stderr
    second = rotated.stderr.split(" signs from now on")[0].split()[-1]
    assert (states(webmacs, apart)[first], states(webmacs, apart)[second]) == ("verifies", "signs")
    retired = webmacs("keys", "retire", first[:10], **apart)
    assert "needs a new token: plant" in retired.stderr
    assert (states(webmacs, apart)[first], states(webmacs, apart)[second]) == ("retired", "signs")
    assert first[:8] in webmacs("keys", "list", **apart).stdout


def test_a_key_of_another_folder_is_told(webmacs: Command, apart: dict[str, str], tmp_path: Path) -> None:
    webmacs("token", "issue", "--controller", "here", **apart)
    (here,) = [kid for kid, state in states(webmacs, apart).items() if state == "signs"]
    there = {"WEBMACS_AUTH_KEYS_DIR": str(tmp_path / "there")}
    webmacs("token", "issue", "--controller", "there", **there)
    assert states(webmacs, there)[here] == "elsewhere"
    assert "keys whose tokens count are not in" in webmacs("doctor", **there).stdout


def test_maintain_clears_away(webmacs: Command, apart: dict[str, str]) -> None:
    webmacs("token", "issue", "--controller", "tidy", **apart)
    assert webmacs("maintain", **apart).returncode == 0


@pytest.mark.parametrize("name", ["nonsense", "-vuAmvNUDP", "-vuhmvNUDP", "--uAmvNUDP"])
def test_a_wrong_name_is_said(webmacs: Command, apart: dict[str, str], name: str) -> None:
    """A name may begin with hyphens, as every 64th does."""
    assert f"No keys begin with {name}; `webmacs keys list` shows all" in refused(
        webmacs("keys", "retire", name, **apart)
    )
