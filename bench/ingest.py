"""Points a second over the telemetry socket, beside psycopg alone in the same run."""

from typing import Any

from bench.report import Row, middle, runs
from bench.stack import Stack

ROUNDS = 3
SECONDS = 3.0
IN_FLIGHT = 40
SHARE_GOAL = 0.7

# size of a frame, connections, events, points a second to reach
GOALS = [
    (1, 1, 10, 12_000),
    (10, 1, 10, 45_000),
    (100, 1, 10, 65_000),
    (500, 1, 10, 65_000),
    (500, 1, 500, 60_000),
    (100, 8, 10, 65_000),
]
BESIDE_PSYCOPG = [(size, connections) for size in (1, 100, 1000) for connections in (1, 8)]


def measure(stack: Stack) -> list[Row]:
    """The rows of this group."""
    stack.restart("sidecar")
    return [_goal(stack, *goal) for goal in GOALS] + [_beside(stack, *shape) for shape in BESIDE_PSYCOPG]


def _goal(stack: Stack, size: int, connections: int, events: int, goal: int) -> Row:
    rates = [flood(stack, size, connections, events) for _ in range(ROUNDS)]
    name = f"points/s, frames of {size}, {connections} connection{'s' * (connections > 1)}, {events} events"
    return Row(name, f"{goal:,}", runs(rates), middle(rates) >= goal)


def _beside(stack: Stack, size: int, connections: int) -> Row:
    """Alternately, so that both see the same machine."""
    pairs = [(flood(stack, size, connections, 10), _bare(stack, size)) for _ in range(ROUNDS)]
    ours, alone = ([pair[place] for pair in pairs] for place in (0, 1))
    share = middle([mine / theirs for mine, theirs in pairs])
    judged = (size, connections) == (1000, 1)
    return Row(
        f"frames of {size}, {connections} connection{'s' * (connections > 1)}: share of psycopg alone",
        str(SHARE_GOAL) if judged else "",
        f"{share:.2f}; {runs(ours)} against {runs(alone)} points/s",
        share >= SHARE_GOAL if judged else None,
    )


def flood(
    stack: Stack,
    size: int,
    connections: int,
    events: int,
    seconds: float = SECONDS,
    period: float | None = None,
    first: int = 0,
) -> float:
    """Points a second that are acknowledged, IN_FLIGHT frames on each connection, for events from the `first` on."""
    found = stack.load(
        "flood",
        **stack.telemetry,
        events=stack.seed.events[first : first + events],
        size=size,
        connections=connections,
        in_flight=IN_FLIGHT,
        seconds=seconds,
        period=period,
    )
    assert found["refused"] == 0, found
    return float(found["rate"])


def _bare(stack: Stack, size: int) -> float:
    arguments: dict[str, Any] = {"uri": stack.config.database.uri, "source": stack.seed.controller_credential}
    found = stack.load("bare", **arguments, event_ids=stack.seed.event_ids[:10], size=size, seconds=SECONDS)
    return float(found["rate"])
