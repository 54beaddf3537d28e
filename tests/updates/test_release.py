"""`webmacs release`: keys, lists of keys, bundles; what it makes, a machine takes."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tuf.api.metadata import Metadata, Root
from webmacs_controller.updates.errors import Reason

from tests.support.packages import file_name, wheel
from tests.support.updates import digest, entries
from tests.updates.conftest import Machine
from webmacs.cli.main import main

ROOT = Path(__file__).parents[2]
EPOCH = "1790000000"
YEARS = "2099-01-01"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A maker's folder, with keys: a and b own the list, it takes both; s and t sign bundles, one is enough."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    for name in "abst":
        release("key", f"{name}.key", "--no-passphrase")
    (tmp_path / "others").mkdir()
    (tmp_path / "others" / file_name()).write_bytes(wheel())
    return tmp_path


def release(*arguments: str, fails: bool = False, answer: str | None = None) -> Result:
    result = CliRunner().invoke(main, ["release", *arguments], input=answer)
    assert result.exit_code == (1 if fails else 0), result.output
    return result


def root_options(*owners: str, signers: str = "st") -> list[str]:
    """Of so many owners it takes all."""
    needed = ["--owners-needed", str(len(owners))]
    return [
        *[text for name in owners for text in ("--owner", f"{name}.key.pub")],
        *needed,
        *[text for name in signers for text in ("--signer", f"{name}.key.pub")],
    ]


def first_list() -> None:
    release("root", "1.root.json", *root_options("a", "b"))
    release("sign", "1.root.json", "--key", "a.key", "--key", "b.key")


def build(*more: str, fails: bool = False) -> Result:
    options = ["--sources", str(ROOT), "--wheels", "others", "--counter", "1", "--root", "1.root.json"]
    return release("build", *options, "--expires", YEARS, *more, fails=fails)


def test_the_whole_way(folder: Path) -> None:
    first_list()
    (folder / "changes.txt").write_text("All is better.\n")
    path = Path(build("--changes", "changes.txt", "--from-version", "0.1.0").stdout.strip())
    assert path.name == "webmacs-controller-0.1.0-any.update"
    machine = Machine((folder / "1.root.json").read_bytes(), version="0.1.0")
    machine.refuses(path, Reason.WRONG_SIGNATURE)
    assert "not among those who sign bundles" in release("sign", str(path), "--key", "a.key", fails=True).output
    assert "and complete" in release("sign", str(path), "--key", "t.key").stderr
    assert "is good: webmacs-controller 0.1.0, counter 1, 2 wheels" in verify(path).stderr
    manifest = machine.take(path).manifest
    assert manifest.changes == "All is better.\n"
    assert manifest.created.timestamp() == int(EPOCH)
    assert [part.name for part in manifest.parts] == [file_name(), "webmacs_controller-0.1.0-py3-none-any.whl"]
    said = release("inspect", str(path)).stdout
    assert "signed by    1 of 1 that it takes" in said
    assert "All is better." in said
    told = json.loads(release("inspect", str(path), "--json").stdout)
    assert (told["version"], told["counter"], len(told["signed_by"])) == ("0.1.0", 1, 1)


def verify(path: Path, fails: bool = False) -> Result:
    return release("verify", str(path), "--root", "1.root.json", fails=fails)


def test_the_same_sources_give_the_same_bytes(folder: Path) -> None:
    """Elsewhere, at another time, and whoever signs first."""
    first_list()
    digests = set()
    for order in (["s", "t"], ["t", "s"]):
        copy = folder / f"copy-{order[0]}"
        shutil.copytree(ROOT / "controller", copy / "controller", ignore=shutil.ignore_patterns("__pycache__"))
        path = Path(build("--sources", str(copy)).stdout.strip())
        for name in order:
            release("sign", str(path), "--key", f"{name}.key")
        digests.add(digest(path))
        path.unlink()
    assert len(digests) == 1


def test_keys_are_replaced(folder: Path) -> None:
    first_list()
    release("key", "u.key", "--no-passphrase")
    options = root_options("a", signers="u")
    release("root", "2.root.json", *options, "--after", "1.root.json")
    assert "--after" in release("sign", "2.root.json", "--key", "a.key", fails=True).output
    half = release("sign", "2.root.json", "--key", "a.key", "--after", "1.root.json")
    assert "it takes 1 more of the owners of the list before" in half.stderr
    refused = build("--root", "2.root.json", fails=True)
    assert "The list of keys 2 is not signed by enough owners of the list 1" in refused.output
    assert "complete" in release("sign", "2.root.json", "--key", "b.key", "--after", "1.root.json").stderr
    path = build("--root", "2.root.json").stdout.strip()
    assert "is not among those who sign bundles" in release("sign", path, "--key", "s.key", fails=True).output
    release("sign", path, "--key", "u.key")
    assert verify(Path(path)).exit_code == 0


def test_a_key_with_a_passphrase(folder: Path) -> None:
    release("key", "c.key", answer="open sesame\nopen sesame\n")
    assert b"ENCRYPTED" in (folder / "c.key").read_bytes()
    assert (folder / "c.key").stat().st_mode & 0o777 == 0o600
    release("root", "1.root.json", *root_options("c"))
    wrong = release("sign", "1.root.json", "--key", "c.key", answer="open barley\n", fails=True)
    assert "that was not its passphrase" in wrong.output
    release("sign", "1.root.json", "--key", "c.key", answer="open sesame\n")
    assert len(Metadata[Root].from_file("1.root.json").signatures) == 1


def test_a_key_is_never_overwritten(folder: Path) -> None:
    assert "File exists" in release("key", "a.key", "--no-passphrase", fails=True).output


def test_what_a_maker_may_do_wrong(folder: Path) -> None:
    too_many = [*root_options("a"), "--owners-needed", "2"]
    assert "owner: it takes 2 of them, and there are 1" in release("root", "x.json", *too_many, fails=True).output
    twice = ["--owner", "a.key.pub", *too_many]
    assert "owner: it takes 2 of them, and there are 1" in release("root", "x.json", *twice, fails=True).output
    stranger = ["--owner", "a.key", "--signer", "s.key.pub"]
    assert "a.key is no public key" in release("root", "x.json", *stranger, fails=True).output
    release("root", "1.root.json", *root_options("a"))
    assert "1.root.json: File exists" in release("root", "1.root.json", *root_options("a"), fails=True).output
    assert "not among the owners" in release("sign", "1.root.json", "--key", "s.key", fails=True).output
    assert "is not signed by enough owners" in build(fails=True).output
    release("sign", "1.root.json", "--key", "a.key")
    assert "each once; 2 is missing" in build("--root", "1.root.json", fails=True).output
    assert "from-version: x is no version" in build("--from-version", "x", fails=True).output
    assert "from-version: 7 is above" in build("--from-version", "7", fails=True).output
    assert "expires: must be later" in build("--expires", "2001-01-01", fails=True).output
    (folder / "others" / file_name(version="1.1")).write_bytes(wheel(version="1.1"))
    assert "There are 2 wheels of lab-lamp; a bundle has one of each" in build(fails=True).output
    (folder / "others" / "x.whl").write_bytes(b"")
    assert "is not called as wheels are" in build(fails=True).output
    assert "no zip file" in verify(folder / "1.root.json", fails=True).output
    assert not list(folder.glob("*.update"))
    assert not list(folder.glob(".*.new"))


def test_it_is_said_by_whom_it_is_signed_before_it_is_complete(folder: Path) -> None:
    release("root", "1.root.json", *root_options("a"), "--signers-needed", "2")
    release("sign", "1.root.json", "--key", "a.key")
    path = build().stdout.strip()
    assert "it takes 1 more of those who sign bundles" in release("sign", path, "--key", "s.key").stderr
    assert "signed by    1 of 2" in release("inspect", path).stdout
    assert "It is not signed by those whose keys are trusted here" in verify(Path(path), fails=True).output
    release("sign", path, "--key", "t.key")
    verify(Path(path))
    assert set(entries(Path(path))) >= {"metadata/1.root.json", "targets/manifest.json"}
