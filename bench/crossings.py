"""From the frame that crosses a threshold to the alarm on the stream, and to the call of a webhook."""

from bench.report import Row, middle, runs
from bench.stack import Stack, free_port

ROUNDS = 3
FRAMES_A_SECOND = 100.0
SECONDS = 10.0
# Milliseconds, of the median.
GOALS = {"alarms": 15.0, "calls": 40.0}
NAMES = {"alarms": "the alarm on the stream", "calls": "the webhook's arrival"}

MAKE_RULE = """
    with rule as (
        insert into private.rules (name, event_id, operator, threshold, cooldown_seconds)
        values ('crossings', %s, 'gt', 500, 0)
        returning id
    )
    insert into private.rule_actions (rule_id, kind, webhook_type)
    select id, kind, case kind when 'webhook' then 'sensor.threshold_exceeded' end
    from rule cross join unnest('{alarm,webhook}'::text[]) kind
"""
MAKE_WEBHOOK = "insert into api.webhooks (name, url, types) values ('crossings', %s, '{sensor.threshold_exceeded}')"


def measure(stack: Stack) -> list[Row]:
    """The rows of this group."""
    stack.restart("sidecar")
    port = free_port()
    event, *others = stack.seed.events[:101]
    with stack.superuser() as connection:
        connection.execute(MAKE_RULE, [stack.seed.event_ids[0]])
        connection.execute(MAKE_WEBHOOK, [f"http://127.0.0.1:{port}/"])
    found = [
        stack.load(
            "crossings",
            **stack.telemetry,
            viewer=stack.seed.viewer_token,
            event=event,
            others=others,
            rate=FRAMES_A_SECOND,
            seconds=SECONDS,
            receiver_port=port,
        )
        for _ in range(ROUNDS)
    ]
    with stack.superuser() as connection:
        connection.execute("delete from private.rules")
        connection.execute("delete from private.webhooks")
    return [_row(found, what) for what in GOALS]


def _row(found: list[dict[str, dict[str, float]]], what: str) -> Row:
    medians, slow = ([run[what][key] for run in found] for key in ("p50", "p95"))
    share = min(run[what]["share"] for run in found)
    return Row(
        f"from the frame that crosses a threshold to {NAMES[what]}, 1 000 points/s",
        f"all, median {GOALS[what]:g} ms",
        f"{share:.1%}; median {runs(medians, 1)} ms, 95th percentile {runs(slow, 1)} ms",
        share == 1 and middle(medians) <= GOALS[what],
    )
