"""Any order of measuring, sending, answers, losses, slow and failing disks, crashes and time, against plain lists."""

import asyncio
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from webmacs_controller.measuring.point import Point, Source
from webmacs_controller.storage.store import Store
from webmacs_controller.transport.backlog import Backlog
from webmacs_controller.transport.buffer import Buffer
from webmacs_controller.transport.in_flight import Frame

from tests.controller.machine import NOON, right_clock
from tests.controller.turned import HeldDisk, TurnedLoop, settle

SOURCES: list[Source] = [("tank", "level"), ("tank", "pump"), ("oven", "heat")]
FLUSH_SECONDS = 2.0
LIMIT = 200
LIFE = 10
"""Steps before a crash, so that there is something to crash."""


@dataclass
class Connection:
    """What was sent over it, by lane, in order; frames that are not answered."""

    frames: list[Frame] = field(default_factory=list)
    sent: dict[bool, list[Point]] = field(default_factory=lambda: defaultdict(list))


class Lanes(RuleBasedStateMachine):
    """Values are numbers that rise, so each is known by its value, and order can be seen."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner(loop_factory=TurnedLoop)
        self.folder = tempfile.TemporaryDirectory()
        self.made = 0
        self.put_at: dict[float, float] = {}
        self.arrived: set[float] = set()
        self.may_be_lost: set[float] = set()
        self.dropped_before = 0
        self.connection = Connection()
        self.start()

    @property
    def loop(self) -> TurnedLoop:
        loop = self.runner.get_loop()
        assert isinstance(loop, TurnedLoop)
        return loop

    @property
    def path(self) -> Path:
        return Path(self.folder.name) / "buffer"

    @property
    def missing(self) -> set[float]:
        """What has not arrived and should."""
        return set(map(float, range(self.made))) - self.arrived - self.may_be_lost

    @property
    def dropped(self) -> int:
        """What the limit cost, in all processes."""
        return self.dropped_before + self.buffer.dropped

    def start(self) -> None:
        self.lived = 0
        self.disk = HeldDisk()
        self.store = Store(self.path, 1 << 30, timedelta(days=1), right_clock())
        self.buffer = Buffer(LIMIT, right_clock(), Backlog(self.store, 1000.0, self.disk), FLUSH_SECONDS)
        self.keeping = self.runner.run(self._start())

    async def _start(self) -> asyncio.Task[None]:
        task = asyncio.create_task(self.buffer.run())
        await settle()
        return task

    def do(self, action: object = None) -> None:
        self.lived += 1

        async def act() -> None:
            if callable(action):
                action()
            await settle()

        self.runner.run(act())

    @rule(count=st.integers(1, 20))
    def measure(self, count: int) -> None:
        values = range(self.made, self.made + count)
        self.made += count
        time = NOON + timedelta(seconds=self.loop.now)
        self.put_at.update(dict.fromkeys(map(float, values), self.loop.now))
        points = [Point(SOURCES[value % 3], value, time + timedelta(microseconds=value), 192) for value in values]
        self.do(lambda: self.buffer.put(points))

    @rule(seconds=st.sampled_from([0.01, 1.0, 3.0, 3.0]))
    def time_goes_by(self, seconds: float) -> None:
        self.loop.now += seconds
        self.do()

    @rule(most=st.integers(1, 30), times=st.integers(1, 4))
    def send(self, most: int, times: int) -> None:
        def take() -> None:
            for _ in range(times):
                if frame := self.buffer.take(most, lambda _: True):
                    self.connection.frames.append(frame)
                    self.connection.sent[frame.part is not None] += frame.points

        self.do(take)

    @rule(share=st.floats(0, 1))
    def acknowledge(self, share: float) -> None:
        answered = self.connection.frames[: round(share * len(self.connection.frames))]
        if answered:
            self.arrived |= {point.value for frame in answered for point in frame.points}
            self.do(lambda: self.buffer.confirm(answered[-1].seq))
            del self.connection.frames[: len(answered)]

    @precondition(lambda self: self.connection.frames)
    @rule(data=st.data())
    def refuse_a_frame(self, data: st.DataObject) -> None:
        """As good as arrived: nobody wants it back."""
        frame = data.draw(st.sampled_from(self.connection.frames))
        self.arrived |= {point.value for point in frame.points}
        self.connection.frames.remove(frame)
        self.do(lambda: self.buffer.discard(frame.seq))

    @precondition(lambda self: self.connection.frames)
    @rule()
    def lose_the_connection(self) -> None:
        self.connection = Connection()
        self.do(self.buffer.give_back)

    @rule(slow=st.sampled_from([False, False, True]))
    def the_disk_answers(self, slow: bool = False) -> None:
        """After that it takes its time if it is `slow`."""
        self.disk.holding = False
        self.do(self.disk.go_on)
        self.disk.holding = slow

    @precondition(lambda self: self.lived > LIFE)
    @rule()
    def crash(self) -> None:
        """Lost may be what is younger than the flush time, and more only while the disk did not answer."""
        late = self.disk.holding
        self.may_be_lost |= {value for value, at in self.put_at.items() if late or self.loop.now - at < FLUSH_SECONDS}
        self.dropped_before += self.buffer.dropped
        self.disk.crash()
        self.runner.run(self._crash())
        self.connection = Connection()
        self.start()

    async def _crash(self) -> None:
        self.disk.holding = True  # nothing more is written, as this process is no more
        self.keeping.cancel()
        await asyncio.wait([self.keeping])
        self.store.close()

    @invariant()
    def keeps_the_order_within_a_channel_and_a_lane(self) -> None:
        for points in self.connection.sent.values():
            for source in SOURCES:
                values = [point.value for point in points if point.source == source]
                assert all(before < after for before, after in pairwise(values))

    @invariant()
    def knows_how_much_it_has(self) -> None:
        assert len(self.missing) <= len(self.buffer) + self.dropped

    def teardown(self) -> None:
        """In the end all that is not lost by the rule can be sent."""
        try:
            self._send_all()
            assert len(self.missing) <= self.dropped
            assert not len(self.buffer)
            self.time_goes_by(3.0)
            assert self.store.points == 0
        finally:
            self.runner.run(self._crash())
            self.runner.close()
            self.folder.cleanup()

    def _send_all(self) -> None:
        self.the_disk_answers()
        self.lose_the_connection()
        for _ in range(1000):
            if not len(self.buffer):
                break
            self.time_goes_by(0.5)
            self.send(30, 4)
            self.acknowledge(1.0)


TestLanes = Lanes.TestCase
TestLanes.settings = settings(max_examples=60, stateful_step_count=40)
