"""Versions of a controller that are small scripts, and what a folder of them must be like."""

import shutil
from pathlib import Path

from webmacs_controller.updates import launcher
from webmacs_controller.updates.installation import Installation, Terms
from webmacs_controller.updates.launcher import COMMAND, CURRENT, VERSIONS
from webmacs_controller.updates.manifest import Manifest, Product

from tests.support.packages import wheel
from tests.support.updates import Maker

GOOD = 'echo "$0" >> "$LOG"; trap "exit 0" TERM INT; while :; do sleep 0.05; done'
TERMS = Terms(5, steady_seconds=1, probation_seconds=3)
FILES = ("lib/one", "lib/two", COMMAND)


def installation(
    folder: Path, script: str = GOOD, terms: Terms = TERMS, product: Product = "webmacs-controller"
) -> Installation:
    """Whose versions do this."""

    def make(path: Path, wheels: Path, manifest: Manifest) -> None:
        for name in FILES:
            (path / name).parent.mkdir(exist_ok=True)
            (path / name).write_text(f"#!/bin/sh\n# {manifest.version}\n{script}\n")
            (path / name).chmod(0o755)
        assert [each.name for each in wheels.iterdir()] == [part.name for part in manifest.parts]

    return Installation(folder, terms, make, lambda path, manifest: None, product)


def bundle(maker: Maker, number: int, product: Product = "webmacs-controller") -> Path:
    """A release with wheels of its own, version NUMBER.0."""
    maker.wheels = {f"lab_lamp-{number}.0-py3-none-any.whl": wheel(version=f"{number}.0")}
    return maker.bundle(number, product=product)


def begun(maker: Maker, folder: Path, script: str = GOOD) -> Path:
    """A machine with version 1.0."""
    root = maker.folder / "root.json"
    root.write_bytes(maker.pinned)
    installation(folder, script).begin(bundle(maker, 1), root)
    return folder


def copied(template: Path, to: Path) -> Path:
    """In the place of what is there."""
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(template, to, symlinks=True)
    return to


def running(folder: Path) -> str:
    """The version that runs after a start, all of which must be there."""
    name = launcher.settle(folder)
    assert name is not None
    assert launcher.link_target(folder, CURRENT) == name
    version = name.split("-")[1]
    for file in FILES:
        assert f"# {version}\n" in (folder / VERSIONS / name / file).read_text()
    return version
