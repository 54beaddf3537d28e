"""Four clients that log in without pause, and what the others notice of it."""

import subprocess
from typing import Any

from bench.report import Row, middle, runs
from bench.seed import PASSWORD
from bench.stack import Stack, finish

ROUNDS = 3
SECONDS = 6.0
CLIENTS = 4
MOST = 2.0
PUBLIC = 3.4
"""Logins a second of the public WebMACS, on such a machine (shared/spec/webmacs.md)."""


def measure(stack: Stack) -> list[Row]:
    """Alternately without and with the logins."""
    stack.restart("sidecar")
    alone = [finish(_begin_logins(stack))["rate"] for _ in range(ROUNDS)]
    calm, busy, logins = [], [], []
    for _ in range(ROUNDS):
        calm.append(_others(stack))
        process = _begin_logins(stack)
        busy.append(_others(stack))
        logins.append(finish(process))
    rate = Row(
        f"{CLIENTS} clients log in meanwhile, without pause: logins/s", "", runs([run["rate"] for run in logins], 1)
    )
    return [
        Row(
            f"{CLIENTS} clients log in without pause, and nothing else: logins/s",
            "more than 3.4",
            runs(alone, 1),
            middle(alone) > PUBLIC,
        ),
        _row("a trivial request", 0, calm, busy),
        _row("acks at 1 000 points/s", 1, calm, busy),
        rate,
    ]


def _row(name: str, place: int, calm: list[tuple[float, float]], busy: list[tuple[float, float]]) -> Row:
    before, after = [pair[place] for pair in calm], [pair[place] for pair in busy]
    factor = middle(after) / middle(before)
    return Row(
        f"{CLIENTS} clients log in: 99th percentile of {name}",
        "at most doubled",
        f"{factor:.1f} times; {runs(before, 1)} ms without, {runs(after, 1)} ms with",
        factor <= MOST,
    )


def _begin_logins(stack: Stack) -> subprocess.Popen[str]:
    return stack.begin_load(
        "logins", port=stack.config.server.port, password=PASSWORD, clients=CLIENTS, seconds=SECONDS + 1
    )


def _others(stack: Stack) -> tuple[float, float]:
    """99th percentiles of a trivial request and of acknowledgements, both measured at once."""
    common: dict[str, Any] = {"port": stack.config.server.port, "seconds": SECONDS - 1}
    asking = stack.begin_load(
        "requests", **common, token=stack.seed.viewer_token, path="/.well-known/jwks.json", clients=1
    )
    token, events = stack.seed.controller_token, stack.seed.events[:10]
    sending = stack.begin_load("paced", **common, token=token, events=events, size=10, rate=100)
    return float(finish(asking)["p99"]), float(finish(sending)["p99"])
