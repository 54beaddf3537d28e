"""Hours of faults from a few seeds: `make soak` plays days, and its seeds can be played here."""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulation.play import play_of, run
from tests.simulation.world import Failure

SEEDS = range(1, 5)
HOURS = 0.5


@pytest.fixture(autouse=True)
def nothing_is_logged() -> Iterator[None]:
    """What is logged is kept until the test ends, and with it parts of processes that are dead."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_value_is_lost_and_no_command_carried_out_twice(seed: int) -> None:
    try:
        run(play_of(seed, HOURS))
    except Failure as failure:
        pytest.fail(f"{failure}\nSOAK_SEED={seed} SOAK_HOURS={HOURS} make soak", pytrace=False)


def test_a_seed_replays_what_happened() -> None:
    """In another process, where hashes are others."""
    here = run(play_of(6, 0.1)).digest
    environment = {**os.environ, "SOAK_SEED": "6", "SOAK_HOURS": "0.1", "PYTHONHASHSEED": "7"}
    there = subprocess.run(
        [sys.executable, "-m", "tests.simulation"],
        cwd=Path(__file__).parents[2],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert there.stdout.split()[-1] == here
