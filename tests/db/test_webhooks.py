"""Webhooks: what an administrator saves, sees and never sees."""

import psycopg
import pytest

from tests.db.hooks import Happening, Hooks
from tests.db.plant import Plant
from tests.support.sql import Sql

OWN = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
STRANGER = 2_000_000_000


def _secrets(hooks: Hooks, hook: int) -> list[str]:
    """With which a call would be signed now."""
    hooks.queue(hook)
    return hooks.claim()[0].secrets


def test_what_is_not_given_has_its_default(hooks: Hooks) -> None:
    made = hooks.hook(hooks.add(["alarm.raised", "command.*"]))
    assert made["types"] == ["alarm.raised", "command.*"]
    assert (made["enabled"], made["content_type"], made["reading_interval_seconds"]) == (True, "application/json", 5)
    assert made["event_ids"] is made["min_severity"] is made["template"] is made["failures"] is made["retry_at"] is None


def test_every_column_can_be_changed(hooks: Hooks, plant: Plant) -> None:
    hook, event = hooks.add(), plant.event()
    changes = {
        "name": "renamed",
        "url": "http://[::1]:8080/in?a=b",
        "types": ["sensor.reading"],
        "event_ids": [event],
        "min_severity": "high",
        "template": "{event} is {value}",
        "content_type": "text/plain",
        "reading_interval_seconds": 60.0,
        "enabled": False,
    }
    hooks.change(hook, **changes)
    assert hooks.hook(hook).items() >= changes.items()


def test_another_column_stays_as_it_is(hooks: Hooks, plant: Plant) -> None:
    event = plant.event()
    hook = hooks.add(secret=OWN, event_ids=[event], min_severity="high")
    hooks.change(hook, name="another name")
    assert hooks.hook(hook)["event_ids"] == [event]
    assert _secrets(hooks, hook) == [OWN]


def test_an_unknown_event_is_refused_and_nothing_is_saved(hooks: Hooks) -> None:
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="event_ids must be numbers of events"):
        hooks.add(event_ids=[STRANGER])
    assert hooks.rows("select * from api.webhooks") == []


@pytest.mark.parametrize("types", [["alarm.nonsense"], ["alarm"], ["*"], ["alarm.raised", None], ["test"]])
def test_an_unknown_type_is_refused_with_those_that_are_known(types: list[str], hooks: Hooks) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match=r"types must be among .*alarm\.raised.*command\.\*"):
        hooks.add(types)


def test_an_event_that_is_purged_does_not_widen_the_filter(hooks: Hooks, plant: Plant) -> None:
    event, other = plant.event(), plant.event()
    hook = hooks.add(event_ids=[event])
    hooks.admin.execute("select api.purge_event(%s)", (event,))
    assert hooks.hook(hook)["event_ids"] == []
    hooks.emit(Happening(event=other))
    assert hooks.bodies() == []
    hooks.change(hook, name="it can still be changed")


def test_no_events_are_not_all_events(hooks: Hooks) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match="event_ids must name at least one event"):
        hooks.add(event_ids=[])


@pytest.mark.parametrize("template", ['{"value": {value}}', "{event}", '{"text": "{event}"', '{"text": "\\{event}"}'])
def test_a_template_that_is_no_json_is_refused(template: str, hooks: Hooks) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match="template must be JSON"):
        hooks.add(template=template)


# secrets ------------------------------------------------------------------------------------------------------------


def test_each_webhook_has_a_secret_of_its_own(hooks: Hooks) -> None:
    secrets = {secret for hook in (hooks.add(), hooks.add()) for secret in _secrets(hooks, hook)}
    assert len(secrets) == 2
    assert all(secret.startswith("whsec_") and len(secret) == 50 for secret in secrets)


def test_a_secret_is_written_and_never_read(hooks: Hooks) -> None:
    returned = hooks.rows(
        "insert into api.webhooks (name, url, types, secret) values ('a', 'http://a.org', '{alarm.*}', %s) returning *",
        OWN,
    )
    changed = hooks.rows("update api.webhooks set secret = %s returning *", OWN)
    assert "whsec" not in str((returned, changed, hooks.rows("select * from api.webhooks")))
    assert _secrets(hooks, returned[0]["id"]) == [OWN]


@pytest.mark.parametrize("role", ["viewer", "operator", "admin", "controller"])
@pytest.mark.parametrize("column", ["secret", "previous_secret", "*"])
def test_nobody_reads_the_table(role: str, column: str, hooks: Hooks, sql: Sql) -> None:
    hooks.add()
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        sql.as_role(role).execute(f"select {column} from private.webhooks".encode())


def test_secrets_are_not_in_the_audit_log(hooks: Hooks, sql: Sql) -> None:
    hook = hooks.add(secret=OWN)
    sql.as_role("admin").execute("select api.rotate_webhook_secret(%s)", (hook,))
    hooks.admin.execute("delete from api.webhooks where id = %s", (hook,))
    lines = sql.superuser.execute(
        "select operation, old, new from private.audit_log where table_name = 'webhooks' and row_id = %s order by id",
        (str(hook),),
    ).fetchall()
    assert [line[0] for line in lines] == ["insert", "update", "delete"]
    assert lines[1][2].items() >= {"secret": "***", "previous_secret": "***"}.items()
    assert "whsec" not in str(lines)


def test_a_rotated_secret_is_said_once_and_both_are_valid_for_a_time(hooks: Hooks) -> None:
    hook = hooks.add(secret=OWN)
    (row,) = hooks.rows("select api.rotate_webhook_secret(%s, 3600) as fresh", hook)
    assert _secrets(hooks, hook) == [row["fresh"], OWN]
    hooks.superuser.execute("update private.webhooks set previous_secret_until = now() - interval '1 second'")
    assert _secrets(hooks, hook) == [row["fresh"]]


def test_a_secret_of_ones_own_replaces_all_before(hooks: Hooks) -> None:
    hook = hooks.add()
    hooks.admin.execute("select api.rotate_webhook_secret(%s)", (hook,))
    hooks.change(hook, secret=OWN)
    assert _secrets(hooks, hook) == [OWN]


@pytest.mark.parametrize("seconds", [-1, 2592001, None])
def test_how_long_both_are_valid_is_limited(seconds: int | None, hooks: Hooks) -> None:
    with pytest.raises(psycopg.DatabaseError, match="keep_previous_seconds must be from 0 to 2592000"):
        hooks.admin.execute("select api.rotate_webhook_secret(%s, %s)", (hooks.add(), seconds))


def test_there_is_nothing_to_rotate(hooks: Hooks) -> None:
    with pytest.raises(psycopg.DatabaseError, match=f"There is no webhook {STRANGER}"):
        hooks.admin.execute("select api.rotate_webhook_secret(%s)", (STRANGER,))


# a webhook and its queue ----------------------------------------------------------------------------------------------


def test_what_waits_goes_to_the_new_address_with_the_new_secret(hooks: Hooks) -> None:
    hook = hooks.add()
    hooks.queue(hook)
    hooks.change(hook, url="https://elsewhere.example.org/", secret=OWN)
    (claimed,) = hooks.claim()
    assert (claimed.url, claimed.secrets) == ("https://elsewhere.example.org/", [OWN])


def test_what_waits_for_a_disabled_webhook_is_kept(hooks: Hooks) -> None:
    hook = hooks.add()
    hooks.queue(hook)
    hooks.change(hook, enabled=False)
    assert hooks.claim() == []
    assert hooks.seconds_to_next() is None
    hooks.change(hook, enabled=True)
    assert len(hooks.claim()) == 1


def test_a_deleted_webhook_takes_its_queue_along(hooks: Hooks) -> None:
    hook = hooks.add()
    hooks.queue(hook)
    hooks.admin.execute("delete from api.webhooks where id = %s", (hook,))
    assert hooks.rows("select * from api.webhook_deliveries") == []


@pytest.mark.parametrize("change", [{"url": "https://mended.example.org/"}, {"enabled": True}])
def test_what_was_mended_is_called_at_once(change: dict[str, object], hooks: Hooks) -> None:
    hook = hooks.add(enabled="enabled" not in change)
    hooks.queue(hook)
    hooks.open_breaker(hook)
    assert hooks.claim() == []
    hooks.change(hook, **change)
    assert len(hooks.claim()) == 1
