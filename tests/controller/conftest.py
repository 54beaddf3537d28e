"""What the tests of the controller share."""

from collections.abc import AsyncIterator

import pytest

from tests.controller.peer import Peer


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    """A server that does what the test says."""
    async with Peer().serve() as server:
        yield server
