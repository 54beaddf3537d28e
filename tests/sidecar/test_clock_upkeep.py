"""What the sidecar does for growing tables by itself."""

from tests.support.people import People
from tests.support.sidecar import running_sidecar
from tests.support.sql import Sql
from webmacs.config import Config

SECONDS = 60
COUNT = "select count(*) from private.datapoint_partitions()"
OLD = """
    insert into private.webhooks (name, url, secret, types)
    values ('old', 'https://a.org/', private.new_webhook_secret(), '{alarm.*}');
    insert into private.webhook_deliveries (webhook_id, type, content_type, body, state, due_at, created_at)
    select id, 'alarm.raised', 'application/json', '{}', 'delivered', null, now() - interval '31 days'
    from private.webhooks
"""
TELL = (
    "create function tell() returns trigger language plpgsql as 'begin notify upkept; return null; end'",
    "create trigger tell after update of covered_to on private.settings execute function tell()",
    "create trigger tell after delete on private.webhook_deliveries execute function tell()",
    "create trigger tell after delete on private.refresh_tokens execute function tell()",
    "listen upkept",
)


def test_what_is_done_when_a_sidecar_starts(config: Config, sql: Sql, people: People) -> None:
    ended = people.user("viewer").credential_id
    sql.superuser.execute("update private.credentials set revoked_at = now() where id = %s", (ended,))
    (before,) = sql.superuser.execute(COUNT).fetchone() or (0,)
    sql.superuser.execute("update private.settings set partitions_ahead = partitions_ahead + 3")
    sql.superuser.execute(OLD)
    for statement in TELL:
        sql.superuser.execute(statement)
    with running_sidecar(config):
        assert len(list(sql.superuser.notifies(timeout=SECONDS, stop_after=3))) == 3
    assert sql.superuser.execute(COUNT).fetchone() == (before + 3,)
    assert sql.superuser.execute("select count(*) from private.webhook_deliveries").fetchone() == (0,)
    left = sql.superuser.execute("select count(*) from private.refresh_tokens where credential_id = %s", (ended,))
    assert left.fetchone() == (0,)
