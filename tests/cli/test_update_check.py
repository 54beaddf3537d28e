"""`webmacs update check`, and `webmacs release index` that makes a source of a folder on a web server."""

import json
from pathlib import Path

from tests.cli.conftest import Command
from tests.support.source import source_server

NAME = "webmacs-controller-2.0-x86_64.update"


def test_a_folder_on_a_web_server(webmacs: Command, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"x" * 7)
    (tmp_path / "notes").write_text("All is better.")
    made = webmacs("release", "index", str(tmp_path), "--notes", str(tmp_path / "notes"))
    assert made.stderr.strip() == f"{tmp_path / 'releases.json'} names 1 bundle."
    with source_server() as server:
        source = server.has("/releases.json", (tmp_path / "releases.json").read_bytes())
        run = webmacs("update", "check", "--json", WEBMACS_OTA_SOURCE=source)
        (offer,) = json.loads(run.stdout)["offers"]
    assert (offer["file_name"], offer["version"], offer["size"]) == (NAME, "2.0", 7)
    assert (offer["notes"], len(offer["sha256"])) == ("All is better.", 64)


def test_a_folder(webmacs: Command, tmp_path: Path) -> None:
    run = webmacs("update", "check", WEBMACS_OTA_SOURCE=str(tmp_path))
    assert (run.returncode, run.stderr.strip()) == (0, f"{tmp_path} has nothing newer.")
    other = tmp_path / "other"
    other.mkdir()
    (other / NAME).write_bytes(b"x")
    assert webmacs("update", "check", WEBMACS_OTA_SOURCE=str(other)).stdout == f"{NAME}\n"


def test_what_is_wrong_is_said(webmacs: Command, tmp_path: Path) -> None:
    for source, words in (("", "No source of updates is set"), (str(tmp_path / "gone"), "No such file or directory")):
        run = webmacs("update", "check", WEBMACS_OTA_SOURCE=source)
        assert run.returncode == 1
        assert words in run.stderr
        assert len(run.stderr.splitlines()) == 1
