"""What the sidecar does for the tables of datapoints by itself."""

from tests.support.sidecar import running_sidecar
from tests.support.sql import Sql
from webmacs.config import Config

SECONDS = 30
COUNT = "select count(*) from private.datapoint_partitions()"
TELL = (
    "create function tell() returns trigger language plpgsql as 'begin notify upkept; return null; end'",
    "create trigger tell after update on private.settings execute function tell()",
    "listen upkept",
)


def test_partitions_are_made_ahead_when_a_sidecar_starts(config: Config, sql: Sql) -> None:
    (before,) = sql.superuser.execute(COUNT).fetchone() or (0,)
    sql.superuser.execute("update private.settings set partitions_ahead = partitions_ahead + 3")
    for statement in TELL:
        sql.superuser.execute(statement)
    with running_sidecar(config):
        assert next(sql.superuser.notifies(timeout=SECONDS), None)
    assert sql.superuser.execute(COUNT).fetchone() == (before + 3,)
