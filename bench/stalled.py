"""One stream client that stops reading: what it costs ingest and the others."""

from bench.ingest import flood
from bench.report import Row, middle, runs
from bench.stack import Stack, finish

ROUNDS = 3
SECONDS = 10.0
NOTICEABLE = 0.9


def measure(stack: Stack) -> list[Row]:
    """Alternately with and without it."""
    stack.restart("sidecar")
    pairs = [(_round(stack, stalled=False), _round(stack, stalled=True)) for _ in range(ROUNDS)]
    share = middle([with_it[0] / without[0] for without, with_it in pairs])
    text = (
        f"{share:.2f} of the points/s; {runs([p[0][0] for p in pairs])} without, {runs([p[1][0] for p in pairs])} with"
    )
    gaps = f"longest gap {runs([p[0][1] for p in pairs])} ms without, {runs([p[1][1] for p in pairs])} ms with"
    calm = middle([p[1][1] for p in pairs]) < 1000
    return [
        Row("one stalled stream client: effect on ingest, frames of 100", "none", text, share >= NOTICEABLE),
        Row("one stalled stream client: effect on another client", "none", gaps, calm),
    ]


def _round(stack: Stack, stalled: bool) -> tuple[float, float]:
    """Points a second, and the longest gap of a client that reads."""
    watching = stack.begin_load(
        "subscriber",
        port=stack.config.server.port,
        viewer=stack.seed.viewer_token,
        stalled=stalled,
        seconds=SECONDS,
    )
    rate = flood(stack, 100, 1, 10, SECONDS - 3)
    return rate, float(finish(watching)["longest_ms"])
