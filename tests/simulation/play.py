"""One run from a seed: faults for so many hours, then peace until all has arrived, and the count."""

import gc
import hashlib
import random
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from webmacs_controller.settings import BufferSettings

from tests.simulation.faults import Faults
from tests.simulation.simulation import Simulation
from tests.simulation.world import BEGIN, Failure

HOUR = 3600.0
PEACE_SECONDS = 4 * HOUR
"""Within that time all has arrived: a controller that was told to wait tries again, a backlog is drained."""

IN_MEMORY = Path("/dev/shm")  # noqa: S108


@dataclass(frozen=True)
class Play:
    """`interval`: seconds between two faults on average; `longest`: how long the server is away at most."""

    seed: int
    hours: float
    interval: float
    longest: float
    buffer: BufferSettings


def play_of(seed: int, hours: float) -> Play:
    """Long runs have rarer and longer faults; some seeds have a small buffer."""
    chance = random.Random(f"play {seed}")
    interval = min(400.0, max(40.0, hours * HOUR / 100)) * chance.uniform(0.5, 2)
    small = chance.random() < 0.3
    buffer = BufferSettings(megabytes=1, days=chance.choice((hours / 24 / 50, 30.0))) if small else BufferSettings()
    return Play(seed, hours, interval, min(8 * HOUR, hours * HOUR / 6), buffer)


@dataclass(frozen=True)
class Outcome:
    """What came of a run that found nothing wrong. `digest` is the same for the same seed."""

    summary: str
    digest: str


def run(play: Play, progress: Callable[[Simulation], None] = lambda _: None) -> Outcome:
    """Raises Failure."""
    with _folder() as folder, _quiet(play.seed):
        return _run(play, folder, progress)


def _run(play: Play, folder: Path, progress: Callable[[Simulation], None]) -> Outcome:
    simulation = Simulation(play.seed, folder, play.buffer)
    faults = Faults(simulation, play.interval, play.longest)
    with simulation.machine.disk.installed():
        simulation.sidecar.start()
        simulation.start()
        faults.begin()
        for hour in range(1, int(play.hours) + 1):
            simulation.world.run(BEGIN + hour * HOUR)
            progress(simulation)
        simulation.world.run(BEGIN + play.hours * HOUR)
        faults.end()
        _make_peace(simulation)
        _check(simulation, play)
        return _outcome(simulation, faults)


def _make_peace(simulation: Simulation) -> None:
    world = simulation.world
    world.run(world.now + 120)  # whatever was on its way to a crash or a restart
    simulation.start()
    end = world.now + PEACE_SECONDS
    if not world.run(end, lambda: simulation.is_drained):
        waiting = len(simulation.life.buffer) if simulation.life else "no controller;"
        raise Failure(f"{waiting} values still wait {PEACE_SECONDS / HOUR:g} hours after the last fault")
    world.run(world.now + 200)  # for the commands' answers
    simulation.stop()
    if not world.run(world.now + 60, lambda: simulation.life is None):
        raise Failure("the controller does not stop")


def _check(simulation: Simulation, play: Play) -> None:
    missing = simulation.ledger.missing()
    if len(missing) > simulation.dropped:
        source, reading, put = min(missing, key=lambda item: item[2].at)
        raise Failure(
            f"{len(missing)} values are missing, {simulation.dropped} were dropped; the first is {'/'.join(source)} "
            f"reading {reading // 2} of {put.at - BEGIN:.3f} s, of process {put.life}"
        )
    if simulation.dropped and play.buffer == BufferSettings() and not simulation.memory_dropped:
        raise Failure(f"{simulation.dropped} values were dropped, without need")
    simulation.orders.check()
    if simulation.world.failures:
        raise Failure(simulation.world.failures[0])


def _outcome(simulation: Simulation, faults: Faults) -> Outcome:
    ledger = simulation.ledger
    summary = (
        f"{ledger.stored} of {ledger.measured} values stored, {ledger.repeated} came again, {ledger.lost} lost in "
        f"crashes, {simulation.dropped} dropped, {ledger.corrected} with a time that was corrected; "
        f"{simulation.lives} processes; commands {simulation.orders.counts()}; "
        f"{simulation.safety.checks} looks at outputs that had to be safe; faults {sum(faults.counts.values())}"
    )
    digest = hashlib.sha256(f"{summary} {simulation.world.steps}".encode())
    for source, points in simulation.database.points.items():
        for time, content in points.items():
            digest.update(f"{source} {time} {content}".encode())
    return Outcome(summary, digest.hexdigest()[:16])


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="simulation-", dir=IN_MEMORY if IN_MEMORY.is_dir() else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def _quiet(seed: int) -> Iterator[None]:
    """Waits that are drawn by chance follow the seed, and what is left of dead processes is swept up unheard."""
    state, hook = random.getstate(), sys.unraisablehook
    random.seed(seed)
    sys.unraisablehook = lambda _: None
    try:
        yield
    finally:
        with warnings.catch_warnings(action="ignore"):
            gc.collect()
        random.setstate(state)
        sys.unraisablehook = hook
