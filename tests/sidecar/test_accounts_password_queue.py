"""Passwords that are hashed one after another, with rests while others wait."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from webmacs.accounts.password_queue import LONGEST_REST_SECONDS, PasswordQueue

ROUNDS = 8


@pytest.fixture
def rests() -> list[float]:
    """How long it rested, each time."""
    return []


@pytest.fixture
async def queue(rests: list[float]) -> AsyncIterator[PasswordQueue]:
    queue = PasswordQueue(ROUNDS, 8, rests.append)
    yield queue
    await queue.close()


async def hash_in_a_place(queue: PasswordQueue) -> None:
    with queue.place():
        await queue.hash("correct horse battery staple")


async def test_who_is_alone_never_waits(queue: PasswordQueue, rests: list[float]) -> None:
    queue.make_way_for(lambda: True)
    for _ in range(3):
        await hash_in_a_place(queue)
    assert rests == []


async def test_nobody_rests_while_no_values_come(queue: PasswordQueue, rests: list[float]) -> None:
    await asyncio.gather(*(hash_in_a_place(queue) for _ in range(4)))
    assert rests == []


async def test_many_rest_after_each_other_while_values_come(queue: PasswordQueue, rests: list[float]) -> None:
    queue.make_way_for(lambda: True)
    await asyncio.gather(*(hash_in_a_place(queue) for _ in range(4)))
    assert [rest for rest in rests if rest > 0]
    assert max(rests) <= LONGEST_REST_SECONDS
