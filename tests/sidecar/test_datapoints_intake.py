"""The intake: bounded, and fair between sockets."""

import asyncio
from collections import Counter
from typing import Any

from webmacs.config import Ingest
from webmacs.datapoints.frames import Frame
from webmacs.datapoints.intake import Batch, Intake, Source


def settings(**changes: Any) -> Ingest:
    defaults = {"batch_points": 100, "queue_points": 400}
    others = {"past_days": 1, "future_seconds": 1, "partition_days": 1, "partitions_ahead": 1}
    return Ingest(**(defaults | others | changes))


def frame(points: int, seq: int = 0) -> Frame:
    return Frame(seq, ["e"] * points, [0] * points, [0.0] * points, [192] * points)


def points_by_source(batch: Batch) -> Counter[Source]:
    counts: Counter[Source] = Counter()
    for source, taken in batch:
        counts[source] += len(taken)
    return counts


async def fill(intake: Intake, source: Source, *sizes: int) -> None:
    for seq, size in enumerate(sizes):
        async with asyncio.timeout(30):
            await intake.put(source, frame(size, seq))


async def test_a_lone_frame_waits_for_nobody() -> None:
    intake = Intake(settings())
    source = intake.open(1)
    await fill(intake, source, 1)
    assert len(await intake.next_batch()) == 1
    assert intake.empty


async def test_what_waits_goes_together_in_order() -> None:
    intake = Intake(settings())
    source = intake.open(1)
    await fill(intake, source, 1, 2, 3)
    assert [taken.seq for _, taken in await intake.next_batch()] == [0, 1, 2]


async def test_a_batch_holds_no_more_than_its_points() -> None:
    intake = Intake(settings())
    source = intake.open(1)
    await fill(intake, source, 60, 60, 60)
    assert [sum(map(len, (f for _, f in await intake.next_batch()))) for _ in range(3)] == [60, 60, 60]


async def test_a_frame_larger_than_a_batch_goes_alone() -> None:
    intake = Intake(settings(batch_points=10))
    source = intake.open(1)
    await fill(intake, source, 50, 1)
    assert [len(taken) for _, taken in await intake.next_batch()] == [50]


async def test_a_flood_does_not_delay_the_others() -> None:
    intake = Intake(settings())
    loud, quiet = intake.open(1), intake.open(2)
    await fill(intake, loud, *[10] * 19)
    await fill(intake, quiet, 10)
    taken = points_by_source(await intake.next_batch())
    assert taken[quiet] == 10
    assert taken[loud] == 90


async def test_each_gets_the_same_share_of_a_batch() -> None:
    intake = Intake(settings())
    sources = [intake.open(n) for n in range(4)]
    for source in sources:
        await fill(intake, source, *[5] * 15)
    assert set(points_by_source(await intake.next_batch()).values()) == {25}


async def test_a_large_frame_gets_its_turn_among_small_ones() -> None:
    intake = Intake(settings())
    small, large = intake.open(1), intake.open(2)
    await fill(intake, small, *[1] * 150)
    await fill(intake, large, 90)
    batches = [points_by_source(await intake.next_batch()) for _ in range(2)]
    assert any(batch[large] == 90 for batch in batches)


async def test_a_socket_beyond_its_share_is_not_read_until_there_is_room() -> None:
    intake = Intake(settings(queue_points=20))
    source, other = intake.open(1), intake.open(2)
    waiting = asyncio.ensure_future(intake.put(source, frame(10)))
    await asyncio.sleep(0)
    assert not waiting.done()
    await fill(intake, other, 5)  # the other one's share is its own
    await intake.next_batch()
    await asyncio.wait_for(waiting, 30)


async def test_frames_of_a_socket_that_is_gone_are_stored_all_the_same() -> None:
    intake = Intake(settings())
    source = intake.open(1)
    await fill(intake, source, 1)
    intake.close(source)
    assert len(await intake.next_batch()) == 1
