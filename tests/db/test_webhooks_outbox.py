"""The outbox by hand: sent again, tried out, and tidied up."""

import psycopg
import pytest

from tests.db.hooks import Hooks

STRANGER = 2_000_000_000


def _redeliver(hooks: Hooks, number: int) -> None:
    hooks.admin.execute("select api.redeliver(%s)", (number,))


def _test(hooks: Hooks, hook: int | None) -> int:
    return hooks.number(hooks.admin, "select api.test_webhook(%s)", hook)


@pytest.mark.parametrize("status", [200, 500, 410])
def test_whatever_became_of_it_is_sent_again(status: int, hooks: Hooks) -> None:
    hook = hooks.add()
    (number,) = hooks.queue(hook)
    before = hooks.attempt(number, status=status)
    hooks.change(hook, enabled=True)
    _redeliver(hooks, number)
    queued = hooks.delivery(number)
    assert (queued["state"], queued["response_status"], queued["delivered_at"]) == ("queued", None, None)
    (claimed,) = hooks.claim()
    assert (claimed.message_id, claimed.body, claimed.attempt) == (before["message_id"], before["body"], 2)


def test_a_dead_one_has_all_its_attempts_again(hooks: Hooks) -> None:
    (number,) = hooks.queue(hooks.add())
    for _ in range(7):
        hooks.attempt(number)
    _redeliver(hooks, number)
    for _ in range(6):
        assert hooks.attempt(number)["state"] == "failed"
    assert hooks.attempt(number)["state"] == "dead"


def test_it_goes_before_all_others_and_through_an_open_breaker(hooks: Hooks) -> None:
    hook = hooks.add()
    *_, last = hooks.queue(hook, 5)
    hooks.open_breaker(hook)
    assert hooks.claim() == []
    _redeliver(hooks, last)
    assert hooks.seconds_to_next() == 0
    assert [one.id for one in hooks.claim()] == [last]


def test_what_is_being_sent_is_not_sent_again(hooks: Hooks) -> None:
    (number,) = hooks.queue(hooks.add())
    hooks.claim()
    with pytest.raises(psycopg.DatabaseError, match=f"Delivery {number} is being sent"):
        _redeliver(hooks, number)


def test_there_is_nothing_to_send_again(hooks: Hooks) -> None:
    with pytest.raises(psycopg.DatabaseError, match=f"There is no delivery {STRANGER}"):
        _redeliver(hooks, STRANGER)


def test_the_answer_to_a_test_is_shown(hooks: Hooks) -> None:
    hook = hooks.add(["alarm.*"], name="my hook")
    number = _test(hooks, hook)
    assert hooks.bodies()[0]["data"] == {"webhook": "my hook", "message": "This is a test."}
    shown = hooks.attempt(number, status=418, response="short and stout")
    assert (shown["type"], shown["response_status"], shown["response"]) == ("test", 418, "short and stout")


def test_a_test_waits_for_nothing(hooks: Hooks) -> None:
    hook = hooks.add()
    hooks.queue(hook, 10)
    hooks.open_breaker(hook)
    number = _test(hooks, hook)
    assert [one.id for one in hooks.claim()] == [number]


def test_a_test_uses_the_template(hooks: Hooks) -> None:
    hooks.attempt(_test(hooks, hooks.add(template='{"text": "{type}: {message}"}')))
    assert hooks.bodies() == [{"text": "test: This is a test."}]


def test_a_disabled_webhook_is_not_tried_out(hooks: Hooks) -> None:
    hook = hooks.add(name="asleep", enabled=False)
    with pytest.raises(psycopg.DatabaseError, match="Webhook asleep is disabled"):
        _test(hooks, hook)


@pytest.mark.parametrize("hook", [STRANGER, None])
def test_there_is_nothing_to_try_out(hook: int | None, hooks: Hooks) -> None:
    with pytest.raises(psycopg.DatabaseError, match="There is no webhook"):
        _test(hooks, hook)


def test_the_sidecar_hears_of_what_is_sent_by_hand(hooks: Hooks) -> None:
    (number,) = hooks.queue(hooks.add())
    hooks.superuser.execute("listen webmacs_deliveries")
    _redeliver(hooks, number)
    assert next(hooks.superuser.notifies(timeout=30), None)
    hooks.superuser.execute("unlisten webmacs_deliveries")


# what state, type and age a delivery has, and whether it is kept
AGES = [
    ("delivered", "alarm.raised", "29 days", True),
    ("delivered", "alarm.raised", "31 days", False),
    ("dead", "alarm.raised", "29 days", True),
    ("dead", "alarm.raised", "31 days", False),
    ("delivered", "sensor.reading", "50 minutes", True),
    ("delivered", "sensor.reading", "70 minutes", False),
    ("dead", "sensor.reading", "29 days", True),
    ("queued", "alarm.raised", "31 days", True),
    ("failed", "alarm.raised", "31 days", True),
]


@pytest.mark.parametrize(("state", "kind", "age", "kept"), AGES)
def test_old_ones_are_removed(state: str, kind: str, age: str, kept: bool, hooks: Hooks) -> None:
    hooks.queue(hooks.add())
    hooks.superuser.execute(
        "update private.webhook_deliveries set type = %s, state = %s, created_at = now() - %s::interval,"
        " due_at = case when %s in ('queued', 'failed') then now() end",
        (kind, state, age, state),
    )
    assert hooks.number(hooks.sidecar, "select private.prune_deliveries()") == (not kept)
    assert len(hooks.rows("select * from api.webhook_deliveries")) == kept


def test_what_could_not_be_sent_in_time_is_dead(hooks: Hooks) -> None:
    hook = hooks.add()
    late, sending, fresh = hooks.queue(hook, 3)
    hooks.claim(most=2)
    hooks.superuser.execute(
        "update private.webhook_deliveries set expires_at = now() - interval '1 second' where id <> %s", (fresh,)
    )
    hooks.superuser.execute("update private.webhook_deliveries set due_at = now() where id = %s", (late,))
    hooks.number(hooks.sidecar, "select private.prune_deliveries()")
    assert [hooks.delivery(number)["state"] for number in (late, sending, fresh)] == ["dead", "sending", "queued"]
    assert hooks.delivery(late)["error"] == "It could not be sent in time."
