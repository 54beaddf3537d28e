"""What the tests of the controller share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from webmacs_controller import service

from tests.controller.peer import Peer


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    """A server that does what the test says."""
    async with Peer().serve() as server:
        yield server


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Where a controller notes its commands."""
    return tmp_path / "journal"


@pytest.fixture
def no_long_flush(monkeypatch: pytest.MonkeyPatch) -> None:
    """A controller that stops does not wait for a test that acknowledges nothing."""
    monkeypatch.setattr(service, "FLUSH_SECONDS", 0.1)
