"""`make soak`: SOAK_HOURS hours (72) from SOAK_SEED (by chance); `SOAK_SEED=…` replays what has failed."""

import logging
import os
import secrets
import sys
import time

from tests.simulation.play import play_of, run
from tests.simulation.simulation import Simulation
from tests.simulation.world import BEGIN, Failure


def main() -> int:
    """0 if all was well."""
    logging.getLogger("webmacs_controller").setLevel(os.environ.get("SOAK_LOG", "CRITICAL"))
    logging.basicConfig(format="%(message)s")
    sys.unraisablehook = lambda _: None  # what is left of dead processes is swept up unheard
    seed = int(os.environ.get("SOAK_SEED") or secrets.randbelow(1_000_000))
    hours = float(os.environ.get("SOAK_HOURS") or 72)
    play, began = play_of(seed, hours), time.monotonic()
    print(f"seed {seed}: {hours:g} hours, a fault every {play.interval:.0f} s, {play.buffer}", flush=True)

    def progress(simulation: Simulation) -> None:
        ledger, took = simulation.ledger, time.monotonic() - began
        print(
            f"{(simulation.world.now - BEGIN) / 3600:5.0f} h in {took:5.0f} s: {ledger.stored} values stored, "
            f"{simulation.lives} processes, {simulation.orders.given} commands",
            flush=True,
        )

    try:
        outcome = run(play, progress)
    except Failure as failure:
        print(f"{failure}\nSOAK_SEED={seed} SOAK_HOURS={hours:g} make soak", file=sys.stderr)
        return 1
    took = time.monotonic() - began
    print(f"{outcome.summary}\n{hours:g} hours in {took:.0f} s, {outcome.digest}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
