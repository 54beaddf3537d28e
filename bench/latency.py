"""From telemetry to the stream, and to many clients at once."""

from bench.report import Row, middle, runs
from bench.stack import Stack

ROUNDS = 3
SECONDS = 8.0

# name, points a frame, frames a second, clients, goal of the median and of the 99th percentile in milliseconds
SHAPES = [
    ("100 points/s, frames of 1", 1, 100.0, 1, 3.0, 6.0),
    ("1 000 points/s, frames of 1", 1, 1000.0, 1, 4.0, 10.0),
    ("1 000 points/s, frames of 10", 10, 100.0, 1, 4.0, 10.0),
    ("80 messages/s of 5 points to 100 clients", 5, 80.0, 100, None, 100.0),
]


def measure(stack: Stack) -> list[Row]:
    """The rows of this group."""
    stack.restart("sidecar")
    return [_shape(stack, *shape) for shape in SHAPES]


def _shape(
    stack: Stack, name: str, size: int, rate: float, clients: int, p50_goal: float | None, p99_goal: float
) -> Row:
    found = [
        stack.load(
            "latency",
            **stack.telemetry,
            viewer=stack.seed.viewer_token,
            events=stack.seed.events[:100],
            size=size,
            rate=rate,
            clients=clients,
            seconds=SECONDS,
        )
        for _ in range(ROUNDS)
    ]
    delivered = min(run["delivered"] for run in found)
    medians, worst = ([run[key] for run in found] for key in ("p50", "p99"))
    met = delivered == 1 and middle(worst) <= p99_goal and (p50_goal is None or middle(medians) <= p50_goal)
    goal = f"all, {p99_goal:g} ms" if p50_goal is None else f"all, {p50_goal:g} / {p99_goal:g} ms"
    text = f"{delivered:.1%}; median {runs(medians, 1)} ms, 99th percentile {runs(worst, 1)} ms"
    return Row(f"telemetry to stream, {name}", goal, text, met)
