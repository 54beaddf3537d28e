-- Retention: raw points and rollups are kept so many days, and so many bytes. How they go: retention_expiry.sql.

-- policies -----------------------------------------------------------------------

create view api.retention with (security_invoker) as
    select unit, age_days, budget_bytes, upper(gone) as dropped_to, over_budget, least_days from private.retention;
comment on view api.retention is
    'How long is kept: raw points, and what minutes, hours and days come to. Whole partitions go: of raw points '
    'usually weeks, of minutes months, of hours years, of days decades. What is coarser stays at least as long.';
comment on column api.retention.unit is 'raw, minute, hour or day.';
comment on column api.retention.age_days is 'What is older goes; null: never.';
comment on column api.retention.budget_bytes is
    'What is oldest goes while all of the unit takes more; null: without limit. What kept experiments cover stays.';
comment on column api.retention.least_days is
    'While the disk is nearly full what is older goes, the oldest first, until there is room; null: nothing.';
comment on column api.retention.dropped_to is 'The end of what was dropped last; null: nothing was.';
comment on column api.retention.over_budget is 'It takes more than budget_bytes, and nothing more may go.';

grant select (unit, age_days, budget_bytes, gone, over_budget, least_days) on private.retention to webmacs_viewer;
grant select on api.retention to webmacs_viewer;
grant update (age_days, budget_bytes, least_days) on private.retention, api.retention to webmacs_admin;
create policy "people read" on private.retention for select to webmacs_viewer using (true);
create policy "administrators decide" on private.retention for update to webmacs_admin using (true) with check (true);


create function private.history_units() returns table (place int, unit text, parent text)
    language sql immutable
    set search_path = ''
as $$
    values (1, 'raw', 'datapoints'), (2, 'minute', 'rollup_minutes'), (3, 'hour', 'rollup_hours'),
           (4, 'day', 'rollup_days')
$$;
comment on function private.history_units() is 'Where which unit of history is, the finest first.';


create function private.check_retention() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
declare
    wrong record;
begin
    select f.unit as finer, c.unit as coarser
    into wrong
    from private.history_units() fu
    join private.history_units() cu on cu.place > fu.place
    join private.retention f on f.unit = fu.unit
    join private.retention c on c.unit = cu.unit
    where c.age_days < f.age_days or (f.age_days is null and f.budget_bytes is null and c.age_days is not null)
    order by fu.place, cu.place
    limit 1;
    if wrong.finer is not null then
        raise sqlstate 'PT400' using
            message = format('age_days of %s must not be less than age_days of %s.', wrong.coarser, wrong.finer),
            hint = 'What is coarser is kept at least as long as what it is made from; null is for ever.';
    end if;
    return null;
end
$$;
create trigger check_retention after update on private.retention
    for each statement execute function private.check_retention();


-- what is there, and what may go ----------------------------------------------------

create function private.history_partitions()
    returns table (place int, unit text, parent text, name text, lower timestamptz, upper timestamptz, bytes bigint,
                   pending boolean)
    language sql stable
    set search_path = ''
as $$
    select u.place, u.unit, u.parent, c.relname, bounds[1]::timestamptz, bounds[2]::timestamptz,
           pg_total_relation_size(c.oid), i.inhdetachpending
    from private.history_units() u
    join pg_catalog.pg_inherits i on i.inhparent = format('private.%I', u.parent)::regclass
    join pg_catalog.pg_class c on c.oid = i.inhrelid
    cross join regexp_match(pg_get_expr(c.relpartbound, c.oid), $re$FROM \('(.+)'\) TO \('(.+)'\)$re$) as bounds
$$;
comment on function private.history_partitions() is
    'The partitions of raw points and rollups, their bounds (lower inclusive) and bytes; pending: half detached.';


create function private.is_kept(unit text, "from" timestamptz, "to" timestamptz) returns boolean
    language sql stable
    set search_path = ''
as $$
    select not exists (select from private.retention r
                       where r.unit = is_kept.unit and r.gone && tstzrange("from", "to"))
$$;
comment on function private.is_kept(text, timestamptz, timestamptz) is
    'Whether nothing of this range was dropped from raw points (raw), or from the rollups of minute, hour or day.';


create function private.expirable_partitions(at timestamptz default now())
    returns table (place int, unit text, name text, lower timestamptz, upper timestamptz, bytes bigint)
    language sql stable
    set search_path = ''
as $$
    with present as materialized (
        select p.*, sum(p.bytes) over (partition by p.unit) as unit_bytes
        from private.history_partitions() p
        where p.name not in (select e.name from private.expired_partitions e)
    ), kept as (
        select range_agg(tstzrange(x.started_at, x.stopped_at)) as times
        from private.experiments x
        where x.keep
    ), unfinished as (
        select range_agg(tstzrange(d.day, d.day + interval '1 day')) as times
        from (select distinct date_bin('1 day', r.hour, '2001-01-01 00:00:00+00') as day
              from private.rollup_dirty r) d
    ), late as (
        select range_agg(tstzrange(l.day, l.day + interval '1 day')) as times
        from private.late_days l
        where l.late_at > at - interval '1 day'
    ), free as (
        select p.*, (l.times && tstzrange(p.lower, p.upper)) is true as is_late,
               sum(p.bytes) over (partition by p.unit order by p.lower) - p.bytes as bytes_before
        from present p, kept k, unfinished u, late l, private.settings s
        where p.upper <= least(at, date_bin('1 day', s.computed_to, '2001-01-01 00:00:00+00'))
          and (k.times && tstzrange(p.lower, p.upper)) is not true
          and (u.times && tstzrange(p.lower, p.upper)) is not true
          -- what is coarser is made from what is finer, and stays as long
          and not exists (select from present n where n.place < p.place and n.lower < p.upper and n.upper > p.lower)
    )
    select f.place, f.unit, f.name, f.lower, f.upper, f.bytes
    from free f
    join private.retention r on r.unit = f.unit
    where (f.upper <= (select private.trusted_time(at)) - r.age_days * interval '1 day' and not f.is_late)
       or f.unit_bytes - f.bytes_before > r.budget_bytes
       or (private.disk_is_nearly_full() and not f.is_late
           and f.upper <= (select private.trusted_time(at)) - r.least_days * interval '1 day')
    order by f.place, f.lower
$$;
comment on function private.expirable_partitions(timestamptz) is
    'What the policies want to go and nothing holds: wholly too old, or the oldest beyond the budget; older than '
    'least_days while the disk is nearly full, which is to be asked again after each; rolled up; not '
    'covered by a kept experiment, not even in part. For a day after late points came, as when somebody imports old '
    'ones, their days do not go by their age.';
grant execute on function private.expirable_partitions(timestamptz) to webmacs_sidecar;


-- what is removed by hand ----------------------------------------------------------

create function private.forget_rollups(event_id int, "from" timestamptz, "to" timestamptz) returns void
    language plpgsql
    set search_path = ''
as $$
#variable_conflict use_column
declare
    gone tstzmultirange := (select r.gone * tstzmultirange(tstzrange("from", "to")) from private.retention r
                            where r.unit = 'raw');
    days timestamptz[];
begin
    if isempty(gone) then
        return;
    end if;
    delete from private.rollup_minutes m
    where m.event_id = forget_rollups.event_id and m.bucket >= lower(gone) and m.bucket < upper(gone)
      and tstzrange(m.bucket, m.bucket + interval '1 minute') <@ gone
      and tstzrange(private.hour_of(m.bucket), private.hour_of(m.bucket) + interval '1 hour') <@ gone;
    delete from private.rollup_hours h
    where h.event_id = forget_rollups.event_id and h.bucket >= lower(gone) and h.bucket < upper(gone)
      and tstzrange(h.bucket, h.bucket + interval '1 hour') <@ gone;

    with removed as (
        delete from private.rollup_days d
        where d.event_id = forget_rollups.event_id
          and tstzrange(d.bucket, d.bucket + interval '1 day') && gone
          and (private.is_kept('hour', d.bucket, d.bucket + interval '1 day')
               or tstzrange(d.bucket, d.bucket + interval '1 day') <@ gone)
        returning d.bucket
    )
    select array_agg(r.bucket) into days from removed r;
    perform private.roll_up_days(array_fill(forget_rollups.event_id, array[cardinality(days)]), days,
                                 min(d), max(d) + interval '1 day')
    from unnest(days) d
    having count(*) > 0;
end
$$;
comment on function private.forget_rollups(int, timestamptz, timestamptz) is
    'Removes what an event came to in times whose raw points were dropped: whole hours of the range; of days whose '
    'hours were dropped too, whole days.';
