"""What becomes of a delivery: delivered, once more later, or dead; and of its target."""

import itertools
from typing import Any

import pytest

from tests.db.hooks import Claimed, Hooks

# how long it waits after each failed attempt, in seconds, without the tenth that is left to chance
PAUSES = [5, 300, 1800, 7200, 18000, 36000]


def _pause(delivery: dict[str, Any]) -> float:
    """Seconds from the last attempt to the next."""
    seconds: float = (delivery["next_attempt_at"] - delivery["attempted_at"]).total_seconds()
    return seconds


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_delivered(status: int, hooks: Hooks) -> None:
    (number,) = hooks.queue(hooks.add())
    done = hooks.attempt(number, status=status, response="thanks")
    assert (done["state"], done["response_status"], done["response"]) == ("delivered", status, "thanks")
    assert done["next_attempt_at"] is done["error"] is None
    assert done["delivered_at"] is not None
    assert hooks.seconds_to_next() is None


@pytest.mark.parametrize("status", [None, 100, 199, 300, 301, 302, 304, 307, 308, 400, 401, 404, 429, 500, 503])
def test_anything_else_is_tried_again(status: int | None, hooks: Hooks) -> None:
    (number,) = hooks.queue(hooks.add())
    failed = hooks.attempt(number, status=status, error="no luck")
    assert (failed["state"], failed["response_status"], failed["error"]) == ("failed", status, "no luck")
    assert failed["delivered_at"] is None


def test_it_waits_longer_each_time_and_is_dead_at_last(hooks: Hooks) -> None:
    (number,) = hooks.queue(hooks.add())
    for pause in PAUSES:
        assert _pause(hooks.attempt(number)) == pytest.approx(pause, rel=0.11)
    dead = hooks.attempt(number, error="no luck")
    assert (dead["state"], dead["attempts"], dead["next_attempt_at"], dead["error"]) == ("dead", 7, None, "no luck")
    logged = hooks.rows("select level::text, source, message from api.log_entries order by id desc limit 1")
    assert (logged[0]["level"], logged[0]["source"]) == ("error", "webhooks")
    assert "a delivery was given up" in logged[0]["message"]


def test_pauses_differ(hooks: Hooks) -> None:
    hook = hooks.add()
    pauses = {_pause(hooks.attempt(number)) for number in hooks.queue(hook, 4)}
    assert len(pauses) == 4


@pytest.mark.parametrize(
    ("retry_after", "shortest", "longest"),
    [(None, 4.5, 6), (0, 4.5, 6), (-10, 4.5, 6), (60, 60, 62), (1e12, 86400, 86402)],
)
def test_retry_after_is_honoured(retry_after: float | None, shortest: float, longest: float, hooks: Hooks) -> None:
    (number,) = hooks.queue(hooks.add())
    failed = hooks.attempt(number, status=429, retry_after=retry_after)
    assert shortest <= _pause(failed) <= longest


def test_it_is_not_tried_after_it_has_expired(hooks: Hooks) -> None:
    (number,) = hooks.queue(hooks.add())
    hooks.superuser.execute("update private.webhook_deliveries set expires_at = now() + interval '10 seconds'")
    assert hooks.attempt(number, status=503, retry_after=60)["state"] == "dead"


def test_long_answers_are_cut(hooks: Hooks) -> None:
    (number,) = hooks.queue(hooks.add())
    failed = hooks.attempt(number, response="x" * 2000, error="y" * 2000)
    assert (len(failed["response"]), len(failed["error"])) == (1000, 1000)


def test_the_result_of_a_lease_that_another_has_now_is_ignored(hooks: Hooks) -> None:
    (number,) = hooks.queue(hooks.add())
    (lost,) = hooks.claim()
    hooks.superuser.execute("update private.webhook_deliveries set due_at = now() - interval '1 second'")
    (again,) = hooks.claim()
    hooks.finish([lost], status=200)
    assert hooks.delivery(number)["state"] == "sending"
    hooks.finish([again], status=500)
    assert hooks.delivery(number)["state"] == "failed"


def test_a_result_after_the_lease_counts_while_nobody_else_has_it(hooks: Hooks) -> None:
    (number,) = hooks.queue(hooks.add())
    late = hooks.claim()
    hooks.superuser.execute("update private.webhook_deliveries set due_at = now() - interval '1 second'")
    hooks.finish(late, status=200)
    assert hooks.delivery(number)["state"] == "delivered"


def test_a_result_counts_once(hooks: Hooks) -> None:
    (number,) = hooks.queue(hooks.add())
    claimed = hooks.claim()
    hooks.finish(claimed, status=200)
    hooks.finish(claimed, status=500)
    assert hooks.delivery(number)["state"] == "delivered"


def test_results_of_what_is_gone_do_no_harm(hooks: Hooks) -> None:
    hook = hooks.add()
    hooks.queue(hook)
    claimed = hooks.claim()
    hooks.admin.execute("delete from api.webhooks where id = %s", (hook,))
    hooks.finish(claimed, status=200)
    hooks.report([])
    hooks.report([{"id": 2**40, "attempt": 1, "status": 200}])


def test_results_of_many_in_one_call(hooks: Hooks) -> None:
    good, bad = hooks.add(), hooks.add()
    hooks.queue(good, 8)
    hooks.queue(bad, 8)
    hooks.report(
        {"id": one.id, "attempt": one.attempt, "status": 200 if one.webhook_id == good else None, "error": "refused"}
        for one in hooks.claim()
    )
    assert hooks.states(good) == ["delivered"] * 8
    assert hooks.states(bad) == ["failed"] * 8
    assert (hooks.hook(good)["failures"], hooks.hook(bad)["failures"]) == (None, 5)


# gone -------------------------------------------------------------------------------------------------------------


def test_410_disables_the_webhook_and_what_waits_is_dead(hooks: Hooks) -> None:
    hook, other = hooks.add(), hooks.add()
    numbers = hooks.queue(hook, 12)
    hooks.queue(other)
    first, *sent = (one for one in hooks.claim() if one.webhook_id == hook)
    hooks.finish([first], status=410)
    seen = hooks.hook(hook)
    assert (seen["enabled"], seen["disabled_reason"]) == (False, "The target answered 410 Gone.")
    assert hooks.states(hook) == ["dead"] + ["sending"] * 7 + ["dead"] * 4
    assert "410 Gone" in hooks.delivery(numbers[-1])["error"]
    assert hooks.hook(other)["enabled"]
    hooks.finish(sent, status=200)  # what was on its way may still arrive
    assert hooks.states(hook).count("delivered") == 7


def test_who_enables_it_again_removes_the_reason(hooks: Hooks) -> None:
    hook = hooks.add()
    hooks.attempt(*hooks.queue(hook), status=410)
    hooks.change(hook, name="still disabled")
    assert hooks.hook(hook)["disabled_reason"] is not None
    hooks.change(hook, enabled=True)
    assert hooks.hook(hook)["disabled_reason"] is None


def test_the_log_and_the_audit_log_say_what_disabled_it(hooks: Hooks) -> None:
    hook = hooks.add(name="gone for good")
    hooks.attempt(*hooks.queue(hook), status=410)
    messages = [row["message"] for row in hooks.rows("select message from api.log_entries")]
    assert "Webhook gone for good was disabled: its target answered 410 Gone." in messages
    (line,) = hooks.rows(
        "select actor, new from api.audit_log where table_name = 'webhooks' and operation = 'update' and row_id = %s",
        str(hook),
    )
    assert line["actor"] == "webmacs_sidecar"
    assert line["new"]["enabled"] is False


# the breaker --------------------------------------------------------------------------------------------------------


def _fail(hooks: Hooks, hook: int, times: int) -> None:
    """So many calls fail one after the other."""
    for _ in range(times):
        (number,) = hooks.queue(hook)
        hooks.attempt(number)


def test_five_failures_open_the_breaker(hooks: Hooks) -> None:
    hook = hooks.add()
    _fail(hooks, hook, 4)
    assert hooks.hook(hook)["retry_at"] is None
    _fail(hooks, hook, 1)
    hooks.queue(hook)
    assert hooks.hook(hook)["failures"] == 5
    assert hooks.claim() == []
    assert 20 < (hooks.seconds_to_next() or 0) <= 33


def test_an_answer_between_keeps_it_closed(hooks: Hooks) -> None:
    hook = hooks.add()
    _fail(hooks, hook, 4)
    (number,) = hooks.queue(hook)
    hooks.attempt(number, status=200)
    assert hooks.hook(hook)["failures"] is None
    _fail(hooks, hook, 4)
    assert hooks.hook(hook)["retry_at"] is None


def test_a_dead_target_delays_nobody_else(hooks: Hooks) -> None:
    dead, alive = hooks.add(), hooks.add()
    _fail(hooks, dead, 5)
    hooks.queue(dead, 50)
    hooks.queue(alive, 8)
    assert {one.webhook_id for one in hooks.claim()} == {alive}


def _probe(hooks: Hooks, hook: int) -> list[Claimed]:
    """What is let through when the pause is over."""
    hooks.open_breaker(hook, "now() - interval '1 second'")
    return hooks.claim()


def test_one_probe_is_let_through_and_its_answer_closes_it(hooks: Hooks) -> None:
    hook = hooks.add()
    hooks.queue(hook, 20)
    (probe,) = _probe(hooks, hook)
    assert hooks.claim() == []
    hooks.finish([probe], status=204)
    assert hooks.hook(hook)["failures"] is None
    assert len(hooks.claim()) == 8


def test_a_failed_probe_opens_it_for_longer_each_time(hooks: Hooks) -> None:
    hook = hooks.add()
    _fail(hooks, hook, 5)
    hooks.queue(hook, 20)
    pauses = []
    for _ in range(7):
        hooks.finish(_probe(hooks, hook))
        (seconds,) = hooks.rows(
            "select extract(epoch from retry_at - now())::float8 as pause from api.webhooks where id = %s", hook
        )
        pauses.append(seconds["pause"])
    assert all(later > earlier * 1.5 for earlier, later in itertools.pairwise(pauses[:4]))
    assert pauses == pytest.approx([60, 120, 240, 480, 600, 600, 600], rel=0.12)


def test_calls_that_began_before_it_opened_change_nothing(hooks: Hooks) -> None:
    hook = hooks.add()
    hooks.queue(hook, 8)
    *early, late = hooks.claim()
    hooks.finish(early)
    before = hooks.hook(hook)
    hooks.finish([late])
    after = hooks.hook(hook)
    assert (before["failures"], before["retry_at"]) == (after["failures"], after["retry_at"])


def test_a_probe_that_nobody_finished_is_made_again(hooks: Hooks) -> None:
    hook = hooks.add()
    hooks.queue(hook, 3)
    (lost,) = _probe(hooks, hook)
    hooks.superuser.execute(
        "update private.webhook_deliveries set due_at = now() - interval '1 second' where state = 'sending'"
    )
    assert [one.id for one in hooks.claim()] != []
    assert lost.attempt == 1
