"""A line of Modbus units, and a plugin that reads it."""

from collections.abc import AsyncIterator

import pytest

from tests.controller.modbus.device import Line, running


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    """Units 1 and 2, listening for TCP."""
    async with running(1, 2) as started:
        yield started
