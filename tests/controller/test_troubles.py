"""After deaths of the process: who begins last, who not at all, and what is known of a configuration of any size."""

import asyncio
import math
import socket

import pytest
from webmacs_controller.guard.guard import Child, Guard
from webmacs_controller.guard.pulse import Pulse
from webmacs_controller.measuring.instance import Instance
from webmacs_controller.measuring.loop import Loop, State
from webmacs_controller.plugins.simulated import SimulatedConfig, SimulatedPlugin
from webmacs_controller.safety.past import Past
from webmacs_controller.safety.safeguard import Heritage, Safeguard
from webmacs_controller.safety.troubles import Troubles

from tests.controller.devices import Tank
from tests.controller.turned import let_pass, settle, turned


@pytest.mark.parametrize(
    ("troubles", "seconds"),
    [
        (Troubles(), 0),
        (Troubles({"Other": 9}, 2), 0),
        (Troubles(falls=3), 15),
        (Troubles({"T": 1}), 15),
        (Troubles({"T": 2}), 30),
        (Troubles({"T": 3}), math.inf),
    ],
)
def test_who_harms_stands_back(troubles: Troubles, seconds: float) -> None:
    trouble = troubles.of("T", Tank())
    assert (trouble.seconds if trouble else 0) == seconds


def test_what_ships_with_the_controller_begins_at_once_after_deaths_without_a_reason() -> None:
    assert Troubles(falls=9).of("S", SimulatedPlugin(SimulatedConfig())) is None


@turned
async def test_it_begins_when_the_others_have_had_their_time() -> None:
    tank = Tank()
    loop = Loop(
        Instance("T", tank, 60), lambda _: None, safeguard=Safeguard(heritage=Heritage(troubles=Troubles({"T": 1})))
    )
    task = asyncio.create_task(loop.run())
    await settle()
    assert (loop.state, tank.calls) == (State.FAILED, [])
    assert "has held up the whole controller" in loop.problem
    await let_pass(14.9)
    assert tank.calls == []
    await let_pass(0.2)
    assert (loop.state, loop.problem) == (State.RUNNING, "")
    task.cancel()
    await settle()


@turned
async def test_while_it_stands_back_it_is_not_called_to_make_its_outputs_safe() -> None:
    """It would hold up those that do so as the controller stops."""
    tank = Tank()
    heritage = Heritage(touched=True, troubles=Troubles({"T": 3}))
    loop = Loop(Instance("T", tank, 60), lambda _: None, safeguard=Safeguard(heritage=heritage))
    task = asyncio.create_task(loop.run())
    await let_pass(1e6)
    task.cancel()
    await settle()
    await loop.settle()
    assert (tank.calls, list(loop.safety.owed)) == ([], ["pump"])


async def test_the_guard_learns_the_past_of_thousands_of_instances() -> None:
    past = Past(1.5, {f"{'ä' * 250}{number}": float(number) for number in range(3000)})
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    guard, child = Guard(), Child(0, ours, [ours], 0.0, math.inf)
    beating = asyncio.create_task(Pulse(theirs, None).run(lambda: past, asyncio.Event()))

    def hear() -> Past:
        while guard._past is None:
            assert guard._hear(child)
        return guard._past

    async with asyncio.timeout(30):
        assert await asyncio.to_thread(hear) == past
    beating.cancel()
    await asyncio.wait([beating])
    ours.close()
    theirs.close()
