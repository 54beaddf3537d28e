"""Outputs go to their safe values after their own time-outs, in a time that the test turns."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from webmacs_controller.backoff import Backoff
from webmacs_controller.commands.executor import Executor
from webmacs_controller.commands.holds import Holds
from webmacs_controller.commands.order import Order
from webmacs_controller.configuration.settings import ChannelSettings
from webmacs_controller.measuring.instance import Instance
from webmacs_controller.measuring.loop import Loop, State
from webmacs_controller.measuring.newest import Newest
from webmacs_controller.measuring.point import Point
from webmacs_controller.measuring.slot import Slot
from webmacs_controller.safety.safeguard import SILENT_SECONDS, Safeguard
from webmacs_controller.safety.tie import Tie
from webmacs_controller.sdk import PluginError

from tests.controller.rack import Rack
from tests.controller.turned import let_pass, settle, turned


class Bench:
    """One instance in its slot, the server that it hangs on, and all that was delivered."""

    def __init__(self, a: float | None = 60, b: float | None = None, interval: float = 1.0) -> None:
        self.began = asyncio.get_running_loop().time()
        self.rack = Rack()
        self.points: list[Point] = []
        self.safeguard = Safeguard(Tie("the server was not heard", self.began, SILENT_SECONDS))
        self.server = self.safeguard.server
        self.slot = Slot()
        self.time_outs = [
            ChannelSettings(channel="a", safe_after_seconds=a),
            ChannelSettings(channel="b", safe_after_seconds=b),
        ]
        self.interval = interval
        self.loop = self.put()

    def put(self) -> Loop:
        instance = Instance("R", self.rack, self.interval)
        self.loop = Loop(instance, self.points.extend, Backoff(1, 60), self.safeguard)
        self.loop.tune(self.interval, self.time_outs)
        self.slot.put(self.loop)
        return self.loop

    @property
    def writes(self) -> list[tuple[float, str, float]]:
        """Since the beginning of the test."""
        return [(round(at - self.began, 1), key, value) for at, key, value in self.rack.writes]

    async def after(self, seconds: float, *, heard: bool = False) -> None:
        """Let time go by, from one thing that happens to the next; the server is heard at each, or not."""
        await let_pass(seconds, self.server.seen if heard else None)

    def lose_server(self) -> None:
        """As a connection that is cut."""
        self.server.seen()
        self.server.lost()
        self.began = asyncio.get_running_loop().time()
        self.rack.writes.clear()

    async def command(self, channel: str, value: float, *, heard: bool = True) -> asyncio.Task[Any]:
        """As the desk carries out what a server sends."""
        if heard:
            self.server.seen()

        async def note(_: Order) -> None:
            pass

        now = asyncio.get_running_loop().time()
        executor = Executor({"R": self.loop}, Newest(), note, Holds())
        order = Order("1", ("R", channel), value, now + 3600, (), now)
        task = asyncio.create_task(executor.carry_out(order))
        await settle()
        return task

    async def end(self) -> None:
        self.rack.away, self.rack.silent, self.rack.stuck = False, set(), set()
        self.rack.held.set()
        self.slot.put(None)
        await self.after(30)
        assert not self.slot.tasks


@asynccontextmanager
async def bench(**settings: Any) -> AsyncIterator[Bench]:
    made = Bench(**settings)
    await settle()
    try:
        yield made
    finally:
        await made.end()


@turned
async def test_each_output_after_its_own_time_out_and_once() -> None:
    async with bench(a=60, b=90) as made:
        await made.after(10, heard=True)
        made.lose_server()
        await made.after(59.5)
        assert made.writes == []
        await made.after(300)
    assert [write for write in made.writes if write[0] < 300] == [(60.0, "a", 0), (90.0, "b", 1)]


@turned
async def test_its_value_is_read_back_and_stored() -> None:
    async with bench(interval=3600) as made:
        await made.after(1, heard=True)
        made.lose_server()
        made.points.clear()
        await made.after(61)
        assert [(point.source, point.value) for point in made.points] == [(("R", "a"), 0), (("R", "b"), 50)]


@pytest.mark.parametrize(("time_out", "expected"), [(None, []), (0, [(0.0, "a", 0)]), (0.5, [(0.5, "a", 0)])])
@turned
async def test_no_time_out_and_none_at_all(time_out: float | None, expected: list[Any]) -> None:
    async with bench(a=time_out) as made:
        await made.after(10, heard=True)
        made.lose_server()
        await settle()
        await made.after(100)
        assert made.writes == expected


@pytest.mark.parametrize(("time_out", "at"), [(0, SILENT_SECONDS), (2, SILENT_SECONDS), (60, 60)])
@turned
async def test_a_server_that_stands_and_says_nothing_is_lost(time_out: float, at: float) -> None:
    async with bench(a=time_out) as made:
        await made.after(1, heard=True)
        made.lose_server()
        made.server.seen()
        await made.after(100)
        assert made.writes == [(at, "a", 0)]


@turned
async def test_without_a_server_it_counts_from_the_start() -> None:
    async with bench() as made:
        await made.after(59.5)
        assert made.writes == []
        await made.after(1)
        assert made.writes == [(60.0, "a", 0)]


@turned
async def test_after_reconnecting_it_stays_safe_until_a_command() -> None:
    async with bench() as made:
        await made.after(1, heard=True)
        made.lose_server()
        await made.after(61)
        await made.after(120, heard=True)
        assert made.rack.outputs["a"] == 0
        assert (await (await made.command("a", 70))).state == "done"
        await made.after(10, heard=True)
        assert made.rack.outputs["a"] == 70
        made.lose_server()
        await made.after(61)
        assert made.writes == [(60.0, "a", 0)]


@turned
async def test_meanwhile_it_takes_nothing_else() -> None:
    """Whoever else would set it, as a sequence of its own; until the server is heard again."""
    async with bench() as made:
        made.lose_server()
        await made.after(61)
        with pytest.raises(PluginError, match="a: the server was not heard for 60 s: it takes nothing but"):
            await made.loop.instance.write("a", 30)
        await made.loop.instance.write("b", 30)
        assert made.rack.outputs == {"a": 0, "b": 30}


@turned
async def test_a_command_at_the_very_moment_wins_and_one_from_before_is_refused() -> None:
    async with bench() as made:
        await made.after(1, heard=True)
        made.rack.held.clear()  # the device is busy with a reading
        await made.after(2, heard=True)
        old = await made.command("a", 30)
        made.lose_server()
        made.loop.tune(made.interval, [ChannelSettings(channel="a", safe_after_seconds=1)])
        await made.after(2)
        made.loop.safety.look()
        new = await made.command("a", 70)
        made.rack.held.set()
        await made.after(2, heard=True)
        assert (await old).error == "since it came, its output had to go to its safe value"
        assert (await new).state == "done"
        assert [write[1:] for write in made.writes][-1] == ("a", 70)
        assert made.rack.outputs["a"] == 70


@turned
async def test_a_time_out_that_passes_during_a_reading_has_passed() -> None:
    """Also when the server is back before that reading ends."""
    async with bench(a=2) as made:
        await made.after(1, heard=True)
        made.rack.held.clear()
        await made.after(1.2, heard=True)
        made.lose_server()
        await made.after(2.2)
        await made.after(0.2, heard=True)
        made.rack.held.set()
        await made.after(2, heard=True)
        assert [write[1:] for write in made.writes] == [("a", 0)]


@turned
async def test_a_device_that_does_not_answer_keeps_its_outputs_for_their_time_out() -> None:
    async with bench() as made:
        await made.after(10, heard=True)
        made.rack.away = True
        await made.after(20, heard=True)
        made.rack.away = False
        await made.after(100, heard=True)
        assert made.rack.writes == []


@turned
async def test_after_its_time_out_the_first_thing_is_the_safe_value() -> None:
    async with bench() as made:
        await made.after(10, heard=True)
        made.rack.away = True
        await made.after(300, heard=True)
        assert made.loop.safety.owed == {"a": "its device was not read for 60 s"}
        assert list(made.safeguard.notices) == ["R/a has to go to its safe value 0: its device was not read for 60 s"]
        assert made.loop.instance.gauges["a"].note.startswith("not yet at its safe value: its device")
        made.rack.away = False
        made.began = asyncio.get_running_loop().time()
        made.points.clear()
        await made.after(10, heard=True)
        [(at, key, value)] = made.writes
        assert (at <= 5, key, value) == (True, "a", 0)
        assert made.points[0][:2] == (("R", "a"), 0)


@turned
async def test_at_once_means_before_the_device_is_let_go() -> None:
    """Reading fails, writing does not."""

    async with bench(a=0) as made:
        await made.after(2, heard=True)
        made.rack.writes.clear()
        made.rack.read = failing(made.rack.read, 1)  # type: ignore[method-assign]
        await made.after(1, heard=True)
        assert [write[1:] for write in made.rack.writes] == [("a", 0)]


def failing(read: Callable[[], Any], times: int) -> Callable[[], Any]:
    left = [PluginError("no answer")] * times

    async def failed() -> Any:
        if left:
            raise left.pop()
        return await read()

    return failed


@turned
async def test_a_silent_output_takes_no_time_of_the_others(caplog: pytest.LogCaptureFixture) -> None:
    async with bench(a=10, b=10) as made:
        made.lose_server()
        made.rack.silent = {"a"}
        await made.after(12)
        assert made.writes == [(11.0, "b", 1)]
        await made.after(60)
        assert caplog.text.count("R: a is not at its safe value: the device does not answer in time") == 1
        made.rack.silent = set()
        await made.after(6)
        assert made.rack.outputs == {"a": 0, "b": 1}
        assert made.loop.safety.owed == {}


@turned
async def test_a_command_that_fails_does_not_end_what_is_owed(caplog: pytest.LogCaptureFixture) -> None:
    async with bench(a=10) as made:
        made.lose_server()
        made.rack.stuck = {"a"}
        await made.after(12)
        assert (await (await made.command("a", 70))).state == "failed"
        made.rack.stuck = set()
        await made.after(6, heard=True)
        assert made.rack.outputs["a"] == 0
        assert "was set to another value" not in caplog.text


@turned
async def test_one_that_shows_something_else_is_not_safe(caplog: pytest.LogCaptureFixture) -> None:
    class Manual(Rack):
        async def write(self, channel_id: str, value: float) -> None:
            await super().write(channel_id, value)
            if self.stuck:
                self.outputs[channel_id] = 80

    async with bench(a=10) as made:
        made.rack.__class__ = Manual
        made.rack.stuck = set("b")
        made.lose_server()
        await made.after(22)
        assert [at for at, _, _ in made.writes] == [10.0, 15.0, 20.0]
        assert caplog.text.count("R: a is not at its safe value: it was set to it, and the device says 80") == 1


@turned
async def test_what_is_disabled_while_its_device_is_away_is_made_safe_when_it_is_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with bench(a=None) as made:
        await made.after(1, heard=True)
        made.rack.away = True
        await made.after(5, heard=True)
        made.slot.put(None)
        await made.after(100, heard=True)
        assert sorted(made.slot.owed) == ["a", "b"]
        made.rack.away = False
        await made.after(6, heard=True)
        assert made.rack.outputs == {"a": 0, "b": 1}
        assert (made.slot.tasks, made.slot.owed) == (set(), [])
        assert caplog.text.count("R ends, and is not at its safe values: a, b") == 1
        assert caplog.text.count("R: is at its safe values now") == 1


@turned
async def test_what_an_instance_could_not_make_safe_is_the_first_thing_of_the_next() -> None:
    async with bench(a=None) as made:
        await made.after(1, heard=True)
        made.rack.away = True
        await made.after(5, heard=True)
        made.put()
        await made.after(20, heard=True)
        made.rack.away = False
        await made.after(6, heard=True)
        assert made.loop.state is State.RUNNING
        assert [write[1:] for write in made.writes] == [("a", 0), ("b", 1)]


@turned
async def test_one_that_cannot_be_reached_any_more_does_not_keep_the_next_from_working() -> None:
    """As after a wrong address."""
    async with bench() as made:
        await made.after(1, heard=True)
        made.rack.away = True
        await made.after(5, heard=True)
        made.rack = Rack()
        made.put()
        await made.after(10, heard=True)
        assert made.loop.state is State.RUNNING
        assert [write[1:] for write in made.writes] == [("a", 0), ("b", 1)]


@turned
async def test_a_device_that_is_back_without_a_server_is_made_safe_again() -> None:
    """It may have begun anew, with values of its own."""
    async with bench(b=60) as made:
        made.lose_server()
        await made.after(61)
        made.rack.away = True
        await made.after(10)
        made.rack.outputs = {"a": 42, "b": 42}
        made.rack.away = False
        await made.after(10)
        assert made.rack.outputs == {"a": 0, "b": 1}
        assert len(made.safeguard.notices) == 2  # told once, for the reason is the same


@turned
async def test_a_reading_that_hangs_ends_in_time_for_the_outputs() -> None:
    async with bench(a=8) as made:
        await made.after(1, heard=True)
        made.rack.held.clear()
        await made.after(30, heard=True)
        assert [write[1:] for write in made.writes][:1] == [("a", 0)]
        assert made.writes[0][0] <= 1 + 2 * 8 + 1


@turned
async def test_it_is_told_once_to_people_and_to_the_status(caplog: pytest.LogCaptureFixture) -> None:
    async with bench(a=10) as made:
        made.lose_server()
        await made.after(20)
        words = "R/a has to go to its safe value 0: the server was not heard for 10 s"
        assert list(made.safeguard.notices) == [words]
        assert caplog.text.count(words) == caplog.text.count("R/a is at its safe value") == 1
        assert made.loop.instance.gauges["a"].note == "at its safe value: the server was not heard for 10 s"
        await made.command("a", 10)
        assert made.loop.instance.gauges["a"].note == ""
