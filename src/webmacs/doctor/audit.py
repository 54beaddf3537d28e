"""Whether the audit log is as it was sealed."""

from datetime import timedelta
from typing import Any

import psycopg

from webmacs.config import Config
from webmacs.doctor.result import Result

# A sidecar seals each minute; a transaction may take a while.
PATIENCE = timedelta(minutes=10)
SHOWN = 5
SUMMARY = "select entries, seals, last_id, last_hash, cut_at, waiting from private.audit_summary()"
PROBLEMS = """
    select format('seal %s: %s', seal_id, problem) from private.verify_seals()
    union all
    select * from (select format('row %s was %s', entry_id, problem) from private.verify_entries() order by entry_id) r
"""
COMPARE = "Compare with backups, and api.audit_seals with the system journal: somebody who owns the database did that."


def audit_log(config: Config) -> Result:
    """Every row is there as it was sealed, none was inserted, and new ones are sealed."""
    with psycopg.connect(config.database.admin_uri) as connection:
        problems = [line for (line,) in connection.execute(PROBLEMS)]
        row = connection.execute(SUMMARY).fetchone()
    if problems:
        more = f" and {len(problems) - SHOWN} more" if len(problems) > SHOWN else ""
        return Result("audit log", f"{'; '.join(problems[:SHOWN])}{more}", COMPARE)
    return _sealed(row or (0, 0, None, None, None, None))


def _sealed(row: tuple[Any, ...]) -> Result:
    entries, seals, last_id, last_hash, cut_at, waiting = row
    if waiting and waiting > PATIENCE:
        return Result("audit log", f"rows wait for their seal for {waiting}", "Start a sidecar: it seals each minute.")
    since = f", cut by age on {cut_at:%Y-%m-%d}" if cut_at else ""
    last = f", the last is {last_id}: {last_hash}" if last_id else ""
    return Result("audit log", f"{entries} rows in {seals} seals{last}{since}")
