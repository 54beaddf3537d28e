"""Killed at each change of the disk, one after another: what runs afterwards is one version, whole, and nothing is in
the way of the next try."""

import fcntl
import os
from collections import Counter
from pathlib import Path

import pytest
from webmacs_controller.updates import launcher
from webmacs_controller.updates.installation import LOCK
from webmacs_controller.updates.launcher import CURRENT, OUTCOME, PREVIOUS, PROBATION, VERSIONS
from webmacs_controller.updates.scratch import PREFIX

from tests.support.killing import each_kill, killed_before
from tests.support.updates import Maker
from tests.updates.versions import begun, bundle, copied, installation, running


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is killed leaves to the system what it has written."""
    monkeypatch.setattr(os, "fsync", lambda _: None)
    monkeypatch.setattr(os, "sync", lambda: None)


@pytest.fixture
def one(maker: Maker, tmp_path: Path) -> Path:
    """A machine with version 1.0."""
    return begun(maker, tmp_path / "one")


@pytest.fixture
def two(maker: Maker, one: Path) -> Path:
    """A machine with version 2.0 on probation, started once, and 1.0 before."""
    installation(one).install(bundle(maker, 2))
    note = launcher.probation(one)
    assert note is not None
    launcher.write(one / PROBATION, {**note, "starts": 1})
    return one


@pytest.fixture
def proved(two: Path) -> Path:
    """The same, which has proved itself."""
    note = launcher.probation(two)
    assert note is not None
    launcher.confirm(two, note)
    return two


def versions(folder: Path) -> list[str]:
    return sorted(path.name.split("-")[1] for path in (folder / VERSIONS).iterdir())


def check_next_try(folder: Path, path: Path, version: str, before: str) -> None:
    """Whatever was left, the installation works the next time."""
    if running(folder) == before:
        installation(folder).install(path)
    assert running(folder) == version
    note = launcher.probation(folder)
    assert note is not None
    installation(folder).sweep()
    assert versions(folder) == sorted([before, version])
    assert not list(folder.glob(f"{PREFIX}*"))
    launcher.go_back(folder, note, "a test")
    assert running(folder) == before


def test_an_installation(maker: Maker, one: Path, tmp_path: Path) -> None:
    path, found = bundle(maker, 2), Counter[str]()
    for folder in each_kill(lambda at: installation(at).install(path), lambda: copied(one, tmp_path / "x")):
        version = running(folder)
        assert (launcher.probation(folder) is not None) == (version == "2.0")
        found[version] += 1
        found["left"] += bool(list(folder.glob(f"{PREFIX}*")))
        check_next_try(folder, path, "2.0", "1.0")
    assert found["1.0"] > 20
    assert found["2.0"] > 0
    assert found["left"] > 5  # by who was killed while he examined it; the next one has thrown it away


def test_an_installation_that_throws_away_an_older_version(maker: Maker, proved: Path, tmp_path: Path) -> None:
    installation(proved).install(bundle(maker, 3))
    note = launcher.probation(proved)
    assert note is not None
    launcher.confirm(proved, note)
    assert versions(proved) == ["1.0", "2.0", "3.0"]
    path = bundle(maker, 4)
    for folder in each_kill(lambda at: installation(at).install(path), lambda: copied(proved, tmp_path / "x")):
        assert running(folder) in ("3.0", "4.0")
        check_next_try(folder, path, "4.0", "3.0")


def test_the_first_installation(maker: Maker, tmp_path: Path) -> None:
    """There is nothing that could run before it; it may be begun again."""
    root, path = tmp_path / "root.json", bundle(maker, 1)
    root.write_bytes(maker.pinned)
    empty = tmp_path / "empty"
    empty.mkdir()
    for folder in each_kill(lambda at: installation(at).begin(path, root), lambda: copied(empty, tmp_path / "x")):
        if launcher.link_target(folder, CURRENT) is None and launcher.settle(folder) is None:
            installation(folder).begin(path, root)
        assert running(folder) == "1.0"
        assert launcher.probation(folder) is None
        assert (folder / "launcher.py").exists()


def go_back(folder: Path) -> None:
    launcher.settle(folder)
    note = launcher.probation(folder)
    if note is not None:
        launcher.go_back(folder, note, "it was no good")
        launcher.settle(folder)


def test_going_back(two: Path, tmp_path: Path) -> None:
    found = set()
    for folder in each_kill(go_back, lambda: copied(two, tmp_path / "x")):
        version = running(folder)
        found.add((version, launcher.probation(folder) is not None))
        go_back(folder)
        assert running(folder) == "1.0"
        outcome = launcher.read(folder / OUTCOME)
        assert outcome is not None
        assert (outcome["state"], outcome["why"]) == ("rolled_back", "it was no good")
        assert str(outcome["version"]).startswith("2-2.0")
    assert found == {("2.0", True), ("1.0", False)}


def test_going_back_killed_twice(two: Path, tmp_path: Path) -> None:
    for first in each_kill(go_back, lambda: copied(two, tmp_path / "x")):
        for folder in each_kill(go_back, lambda first=first: copied(first, tmp_path / "y")):  # type: ignore[misc]
            assert running(folder) in ("1.0", "2.0")
            go_back(folder)
            assert running(folder) == "1.0"


def confirm(folder: Path) -> None:
    note = launcher.probation(folder)
    if note is not None:
        launcher.confirm(folder, note)
        installation(folder).sweep()


def test_proving_itself(two: Path, tmp_path: Path) -> None:
    for folder in each_kill(confirm, lambda: copied(two, tmp_path / "x")):
        assert running(folder) == "2.0"
        confirm(folder)
        assert running(folder) == "2.0"
        assert launcher.probation(folder) is None
        assert launcher.link_target(folder, PREVIOUS) is not None


def test_rolling_back_by_hand(proved: Path, tmp_path: Path) -> None:
    for folder in each_kill(lambda at: installation(at).go_back(), lambda: copied(proved, tmp_path / "x")):
        if running(folder) == "2.0":
            installation(folder).go_back()
        assert running(folder) == "1.0"
        assert launcher.probation(folder) is None
        assert versions(folder) == ["1.0", "2.0"]


@pytest.mark.parametrize("harm", ["no link", "a link to nowhere", "a version that is not whole", "no version before"])
def test_what_should_not_be(harm: str, two: Path, tmp_path: Path) -> None:
    """A disk that lost something: whatever is whole is started, also when it is killed at that."""
    name = launcher.link_target(two, CURRENT) or ""
    if harm == "a version that is not whole":
        (two / VERSIONS / name / "complete.json").unlink()
    else:
        (two / CURRENT).unlink()
    if harm == "a link to nowhere":
        (two / CURRENT).symlink_to("versions/9-9.0-x")
    if harm == "no version before":
        (two / PREVIOUS).unlink()
    expected = "2.0" if harm == "no version before" else "1.0"
    for folder in each_kill(launcher.settle, lambda: copied(two, tmp_path / "x")):
        assert running(folder) == expected


def test_what_was_left_goes_at_the_start_unless_somebody_is_at_work(one: Path, tmp_path: Path) -> None:
    left = one / f"{PREFIX}x"
    left.mkdir()
    with (one / LOCK).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        installation(one).clear()
        assert left.exists()
    installation(one).clear()
    assert not left.exists()
    installation(tmp_path / "nowhere").clear()


def test_nothing_at_all(tmp_path: Path) -> None:
    assert launcher.settle(tmp_path) is None


@pytest.mark.parametrize("file", [PROBATION, OUTCOME])
@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"version": 7}'])
def test_notes_that_cannot_be_read(file: str, content: str, proved: Path) -> None:
    (proved / file).write_text(content)
    assert running(proved) == "2.0"
    assert launcher.probation(proved) is None
    assert not (proved / PROBATION).exists()


def test_that_the_kills_are_kills(tmp_path: Path) -> None:
    path = tmp_path / "x"
    assert killed_before(0, lambda: path.write_text("1"))
    assert not path.exists()
    assert not killed_before(1, lambda: path.write_text("1"))
    assert path.exists()
