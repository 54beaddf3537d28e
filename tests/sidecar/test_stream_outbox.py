"""What waits for one stream client: in order while it fits, else the newest value of each event."""

import asyncio
import json

from webmacs.stream.changes import Change
from webmacs.stream.outbox import Outbox
from webmacs.stream.points import Batch, Point

ROOMY = 1_000_000


def batch(n: int, event: str, time: int) -> Batch:
    text = json.dumps({"event_public_id": event, "value": time})
    return Batch(n, [Point(event, time, text)])


def change(n: int, size: int = 10) -> Change:
    return Change(n, "log", json.dumps("x" * (size - 2)))


def number(text: str) -> int:
    return int(json.loads(text)["n"])


def values(text: str) -> dict[str, int]:
    return {point["event_public_id"]: point["value"] for point in json.loads(text)["datapoints"]}


async def test_batches_come_in_order() -> None:
    outbox = Outbox(ROOMY)
    for n in range(3):
        outbox.offer(batch(n, "a", n))
    assert [json.loads(await outbox.next())["n"] for _ in range(3)] == [0, 1, 2]


async def test_notes_come_before_batches() -> None:
    outbox = Outbox(ROOMY)
    outbox.offer(batch(1, "a", 1))
    outbox.note("note")
    assert await outbox.next() == "note"


async def test_held_batches_wait_for_a_note() -> None:
    outbox = Outbox(ROOMY)
    with outbox.holding():
        outbox.offer(batch(1, "a", 1))
        waiting = asyncio.ensure_future(outbox.next())
        await asyncio.sleep(0)
        outbox.note("first")
        assert await waiting == "first"
    assert values(await outbox.next()) == {"a": 1}


async def test_too_much_is_conflated_to_the_newest_of_each_event() -> None:
    outbox = Outbox(300)
    for n in range(1, 101):
        outbox.offer(batch(n, "ab"[n % 2], n))
    text = await outbox.next()
    assert values(text) == {"a": 100, "b": 99}
    assert json.loads(text)["n"] == 100


async def test_a_late_point_does_not_replace_a_newer_one() -> None:
    outbox = Outbox(1)
    outbox.offer(batch(1, "a", 10))
    outbox.offer(batch(2, "a", 5))
    assert values(await outbox.next()) == {"a": 10}


async def test_after_conflation_it_goes_on_in_order() -> None:
    outbox = Outbox(200)
    for n in range(1, 11):
        outbox.offer(batch(n, "a", n))
    await outbox.next()
    outbox.offer(batch(11, "a", 11))
    outbox.offer(batch(12, "a", 12))
    assert [json.loads(await outbox.next())["n"] for _ in range(2)] == [11, 12]


async def test_with_an_interval_the_last_value_comes_by_itself() -> None:
    outbox = Outbox(ROOMY)
    outbox.pause(0.01)
    outbox.offer(batch(1, "a", 1))
    assert values(await outbox.next()) == {"a": 1}
    waiting = asyncio.ensure_future(outbox.next())
    await asyncio.sleep(0)
    outbox.offer(batch(2, "a", 2))
    outbox.offer(batch(3, "a", 3))
    assert values(await waiting) == {"a": 3}


async def test_many_events_are_sent_in_pages() -> None:
    outbox = Outbox(1)
    outbox.offer(
        Batch(1, [Point(str(event), 1, f'{{"event_public_id":"{event}","value":1}}') for event in range(2500)])
    )
    pages = [values(await outbox.next()) for _ in range(3)]
    assert [len(page) for page in pages] == [1000, 1000, 500]


async def test_changes_and_batches_come_in_order() -> None:
    outbox = Outbox(ROOMY)
    outbox.offer(batch(1, "a", 1))
    assert outbox.offer_change(change(2))
    outbox.offer(batch(3, "a", 3))
    assert [number(await outbox.next()) for _ in range(3)] == [1, 2, 3]


async def test_a_change_does_not_wait_for_the_interval() -> None:
    outbox = Outbox(ROOMY)
    outbox.pause(3600)
    outbox.offer(batch(1, "a", 1))
    await outbox.next()
    waiting = asyncio.ensure_future(outbox.next())
    outbox.offer(batch(2, "a", 2))
    await asyncio.sleep(0)
    outbox.offer_change(change(3))
    assert json.loads(await waiting)["type"] == "log"


async def test_a_change_that_overtakes_values_goes_under_the_number_before_them() -> None:
    """Whoever continues after this number gets the values that were overtaken."""
    outbox = Outbox(ROOMY, 7)
    outbox.offer(batch(8, "a", 8))
    outbox.pause(0.01)
    outbox.offer_change(change(9))
    assert [number(await outbox.next()) for _ in range(2)] == [7, 9]


async def test_pages_before_the_last_go_under_the_number_before_them() -> None:
    outbox = Outbox(1, 4)
    points = [Point(str(event), 1, f'{{"event_public_id":"{event}","value":1}}') for event in range(2500)]
    outbox.offer(Batch(5, points))
    assert [number(await outbox.next()) for _ in range(3)] == [4, 4, 5]


async def test_values_make_room_for_changes() -> None:
    outbox = Outbox(300)
    for n in range(1, 7):
        outbox.offer(batch(n, "a", n))
    for n in range(7, 10):
        assert outbox.offer_change(change(n, 90))
    assert [json.loads(await outbox.next())["type"] for _ in range(3)] == ["log"] * 3
    assert values(await outbox.next()) == {"a": 6}


async def test_too_many_changes_are_dropped_and_the_values_stay() -> None:
    outbox = Outbox(300)
    outbox.offer(batch(1, "a", 1))
    taken = [outbox.offer_change(change(n, 90)) for n in range(2, 12)]
    assert taken == [True, True, True, False, True, True, True, False, True, True]
    texts = [await outbox.next() for _ in range(3)]
    assert [json.loads(text)["type"] for text in texts] == ["log", "log", "datapoints_batch"]
