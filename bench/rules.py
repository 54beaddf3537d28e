"""What rules cost: ingest with none, with some and with many of them, in turn, so that all see the same machine."""

from bench.ingest import flood
from bench.report import Row, middle, runs
from bench.stack import Stack, finish, free_port

ROUNDS = 3
SECONDS = 3.0
SIZE, EVENTS = 1000, 100
# Events for which no other group sends newer points: late ones wake no rule.
FIRST = 300
COUNTS = (0, 100, 1000)
SHARE_GOAL = 0.6
# A wave of the values in so many seconds of the clock: 1 000 rules fire some ten times a second.
PERIOD = 100.0
# Nothing fires twice in a minute, but every signal begins and ends in every frame, as no plant's do.
WORST_PERIOD, WORST_COOLDOWN = None, 60

MAKE_RULES = """
    with rule as (
        insert into private.rules (name, event_id, operator, threshold, deadband, cooldown_seconds)
        select 'bench ' || n, (%s::int[])[1 + n %% cardinality(%s::int[])], case n %% 2 when 0 then 'gt' else 'lt' end,
               30 + n * 7 %% 60, 1, %s
        from generate_series(0, %s - 1) n
        returning id
    )
    insert into private.rule_actions (rule_id, kind, webhook_type)
    select id, kind, case kind when 'webhook' then 'sensor.threshold_exceeded' end
    from rule cross join unnest('{alarm,webhook}'::text[]) kind
"""
MAKE_WEBHOOKS = """
    insert into api.webhooks (name, url, types)
    select 'bench ' || n, format('http://127.0.0.1:%%s/%%s', %s::int, n), '{sensor.threshold_exceeded}'
    from generate_series(1, 10) n
"""


def measure(stack: Stack) -> list[Row]:
    """The rows of this group."""
    stack.restart("sidecar")
    port = free_port()
    sink = stack.begin_load("sink", port=port, seconds=(ROUNDS * len(COUNTS) + 2) * (SECONDS + 3))
    with stack.superuser() as connection:
        connection.execute(MAKE_WEBHOOKS, [port])
    rounds = [[_rate(stack, count, PERIOD) for count in COUNTS] for _ in range(ROUNDS)]
    worst = [_rate(stack, count, WORST_PERIOD, WORST_COOLDOWN) for count in (0, 1000)]
    with stack.superuser() as connection:
        connection.execute("delete from private.rules")
        connection.execute("delete from private.webhooks")
    calls = finish(sink)["calls"]
    return [
        *(_row(rounds, place) for place in range(len(COUNTS))),
        Row("the same, every rule's signal turns in every frame: share with 1,000", "", f"{worst[1] / worst[0]:.2f}"),
        Row("calls of 10 webhooks meanwhile", "", f"{calls:,}"),
    ]


def _rate(stack: Stack, count: int, period: float | None, cooldown: float = 0) -> float:
    ids = stack.seed.event_ids[FIRST : FIRST + EVENTS]
    with stack.superuser() as connection:
        connection.execute("delete from private.rules")
        connection.execute(MAKE_RULES, [ids, ids, cooldown, count])
    return flood(stack, SIZE, 1, EVENTS, SECONDS, period, FIRST)


def _row(rounds: list[list[float]], place: int) -> Row:
    rates = [each[place] for each in rounds]
    share = middle([each[place] / each[0] for each in rounds])
    judged = COUNTS[place] == 1000
    return Row(
        f"points/s, frames of {SIZE}, {EVENTS} events, {COUNTS[place]:,} rules, 10 webhooks",
        f"{SHARE_GOAL} of the rate with none" if judged else "",
        runs(rates) + (f"; {share:.2f} of the rate with none" if place else ""),
        share >= SHARE_GOAL if judged else None,
    )
