"""Rows to try the rights on."""

import pytest

from tests.api.world import World
from tests.support.people import People
from tests.support.sql import Sql


@pytest.fixture(scope="module")
def world(sql: Sql, people: People) -> World:
    """Rows of everybody's own and of a stranger."""
    return World(sql, people)
