"""Several connections send points of the same events, repeated and out of order, while the clock ticks.

Who comes first is chance, and so is what fires; but what happens must be possible.
"""

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Barrier, Event

from tests.db.ingest import Ingest, at
from tests.rules.doors import Sent, send_points
from tests.rules.outcome import Outcome, told_by_database
from tests.rules.planting import WEBHOOK_TYPE, plant, plant_webhook
from tests.rules.reference import Point, Rule
from tests.support.sql import Sql

EVENTS, POINTS, BATCH, SENDERS, CLOCKS = 6, 120, 20, 3, 2
RULES = (
    Rule(),
    Rule(deadband=2.0, on_delay_seconds=0.1, off_delay_seconds=3.0, cooldown_seconds=20.0),
    Rule("rate", "lt", 0.0, window_seconds=5.0, cooldown_seconds=5.0),
    Rule("no_data", None, None, timeout_seconds=0.1, off_delay_seconds=1.0),
)


def test_many_senders_and_clocks(sql: Sql) -> None:
    plant_webhook(sql.superuser)
    rules = [rule for _ in range(EVENTS) for rule in RULES]
    planted = plant(sql.superuser, rules, len(RULES))
    sent = [sent for first in planted[:: len(RULES)] for sent in first.sent(_points(first.event_id))]
    begin, done = Barrier(SENDERS + CLOCKS), Event()

    def send(number: int) -> None:
        ingest = Ingest(sql.as_login("webmacs_sidecar"))
        batches = _batches(sent, number)
        begin.wait()
        for batch in batches:
            send_points(ingest, batch)

    def tick(_: int) -> int:
        connection, ticks = sql.as_login("webmacs_sidecar"), 0
        begin.wait()
        while not done.is_set():
            ticks += connection.execute("select private.tick()").fetchone() == (True,)
        return ticks

    with ThreadPoolExecutor(SENDERS + CLOCKS) as pool:
        clocks = [pool.submit(tick, number) for number in range(CLOCKS)]
        senders = [pool.submit(send, number) for number in range(SENDERS)]
        try:
            for sender in senders:
                sender.result()
        finally:
            done.set()
        assert sum(clock.result() for clock in clocks) > 0

    told = told_by_database(sql.superuser, planted)
    for rule, outcome in zip(rules, told, strict=True):
        _check(rule, outcome)
    assert sum(len(outcome.journal) for outcome in told) > EVENTS * len(RULES)
    assert (
        sql.superuser.execute("select rule_id, failure from private.rule_states where failure <> ''").fetchall() == []
    )


def _points(seed: int) -> list[Point]:
    chance = random.Random(seed)
    return [
        Point(at(second), chance.choice([5.0, 9.0, 12.5]), chance.choice([192, 192, 0])) for second in range(POINTS)
    ]


def _batches(sent: Sequence[Sent], seed: int) -> list[Sequence[Sent]]:
    """All points, roughly in the order of time, as each sender sees it."""
    chance = random.Random(seed)
    mixed = sorted(sent, key=lambda each: each.point.ts.timestamp() + chance.uniform(0, 10))
    return [mixed[start : start + BATCH] for start in range(0, len(mixed), BATCH)]


def _check(rule: Rule, outcome: Outcome) -> None:
    """Fired and cleared take turns, forward in time, with the cooldown between; the webhook was told of each."""
    steps = [step for step, *_ in outcome.journal]
    times = [step[1] for step in outcome.journal]
    fired = times[::2]
    assert steps == ["raised", "returned"] * (len(steps) // 2) + ["raised"] * (len(steps) % 2)
    assert times == sorted(times)
    assert all((later - earlier).total_seconds() >= rule.cooldown_seconds for earlier, later in pairwise(fired))
    assert [at for at, *_ in outcome.deliveries.get(WEBHOOK_TYPE, [])] == fired
    assert len(outcome.log) == len(fired)
    state = outcome.state
    assert (state[4], state[5]) == (len(steps) % 2 == 1, fired[-1] if fired else None)
