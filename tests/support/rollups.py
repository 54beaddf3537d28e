"""Rollups beside what they are made of."""

from typing import Any

from tests.support.postgres import Connection

# Hours and days that are finished and not marked, on one side from raw points, on the other as they are stored.
DIFFERENT = """
    with finished as (
        select r.* from private.{table} r, private.settings s
        where r.bucket + interval '{width}' <= s.computed_to
    ), expected as (
        select d.event_id, date_bin('{width}', d.ts, '2001-01-01Z') as bucket, count(*) as points,
               min(d.value) filter (where d.quality >= 64) as min, max(d.value) filter (where d.quality >= 64) as max,
               count(*) filter (where d.quality < 64) as bad,
               (array_agg(d.value order by d.ts) filter (where d.quality >= 64))[1] as first,
               (array_agg(d.value order by d.ts desc) filter (where d.quality >= 64))[1] as last,
               min(d.ts) filter (where d.quality >= 64) as first_at,
               max(d.ts) filter (where d.quality >= 64) as last_at,
               min(d.quality) as worst_quality
        from private.datapoints d, private.settings s
        where date_bin('{width}', d.ts, '2001-01-01Z') + interval '{width}' <= s.computed_to
        group by 1, 2
        having {kept}
    )
    select coalesce(f.event_id, e.event_id), coalesce(f.bucket, e.bucket), f.points, e.points
    from finished f full join expected e on e.event_id = f.event_id and e.bucket = f.bucket
    where (f.points, f.bad, f.min, f.max, f.first, f.last, f.first_at, f.last_at, f.worst_quality) is distinct from
          (e.points, e.bad, e.min, e.max, e.first, e.last, e.first_at, e.last_at, e.worst_quality)
      and not exists (select from private.rollup_dirty d
                      where d.event_id = coalesce(f.event_id, e.event_id)
                        and date_bin('{span}', d.hour, '2001-01-01Z')
                            = date_bin('{span}', coalesce(f.bucket, e.bucket), '2001-01-01Z'))
"""
HAS_MINUTES = """
    (select h.has_minutes from private.rollup_hours h
     where h.event_id = d.event_id and h.bucket = date_bin('1 hour', min(d.ts), '2001-01-01Z'))
"""
UNITS = {
    "rollup_minutes": ("1 minute", "1 hour", HAS_MINUTES),
    "rollup_hours": ("1 hour", "1 hour", "true"),
    "rollup_days": ("1 day", "1 day", "true"),
}


def different(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """What is rolled up and not marked, and is not what its raw points come to."""
    found = {}
    for table, (width, span, kept) in UNITS.items():
        question = DIFFERENT.format(table=table, width=width, span=span, kept=kept)
        found[table] = connection.execute(question.encode()).fetchall()
    return {table: rows for table, rows in found.items() if rows}


def compute_all(connection: Connection) -> None:
    """All that is to be rolled up, as the sidecars do it."""
    while connection.execute("select private.compute_rollups()").fetchone() == (True,):
        pass
