"""A maker of bundles, and a machine that judges them."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from webmacs_controller.updates.bundle import open_bundle
from webmacs_controller.updates.errors import BundleError, Reason
from webmacs_controller.updates.examination import Examined, Here, examine
from webmacs_controller.updates.trusted import Trusted

from tests.support.updates import PYTHON, Maker

MEGABYTES = 5


class Machine:
    """It takes what is good, and remembers what it took."""

    def __init__(self, root: bytes, version: str = "0.5", product: str = "webmacs-controller") -> None:
        self.root = root
        self.here = Here(product, version, "x86_64", PYTHON)
        self.trusted = Trusted()

    def take(self, path: Path) -> Examined:
        """Raises BundleError."""
        with open_bundle(path, MEGABYTES) as bundle:
            examined = examine(bundle, self.root, self.trusted, MEGABYTES, self.here)
        self.trusted = examined.trusted
        return examined

    def refuses(self, path: Path, reason: Reason, words: str | None = None) -> None:
        """For this reason, and in these words; and it remembers nothing of it."""
        before = self.trusted
        with pytest.raises(BundleError, match=words) as caught:
            self.take(path)
        assert caught.value.reason == reason, caught.value
        assert self.trusted is before


@pytest.fixture
def nothing_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing is left in the folder for temporary files, whatever comes of a bundle."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    assert list(folder.iterdir()) == []


@pytest.fixture
def maker(tmp_path: Path) -> Maker:
    return Maker(tmp_path)


@pytest.fixture
def machine(maker: Maker, nothing_left: None) -> Machine:
    return Machine(maker.pinned)
