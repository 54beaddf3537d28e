"""Who gets which deliveries: leases, fairness between webhooks, and several sidecars at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from tests.db.hooks import Claimed, Hooks
from tests.support.sql import Sql

LEASE_IS_OVER = "update private.webhook_deliveries set due_at = now() - interval '1 second' where state = 'sending'"


def test_what_is_claimed_can_be_sent(hooks: Hooks) -> None:
    hook = hooks.add(url="https://a.example.org/in")
    (number,) = hooks.queue(hook)
    (claimed,) = hooks.claim()
    shown = hooks.delivery(number)
    assert (claimed.id, claimed.webhook_id, claimed.url) == (number, hook, "https://a.example.org/in")
    assert (claimed.message_id, claimed.body) == (shown["message_id"], shown["body"])
    assert (claimed.attempt, shown["attempts"], shown["state"]) == (1, 1, "sending")


def test_a_lease_is_for_one(hooks: Hooks) -> None:
    hooks.queue(hooks.add())
    assert len(hooks.claim(lease_seconds=30)) == 1
    assert hooks.claim() == []


def test_what_was_not_finished_is_due_again_when_its_lease_ends(hooks: Hooks) -> None:
    hooks.queue(hooks.add())
    (lost,) = hooks.claim(lease_seconds=30)
    assert 0 < (hooks.seconds_to_next() or 0) <= 30
    hooks.superuser.execute(LEASE_IS_OVER)
    (again,) = hooks.claim()
    assert (again.id, again.message_id, again.body) == (lost.id, lost.message_id, lost.body)
    assert again.attempt == 2


def test_not_more_than_asked_for(hooks: Hooks) -> None:
    for _ in range(3):
        hooks.queue(hooks.add(), 5)
    assert len(hooks.claim(most=7)) == 7


def test_the_oldest_first(hooks: Hooks) -> None:
    numbers = hooks.queue(hooks.add(), 5)
    assert [one.id for one in hooks.claim(most=2)] == numbers[:2]
    assert [one.id for one in hooks.claim(most=2)] == numbers[2:4]


def test_webhooks_take_turns(hooks: Hooks) -> None:
    crowded, quiet = hooks.add(), hooks.add()
    hooks.queue(crowded, 100)
    hooks.queue(quiet, 2)
    assert sorted(one.webhook_id for one in hooks.claim(most=4)) == [crowded, crowded, quiet, quiet]


def test_a_webhook_has_eight_on_their_way_at_most(hooks: Hooks) -> None:
    hook = hooks.add()
    hooks.queue(hook, 20)
    first = hooks.claim(most=6) + hooks.claim(most=6)
    assert len(first) == 8
    assert hooks.claim() == []
    hooks.finish(first[:3], status=200)
    assert len(hooks.claim()) == 3


def test_who_has_no_room_is_asked_again_when_a_lease_ends(hooks: Hooks) -> None:
    hooks.queue(hooks.add(), 20)
    hooks.claim(lease_seconds=60)
    assert 30 < (hooks.seconds_to_next() or 0) <= 60


def test_a_webhook_that_failed_last_gets_one_at_a_time(hooks: Hooks) -> None:
    hook = hooks.add()
    hooks.queue(hook, 20)
    hooks.finish(hooks.claim(most=1))
    (single,) = hooks.claim()
    assert hooks.claim() == []
    hooks.finish([single], status=200)
    assert len(hooks.claim()) == 8


def test_nothing_is_due(hooks: Hooks) -> None:
    hooks.add()
    assert hooks.claim() == []
    assert hooks.seconds_to_next() is None


def test_something_is_due_now(hooks: Hooks) -> None:
    hooks.queue(hooks.add())
    assert hooks.seconds_to_next() == 0


def test_sidecars_at_once_never_share_a_delivery(hooks: Hooks, sql: Sql) -> None:
    for _ in range(10):
        hooks.queue(hooks.add(), 8)
    connections = [sql.as_login("webmacs_sidecar") for _ in range(4)]
    start = Barrier(4)

    def drain(place: int) -> list[Claimed]:
        start.wait()
        return [one for _ in range(10) for one in hooks.claim(most=5, connection=connections[place])]

    with ThreadPoolExecutor(4) as threads:
        claimed = [one.id for taken in threads.map(drain, range(4)) for one in taken]
    assert len(claimed) == len(set(claimed)) == 80


def test_sidecars_at_once_keep_to_the_limit_together(hooks: Hooks, sql: Sql) -> None:
    hooks.queue(hooks.add(), 100)
    connections = [sql.as_login("webmacs_sidecar") for _ in range(4)]
    start = Barrier(4)

    def grab(place: int) -> int:
        start.wait()
        return len(hooks.claim(connection=connections[place]))

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(grab, range(4))) == 8


def test_a_delivery_that_is_locked_is_passed_over(hooks: Hooks) -> None:
    first, second = hooks.queue(hooks.add(), 2)
    with hooks.superuser.transaction():
        hooks.superuser.execute("select from private.webhook_deliveries where id = %s for update", (first,))
        assert [one.id for one in hooks.claim()] == [second]
    assert [one.id for one in hooks.claim()] == [first]
