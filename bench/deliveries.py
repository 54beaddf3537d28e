"""Ten thousand deliveries to a hundred webhooks, some of whose targets take the call and never answer."""

from bench.report import Row
from bench.stack import Stack, finish, free_port

WEBHOOKS, DEAD, EACH = 100, 5, 100
SECONDS_GOAL = 60.0
PATIENCE = 180.0

MAKE_WEBHOOKS = """
    insert into api.webhooks (name, url, types)
    select 'target ' || n, format('http://127.0.0.1:%%s/%%s', case when n <= %s then %s::int else %s::int end, n),
           '{sensor.*}'
    from generate_series(1, %s) n
"""
EMIT = """
    select private.emit(array_agg('sensor.threshold_exceeded'::text), array_agg(null::int), array_agg(null::text),
                        array_agg(now()), array_agg(jsonb_build_object('n', n)))
    from generate_series(1, %s) n
"""


def measure(stack: Stack) -> list[Row]:
    """One row."""
    stack.restart("sidecar")
    port, dead_port = free_port(), free_port()
    expected = (WEBHOOKS - DEAD) * EACH
    targets = stack.begin_load("targets", port=port, dead_port=dead_port, expected=expected, seconds=PATIENCE)
    assert targets.stdout
    assert targets.stdout.readline() == "ready\n"
    with stack.superuser() as connection:
        connection.execute(MAKE_WEBHOOKS, [DEAD, dead_port, port, WEBHOOKS])
        connection.execute(EMIT, [EACH])
        found = finish(targets)
        lost = connection.execute("select %s - count(*) from private.webhook_deliveries", [WEBHOOKS * EACH]).fetchone()
        connection.execute("delete from private.webhooks")
    assert lost
    return [
        Row(
            f"{WEBHOOKS * EACH:,} deliveries to {WEBHOOKS} webhooks, {DEAD} of them dead: until all others arrived",
            f"{SECONDS_GOAL:g} s, none lost",
            f"{found['seconds']:.1f} s, {found['messages']:,} of {expected:,} arrived; {lost[0]} lost",
            found["messages"] == expected and found["seconds"] <= SECONDS_GOAL and lost[0] == 0,
        )
    ]
