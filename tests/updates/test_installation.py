"""What is installed, and what leaves no trace; `webmacs-controller update`."""

import fcntl
import json
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner, Result
from webmacs_controller import assembly
from webmacs_controller.cli.main import main
from webmacs_controller.updates import launcher
from webmacs_controller.updates.environment import make_environment, try_out
from webmacs_controller.updates.errors import BundleError, Reason
from webmacs_controller.updates.installation import Installation
from webmacs_controller.updates.launcher import CURRENT, PREVIOUS, VERSIONS
from webmacs_controller.updates.manifest import Manifest
from webmacs_controller.updates.status import lines, status

from tests.support.packages import packed
from tests.support.updates import Maker, changed
from tests.updates.versions import TERMS, begun, bundle, installation, running


@pytest.fixture
def folder(maker: Maker, tmp_path: Path, nothing_left: None) -> Path:
    """A machine with version 1.0."""
    return begun(maker, tmp_path / "machine")


def contents(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.name != ".lock"}


def refuses(folder: Path, it: Installation, path: Path, reason: Reason) -> BundleError:
    """And nothing is left of it, nor is anything else."""
    before, trusted = contents(folder), (folder / "trusted.json").read_bytes()
    with pytest.raises(BundleError) as caught:
        it.install(path)
    assert caught.value.reason == reason, caught.value
    assert contents(folder) == before
    assert (folder / "trusted.json").read_bytes() == trusted
    return caught.value


def test_two_versions_are_kept(maker: Maker, folder: Path) -> None:
    for number in (2, 3, 4):
        installation(folder).install(bundle(maker, number))
        note = launcher.probation(folder)
        assert note is not None
        launcher.confirm(folder, note)
        installation(folder).sweep()
        assert sorted(path.name.split("-")[1] for path in (folder / VERSIONS).iterdir()) == [
            f"{number - 1}.0",
            f"{number}.0",
        ]
    assert running(folder) == "4.0"


def test_nothing_of_the_wheels_stays_but_what_they_made(maker: Maker, folder: Path) -> None:
    name = installation(folder).install(bundle(maker, 2))
    assert {path.name for path in (folder / VERSIONS / name).iterdir()} == {"bin", "lib", "complete.json"}


def test_no_room(maker: Maker, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage(NamedTuple):
        free: int

    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(100_000_000))
    error = refuses(folder, installation(folder), bundle(maker, 2), Reason.NO_SPACE)
    assert "It needs 100 MB on the disk; there are 100 MB" in str(error)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(101_000_000))
    installation(folder).install(bundle(maker, 2))


def failing(path: Path, wheels: Path, manifest: Manifest) -> None:
    (path / "half").write_text("half")
    raise BundleError(Reason.BROKEN, "pip has failed")


def test_what_cannot_be_installed_leaves_nothing(maker: Maker, folder: Path) -> None:
    refuses(folder, Installation(folder, TERMS, failing), bundle(maker, 2), Reason.BROKEN)
    assert running(folder) == "1.0"


def test_bad_bundles_leave_nothing(maker: Maker, folder: Path) -> None:
    evil = changed(bundle(maker, 2), {"wheels/../../evil": b"x"})
    refuses(folder, installation(folder), evil, Reason.UNSAFE_NAME)
    stranger = Maker(maker.folder)
    refuses(folder, installation(folder), stranger.bundle(2), Reason.WRONG_SIGNATURE)
    maker.wheels = {"lab_lamp-1.0-cp39-cp39-win32.whl": b"x" * 99}
    refuses(folder, installation(folder), maker.bundle(3), Reason.DAMAGED)


def test_one_after_another(maker: Maker, folder: Path) -> None:
    two, three = bundle(maker, 2), bundle(maker, 3)
    with (folder / ".lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        refuses(folder, installation(folder), two, Reason.BUSY)
    installation(folder).install(two)
    refuses(folder, installation(folder), three, Reason.BUSY)
    note = launcher.probation(folder)
    assert note is not None
    launcher.confirm(folder, note)
    refuses(folder, installation(folder), two, Reason.INSTALLED)
    installation(folder).install(three)


def test_one_that_was_rolled_back_may_be_tried_again(maker: Maker, folder: Path) -> None:
    path = bundle(maker, 2)
    name = installation(folder).install(path)
    installation(folder).go_back()
    assert running(folder) == "1.0"
    assert installation(folder).install(path) == name
    assert running(folder) == "2.0"
    assert launcher.probation(folder) is not None


def test_after_one_that_was_taken_back_what_was_kept_is_kept(maker: Maker, folder: Path) -> None:
    assert launcher.link_target(folder, PREVIOUS) is None
    for number in (2, 3, 4):
        installation(folder).install(bundle(maker, number))
        note = launcher.probation(folder)
        assert note is not None
        if number == 3:
            launcher.confirm(folder, note)
        else:
            launcher.go_back(folder, note, "it was no good")
            said = status(folder)
            before = "1-1.0-" if number == 4 else "None"
            runs = "3-3.0-" if number == 4 else "1-1.0-"
            assert str(said["current"]).startswith(runs)
            assert str(said["previous"]).startswith(before)
    assert "kept      1-1.0-" in "\n".join(lines(status(folder)))


def test_before_there_is_a_version(maker: Maker, tmp_path: Path) -> None:
    path = bundle(maker, 1)
    for act in (installation(tmp_path / "x").go_back, lambda: installation(tmp_path / "x").install(path)):
        with pytest.raises(BundleError, match=r"no version was installed yet \(update begin\)"):
            act()


def test_there_and_back_by_hand(maker: Maker, folder: Path) -> None:
    with pytest.raises(BundleError, match="There is no version before this one"):
        installation(folder).go_back()
    installation(folder).install(bundle(maker, 2))
    note = launcher.probation(folder)
    assert note is not None
    launcher.confirm(folder, note)
    for expected in ("1.0", "2.0", "1.0"):
        installation(folder).go_back()
        assert running(folder) == expected
        assert launcher.probation(folder) is None
    assert launcher.link_target(folder, PREVIOUS) != launcher.link_target(folder, CURRENT)


def test_a_real_environment(maker: Maker, tmp_path: Path) -> None:
    """Offline; what is not what it says is found out before it counts."""
    manifest = maker.manifest(1, version="1.0")
    make_environment(tmp_path / "env", maker.folder, manifest)
    site = next((tmp_path / "env" / "lib").glob("python3*/site-packages"))
    assert (site / "lab_lamp" / "__init__.py").exists()
    with pytest.raises(BundleError, match="webmacs-controller: No such file"):
        try_out(tmp_path / "env", manifest)
    command = tmp_path / "env" / "bin" / "webmacs-controller"
    command.write_text("#!/bin/sh\necho webmacs-controller, version 0.9\n")
    command.chmod(0o755)
    with pytest.raises(BundleError, match=r"says that it is 'webmacs-controller, version 0\.9'"):
        try_out(tmp_path / "env", manifest)


def test_wheels_of_all_kinds(maker: Maker, tmp_path: Path) -> None:
    """Data, scripts, compiled code; what two wheels have lies nowhere twice."""
    info = "all_kinds-1.0.dist-info"
    kinds = {
        "all_kinds.py": b"def main():\n    print('it is called')\n",
        f"{info}/METADATA": b"Metadata-Version: 2.3\nName: all-kinds\nVersion: 1.0\n",
        f"{info}/entry_points.txt": b"[console_scripts]\nall-kinds = all_kinds:main\n",
        "all_kinds-1.0.data/scripts/tool": b"#!/bin/sh\n",
        "all_kinds-1.0.data/data/share/text": b"text",
        "all_kinds-1.0.data/purelib/more.py": b"",
        "all_kinds-1.0.data/headers/x.h": b"",
    }
    maker.wheels = {"all_kinds-1.0-py3-none-any.whl": packed(kinds)}
    env = tmp_path / "env"
    make_environment(env, maker.folder, maker.manifest())
    assert subprocess.run([env / "bin" / "all-kinds"], capture_output=True, text=True).stdout == "it is called\n"
    assert (env / "bin" / "tool").stat().st_mode & 0o111
    assert (env / "share" / "text").read_text() == "text"
    site = next((env / "lib").glob("python3*/site-packages"))
    assert (site / "more.py").exists()
    assert list((site / "__pycache__").glob("all_kinds.*.pyc"))
    assert not list(env.rglob("x.h"))
    maker.wheels["again-1.0-py3-none-any.whl"] = packed({**kinds, "all_kinds.py": b""})
    with pytest.raises(BundleError, match="is in two of its wheels"):
        make_environment(tmp_path / "other", maker.folder, maker.manifest())


class Shell:
    """A machine's shell."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "controller.toml"
        self.config.write_text(
            '[server]\nurl = "ws://localhost/ws"\ntoken = "x"\n[updates]\nfolder = "here"\nmegabytes = 5\n'
        )

    def run(self, *arguments: object, code: int = 0) -> str:
        """What it says."""
        result: Result = CliRunner().invoke(main, ["update", *map(str, arguments), "--config", str(self.config)])
        assert result.exit_code == code, result.output
        return result.output


@pytest.fixture
def shell(maker: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nothing_left: None) -> Shell:
    """On a machine without any version, whose versions are scripts."""
    (tmp_path / "root.json").write_bytes(maker.pinned)
    monkeypatch.setattr(assembly, "Installation", lambda folder, terms: installation(folder, terms=terms))
    return Shell(tmp_path)


def test_the_commands(shell: Shell, maker: Maker) -> None:
    stick = maker.folder / "stick"
    stick.mkdir()
    for number in (1, 2, 3):
        shutil.copy(bundle(maker, number), stick)
    (stick / "4.update").write_bytes(b"nonsense")
    said = shell.run("begin", stick / "1.update", "--root", maker.folder / "root.json")
    assert f"python3 {shell.folder}/here/launcher.py run --config {shell.config}" in said
    assert "has a version already" in shell.run("begin", stick / "1.update", "--root", shell.config, code=1)
    assert "3-3.0-" in shell.run("install", stick)
    said = shell.run("status")
    assert "runs      3-3.0-" in said
    assert "on probation, started 0 times; else 1-1.0-" in said
    assert "1-1.0-" in shell.run("rollback")
    assert "3.0" in shell.run("status")
    assert "rolled back: somebody wanted it" in shell.run("status")
    told = json.loads(shell.run("status", "--json"))
    assert told["current"].startswith("1-1.0-")
    assert told["outcome"]["state"] == "rolled_back"


def test_what_a_person_may_do_wrong(shell: Shell, maker: Maker) -> None:
    first = bundle(maker, 1)
    shell.run("begin", first, "--root", maker.folder / "root.json")
    assert "It is what runs here already" in shell.run("install", first, code=1)
    empty = maker.folder / "empty"
    empty.mkdir()
    assert "There is no bundle in" in shell.run("install", empty, code=1)
    (empty / "x.update").write_bytes(b"nonsense")
    assert "x.update: It is no zip file" in shell.run("install", empty, code=1)
    assert "There is no version before this one" in shell.run("rollback", code=1)
    shell.config.write_text('[server]\nurl = "ws://localhost/ws"\ntoken = "x"\n')
    assert "updates.folder: says where" in shell.run("status", code=1)
    shell.config.write_text(shell.config.read_text() + "[updates]\nsteady_seconds = 600\n")
    assert "steady_seconds must be less than probation_seconds" in shell.run("status", code=1)
