"""Does the simulator find what is wrong? The controller, broken on purpose in one way after the other.

`python -m tests.simulation.mutants` tells of each which seed found it. Which values go first at the limits is not
judged here, but in tests/controller/test_storage.py.
"""

import logging
import math
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from webmacs_controller.commands.desk import Desk
from webmacs_controller.commands.journal import Journal, JournalError
from webmacs_controller.safety.outputs import Outputs
from webmacs_controller.storage import boots, store
from webmacs_controller.storage.boots import Boots
from webmacs_controller.storage.file import File
from webmacs_controller.storage.store import Store
from webmacs_controller.transport import buffer
from webmacs_controller.transport.backlog import Backlog
from webmacs_controller.transport.buffer import Buffer
from webmacs_controller.transport.delays import Delays
from webmacs_controller.transport.in_flight import InFlight
from webmacs_controller.transport.memory import Batch, Memory

from tests.simulation.play import play_of, run
from tests.simulation.world import Failure

RUNS, HOURS = 20, 0.5


def _settled_when_sent(backlog: Backlog, most: int, take: Any) -> Any:
    part = take(backlog, most)
    if part is not None:
        part.chunk.settled += part.size
        backlog._note(part.chunk)
    return part


def _sent_again_later(lane: Memory, batch: Batch, put_back: Any) -> None:
    points = [point._replace(timestamp=point.timestamp.replace(microsecond=0)) for point in batch.points]
    put_back(lane, Batch(points, batch.came))


async def _not_noted(desk: Desk, wanted: Any, _begin: Any) -> None:
    desk._begun.add(wanted.id)


def _never_synced(file: File, transaction: Any, **_: Any) -> Any:
    return transaction(file, durable=False)


def _forgotten(kept: Buffer, _give_back: Any) -> None:
    kept._in_flight.give_up()


def _behind(lane: Memory, batch: Batch, _put_back: Any) -> None:
    lane.put(batch)


def _all_confirmed(under_way: InFlight, _seq: int, confirm: Any) -> Any:
    return confirm(under_way, math.inf)


def _own_offset(starts: Boots, connection: Any, current: Any) -> Any:
    number = current(starts, connection)
    if starts._clock.first_offset is not None:
        connection.execute('update boots set "offset" = ? where number = ?', (starts._clock.first_offset, number))
    return number


def _all_well(journal: Journal, start: Any) -> Any:
    try:
        return start(journal)
    except JournalError:
        return True, []


Mutant = tuple[Any, str, Any]
"""Of what, which attribute, and what it becomes: a function is given the one that it replaces as its last argument."""

MUTANTS: dict[str, Mutant] = {
    "a row is removed before it is acknowledged": (Backlog, "take", _settled_when_sent),
    "what is sent again has another time": (Memory, "put_back", _sent_again_later),
    "what is sent again goes behind what is newer": (Memory, "put_back", _behind),
    "a command is carried out without a note": (Desk, "_begin", _not_noted),
    "the time that a command was on its way is not counted": (Delays, "of", lambda *_: 0.0),
    "commits are not synced": (File, "transaction", _never_synced),
    "what is under way is forgotten with the connection": (Buffer, "give_back", _forgotten),
    "values are written too late": (buffer, "WRITE_AT", 10.0),
    "an acknowledgement counts for all frames": (InFlight, "confirm", _all_confirmed),
    "values of before the clock was set stay in 1970": (store, "corrected", lambda points, *_, **__: points),
    "each process has an offset of its own": (Boots, "current", _own_offset),
    "a clock that was never set may be in the future": (boots, "_likely", lambda *given: given[1].guess),
    "outputs stay as they are without the server": (Outputs, "_patience", lambda *_: math.inf),
    "outputs stay as they are when the controller ends": (Outputs, "owe_all", lambda *_: None),
    "a journal that fails at the start says that all is well": (Journal, "start", _all_well),
    "what a failed write has left stays": (Store, "_used", property(lambda _: False, lambda *_: None)),
}


@contextmanager
def broken(mutant: str) -> Iterator[None]:
    """The controller is, in this way."""
    where, name, change = MUTANTS[mutant]
    before = vars(where).get(name)
    setattr(where, name, _wrapped(change, before) if callable(change) else change)
    try:
        yield
    finally:
        if before is None:
            delattr(where, name)
        else:
            setattr(where, name, before)


def _wrapped(change: Callable[..., Any], before: Any) -> Callable[..., Any]:
    return lambda *given, **named: change(*given, before, **named)


def found(mutant: str) -> str:
    """What the simulator finds, and by which seed; empty if nothing."""
    for seed in range(1, RUNS + 1):
        with ExitStack() as stack:
            stack.enter_context(broken(mutant))
            try:
                run(play_of(seed, HOURS))
            except Failure as failure:
                return f"seed {seed}: {str(failure).splitlines()[0]}"
    return ""


def main() -> int:
    """How many were not found."""
    logging.disable(logging.CRITICAL)
    sys.unraisablehook = lambda _: None
    survivors = 0
    for mutant in sys.argv[1:] or MUTANTS:
        words = found(mutant)
        survivors += not words
        print(f"{mutant}: {words or 'NOT FOUND'}", flush=True)
    return survivors


if __name__ == "__main__":
    sys.exit(main())
