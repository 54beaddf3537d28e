"""An instance is measured at its rate, again after a failure, and left in its safe state."""

import asyncio
import math
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from webmacs_controller.backoff import Backoff
from webmacs_controller.measuring import turn as turn_module
from webmacs_controller.measuring.instance import Instance
from webmacs_controller.measuring.loop import Loop, State
from webmacs_controller.measuring.point import Point
from webmacs_controller.sdk import PluginError, Quality, Sample

from tests.controller.devices import Stuck, Tank
from tests.controller.machine import right_clock

FAST = 0.001


class Received:
    """Gathers what is delivered; `at_least` waits for it."""

    def __init__(self) -> None:
        self.points: list[Point] = []
        self._changed = asyncio.Event()

    def deliver(self, points: Sequence[Point]) -> None:
        self.points += points
        self._changed.set()

    async def at_least(self, count: int) -> list[Point]:
        async with asyncio.timeout(30):
            while len(self.points) < count:
                self._changed.clear()
                await self._changed.wait()
        return self.points


@asynccontextmanager
async def running(instance: Instance, received: Received) -> AsyncIterator[Loop]:
    loop = Loop(instance, received.deliver, Backoff(FAST, FAST))
    task = asyncio.create_task(loop.run())
    try:
        yield loop
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_every_reading_carries_the_moment_of_measuring() -> None:
    received, clock = Received(), right_clock()
    before = clock.now()
    async with running(Instance("T", Tank([1, 2]), FAST, clock), received):
        points = await received.at_least(4)
    assert [point.value for point in points[:3:2]] == [1, 2]
    assert points[0].source == ("T", "level")
    assert points[0].quality == Quality.GOOD
    assert before < points[0].timestamp < points[2].timestamp < clock.now()


async def test_stopping_sets_outputs_safe_shows_it_and_disconnects() -> None:
    tank, received = Tank(), Received()
    async with running(Instance("T", tank, FAST), received) as loop:
        await received.at_least(2)
    assert tank.calls[-3:] == ["write pump 5", "read", "disconnect"]
    assert received.points[-1][:2] == (("T", "pump"), 5)
    assert loop.state is State.STOPPED


async def test_a_failing_read_is_reported_and_tried_again_and_outputs_stay(caplog: pytest.LogCaptureFixture) -> None:
    tank, received = Tank(), Received()
    tank.failures = [PluginError("no answer from the tank")]
    async with running(Instance("T", tank, FAST), received) as loop:
        await received.at_least(6)
        assert (loop.state, loop.problem) == (State.RUNNING, "")
    assert tank.calls[:5] == ["connect", "read", "disconnect", "connect", "read"]
    assert "T: no answer from the tank; next try in" in caplog.text


async def test_an_error_nobody_thought_of_does_not_end_it() -> None:
    tank, received = Tank(), Received()
    tank.failures = [ZeroDivisionError("division by zero")]
    async with running(Instance("T", tank, FAST), received):
        await received.at_least(4)


@pytest.mark.parametrize("error", [asyncio.CancelledError(), SystemExit("no licence")])
@pytest.mark.parametrize("call", ["connect", "read"])
async def test_a_plugin_that_would_end_its_task_or_the_process_has_only_failed(call: str, error: BaseException) -> None:
    """Libraries cancel futures of their own when a connection is lost, and some call sys.exit."""

    class Quitter(Tank):
        async def connect(self) -> None:
            await super().connect()
            self._fail("connect")

        async def read(self) -> Sequence[Sample]:
            self._fail("read")
            return await super().read()

        def _fail(self, name: str) -> None:
            if name == call and self.calls.count("connect") == 1:
                raise error

    tank, received = Quitter(), Received()
    async with running(Instance("T", tank, FAST), received):
        await received.at_least(4)
    assert tank.calls[:4] == ["connect", "disconnect", "connect", "read"]
    assert tank.calls[-3:] == ["write pump 5", "read", "disconnect"]


async def test_a_plugin_that_cancels_itself_while_it_stops_is_tried_until_its_outputs_are_safe() -> None:
    class Quitter(Tank):
        async def write(self, channel_id: str, value: float) -> None:
            if self.calls.count("connect") == 1:
                raise asyncio.CancelledError
            await super().write(channel_id, value)

    tank, received = Quitter(), Received()
    async with running(Instance("T", tank, FAST), received) as loop:
        await received.at_least(2)
    await loop.settle()
    assert tank.pump == 5
    assert not loop.safety.owed


async def test_a_device_that_cannot_be_reached_is_not_written() -> None:
    class Unreachable(Tank):
        async def connect(self) -> None:
            self.calls.append("connect")
            self.reads.set()
            raise OSError("no route")

    tank = Unreachable()
    async with running(Instance("T", tank, FAST), Received()):
        await tank.reads.wait()
    assert "write pump 5" not in tank.calls


async def test_a_failure_while_stopping_does_not_keep_it_running(caplog: pytest.LogCaptureFixture) -> None:
    class Clinging(Tank):
        async def disconnect(self) -> None:
            raise OSError("will not let go")

        async def write(self, channel_id: str, value: float) -> None:
            raise OSError("stuck valve")

    received = Received()
    async with running(Instance("T", Clinging(), FAST), received) as loop:
        await received.at_least(2)
    assert loop.state is State.STOPPED
    assert "T: pump is not at its safe value: OSError: stuck valve" in caplog.text
    assert "T: did not disconnect: OSError: will not let go" in caplog.text


async def test_a_device_that_hangs_delays_no_other() -> None:
    stuck, received = Stuck(), Received()
    async with running(Instance("S", stuck, FAST), received), running(Instance("T", Tank(), FAST), received):
        points = await received.at_least(20)
        assert {point.source[0] for point in points} == {"T"}
        stuck.release.set()
    assert stuck.disconnected


async def test_a_blocking_plugin_has_one_thread_of_its_own() -> None:
    stuck, received = Stuck(), Received()
    stuck.release.set()
    async with running(Instance("S", stuck, FAST), received):
        await received.at_least(3)
    assert stuck.threads == {"plugin stuck"}


async def test_a_call_that_takes_too_long_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn_module, "CALL_SECONDS", 0.01)
    stuck = Stuck()
    with pytest.raises(PluginError, match="reading took longer than"):
        await Instance("S", stuck, 1.0).read()
    stuck.release.set()


async def test_no_value_is_sent_for_nan_and_it_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    received = Received()
    async with running(Instance("T", Tank([math.nan, math.inf, 3.0]), FAST), received):
        await received.at_least(4)
    levels = [point.value for point in received.points if point.source[1] == "level"]
    assert set(levels) == {3.0}
    assert caplog.text.count("T/level: gives no value") == 1


@pytest.mark.parametrize(
    ("channel", "value", "problem"),
    [
        ("level", 1, "no output"),
        ("drain", 1, "no output"),
        ("pump", 101, "takes 0 to 100 %"),
        ("pump", math.nan, "nan"),
    ],
)
async def test_a_wrong_write_never_reaches_the_device(channel: str, value: float, problem: str) -> None:
    tank = Tank()
    with pytest.raises(PluginError, match=problem):
        await Instance("T", tank, 1.0).write(channel, value)
    assert tank.calls == []


async def test_looking_on_writes_nothing() -> None:
    tank = Tank()
    instance = Instance("T", tank, 1.0)
    async with instance.connected():
        await instance.read()
    assert tank.calls == ["connect", "read", "disconnect"]


class Watched(Tank):
    """Counts how often it is told that all is well, and after how many readings."""

    def __init__(self) -> None:
        super().__init__()
        self.fed: list[int] = []
        self.hungry: list[Exception] = []

    async def alive(self) -> None:
        self.fed.append(self.calls.count("read"))
        if self.hungry:
            raise self.hungry.pop()


async def test_a_watchdog_is_fed_after_a_good_reading_and_after_no_other() -> None:
    tank, received = Watched(), Received()
    tank.failures = [PluginError("away")]
    async with running(Instance("T", tank, FAST), received):
        await received.at_least(6)
    assert tank.fed[0] == 2  # the first failed


async def test_a_watchdog_that_cannot_be_fed_is_a_failure_of_its_instance() -> None:
    tank, received = Watched(), Received()
    tank.hungry = [PluginError("no bone")]
    async with running(Instance("T", tank, FAST), received):
        await received.at_least(6)
    assert tank.calls[:5] == ["connect", "read", "disconnect", "connect", "read"]
