-- Of bad values (quality below 64) rollups say only how many there are; where there is nothing else the rest is null.

alter table private.rollup_minutes
    alter column sum drop not null, alter column min drop not null, alter column max drop not null,
    alter column first drop not null, alter column last drop not null,
    alter column first_at drop not null, alter column last_at drop not null,
    add column bad bigint not null default 0;
alter table private.rollup_hours
    alter column sum drop not null, alter column min drop not null, alter column max drop not null,
    alter column first drop not null, alter column last drop not null,
    alter column first_at drop not null, alter column last_at drop not null,
    add column bad bigint not null default 0;
alter table private.rollup_days
    alter column sum drop not null, alter column min drop not null, alter column max drop not null,
    alter column first drop not null, alter column last drop not null,
    alter column first_at drop not null, alter column last_at drop not null,
    add column bad bigint not null default 0;

-- what was rolled up with them is computed again, as long as its raw points are there
insert into private.rollup_dirty (event_id, hour)
select h.event_id, h.bucket
from private.rollup_hours h
where h.worst_quality < 64
  and not exists (select from private.retention r
                  where r.unit = 'raw' and tstzrange(h.bucket, h.bucket + interval '1 hour') && r.gone)
on conflict do nothing;
