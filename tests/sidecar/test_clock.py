"""The sidecar lets time go by in the database."""

import json

from tests.support.sidecar import running_sidecar
from tests.support.sql import Sql
from webmacs.config import Config

SECONDS = 60
TELL = (
    """create function tell() returns trigger language plpgsql as $$
       begin perform pg_notify('told', new.message); return null; end $$""",
    "create trigger tell after insert on private.log_entries for each row execute function tell()",
    "listen told",
)
SILENT = {
    "name": "silence",
    "kind": "no_data",
    "timeout_seconds": 0.1,
    "message": "nothing from {event}",
    "actions": [{"kind": "log"}],
}


def test_a_rule_notices_that_data_fail_to_appear(config: Config, sql: Sql) -> None:
    for statement in TELL:
        sql.superuser.execute(statement.encode())
    event = sql.superuser.execute(
        "insert into private.events (name, unit, min_value, max_value) values ('pump', 'V', 0, 1) returning id"
    ).fetchone()
    assert event
    sql.superuser.execute("select api.save_rule(%s)", (json.dumps(SILENT | {"event_id": event[0]}),))
    with running_sidecar(config):
        told = [notification.payload for notification in sql.superuser.notifies(timeout=SECONDS, stop_after=1)]
    assert told == ["nothing from pump"]
