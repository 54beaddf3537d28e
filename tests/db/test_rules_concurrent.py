"""Values arrive while rules are changed, deleted and made anew, and while others write the same events."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tests.db.ingest import Ingest, Point, at
from tests.db.rules import Rules
from tests.support.sql import Sql

BATCHES = 150
ACTIONS = [{"kind": "alarm"}, {"kind": "log"}]


def together(*jobs: Callable[[], None]) -> None:
    """Run all at once; raises what any of them raised."""
    with ThreadPoolExecutor(len(jobs)) as pool:
        for done in [pool.submit(job) for job in jobs]:
            done.result()


def test_rules_change_and_go_while_values_arrive(sql: Sql) -> None:
    rules = Rules(sql)
    events = [rules.event() for _ in range(3)]
    saved = [rules.save(event, actions=ACTIONS) for event in events for _ in range(3)]
    changes, clock = sql.as_login("postgres"), sql.as_login("webmacs_sidecar")

    def arrive(first: int) -> Callable[[], None]:
        ingest = Ingest(sql.as_login("webmacs_sidecar"))
        order = events[first:] + events[:first]

        def run() -> None:
            for batch in range(BATCHES):
                ingest(*[Point(event, 50.0 * (batch % 2), at(2 * batch + first)) for event in order])

        return run

    def change() -> None:
        for turn in range(BATCHES):
            rule = saved[turn % len(saved)]
            changes.execute("update private.rules set threshold = threshold + 1 where id = %s", (rule,))
            if turn % 10 == 9:
                changes.execute("delete from private.rules where id = %s", (rule,))

    def tick() -> None:
        for _ in range(BATCHES):
            clock.execute("select private.tick()")

    together(arrive(0), arrive(1), change, tick)
    (stored,) = sql.superuser.execute("select count(*) from private.datapoints").fetchone() or (0,)
    assert stored == 2 * BATCHES * len(events)
    failures = sql.superuser.execute("select failure from private.rule_states where failure is not null").fetchall()
    assert failures == []
