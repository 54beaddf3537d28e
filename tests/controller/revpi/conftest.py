"""A rail for each test, and plugins that are let go of at its end."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from webmacs_controller.plugins.revpi import RevPiPlugin

from tests.controller.revpi.rail import Rail

Connect = Callable[..., Awaitable[RevPiPlugin]]


@pytest.fixture
def rail(tmp_path: Path) -> Rail:
    return Rail(tmp_path)


@pytest.fixture
async def connect(rail: Rail) -> AsyncIterator[Connect]:
    connected: list[RevPiPlugin] = []

    async def make(**settings: Any) -> RevPiPlugin:
        connected.append(rail.plugin(**settings))
        await connected[-1].connect()
        return connected[-1]

    yield make
    for plugin in connected:
        await plugin.disconnect()
