"""How much of the backlog is under way at once: what the server answers quickly, so that live values do not wait."""

import asyncio
from datetime import timedelta
from pathlib import Path

from webmacs_controller.measuring.point import Point
from webmacs_controller.storage.store import Store
from webmacs_controller.transport.backlog import Backlog
from webmacs_controller.transport.buffer import Buffer
from webmacs_controller.transport.pace import LEAST_FRAMES, MOST_FRAMES

from tests.controller.machine import NOON, right_clock
from tests.controller.turned import HeldDisk, TurnedLoop, settle


def under_way(file: Path, *answers: float) -> list[int]:
    """How many frames of a long backlog are sent at once, at first and after each answer of all, which takes so many
    seconds."""

    async def send() -> list[int]:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, TurnedLoop)
        store = Store(file, 1 << 30, timedelta(days=1), right_clock())
        store.write([[Point(("tank", "level"), n, NOON, 192) for n in range(5000)]])
        buffer = Buffer(1000, right_clock(), Backlog(store, 1e9, HeldDisk()))
        keeping = asyncio.create_task(buffer.run())
        counts = []
        for seconds in [*answers, 0]:
            await settle()
            frames = []
            while (frame := buffer.take(10, lambda _: True)) is not None:
                frames.append(frame.seq)
            counts.append(len(frames))
            loop.now += seconds
            for seq in frames:
                buffer.confirm(seq)
        buffer.close()
        await keeping
        return counts

    with asyncio.Runner(loop_factory=TurnedLoop) as runner:
        return runner.run(send())


def test_a_quick_server_gets_many(tmp_path: Path) -> None:
    assert under_way(tmp_path / "buffer", 0.01, 0.15) == [MOST_FRAMES] * 3


def test_a_slow_one_gets_few(tmp_path: Path) -> None:
    first, *others = under_way(tmp_path / "buffer", 0.2, 0.3, 1, 60, 60)
    assert first == MOST_FRAMES
    assert others == sorted(others, reverse=True)
    assert others[-1] == LEAST_FRAMES


def test_one_that_is_quick_again_gets_more(tmp_path: Path) -> None:
    _, slow, *counts = under_way(tmp_path / "buffer", 60, *[0.01] * 30)
    assert slow == LEAST_FRAMES
    assert counts == sorted(counts)
    assert counts[-1] == MOST_FRAMES
