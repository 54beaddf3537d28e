-- Retention: raw points and rollups are kept so many days, and so many bytes. What is expired is decided in one
-- transaction (private.expire), and from then on nobody writes there. Then its partition is detached concurrently,
-- which no function can do, and dropped: private.expiry_statements says what is to be done next.

-- policies -----------------------------------------------------------------------

create view api.retention with (security_invoker) as
    select unit, age_days, budget_bytes, upper(gone) as dropped_to, over_budget from private.retention;
comment on view api.retention is
    'How long is kept: raw points, and what minutes, hours and days come to. Whole partitions go: of raw points usually '
    'weeks, of minutes months, of hours years, of days decades. What is coarser stays at least as long as what is finer.';
comment on column api.retention.unit is 'raw, minute, hour or day.';
comment on column api.retention.age_days is 'What is older goes; null: never.';
comment on column api.retention.budget_bytes is
    'What is oldest goes while all partitions of the unit take more; null: without limit. What kept experiments cover stays.';
comment on column api.retention.dropped_to is 'The end of what was dropped last; null: nothing was.';
comment on column api.retention.over_budget is 'It takes more than budget_bytes, and nothing more may go.';

grant select (unit, age_days, budget_bytes, gone, over_budget) on private.retention to webmacs_viewer;
grant select on api.retention to webmacs_viewer;
grant update (age_days, budget_bytes) on private.retention, api.retention to webmacs_admin;
create policy "people read" on private.retention for select to webmacs_viewer using (true);
create policy "administrators decide" on private.retention for update to webmacs_admin using (true) with check (true);


create function private.history_units() returns table (place int, unit text, parent text)
    language sql immutable
    set search_path = ''
as $$
    values (1, 'raw', 'datapoints'), (2, 'minute', 'rollup_minutes'), (3, 'hour', 'rollup_hours'), (4, 'day', 'rollup_days')
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
    ), finished as (
        -- before this all is rolled up, and nothing was written late
        select least(at, date_bin('1 day', s.computed_to, '2001-01-01 00:00:00+00'), (select min(d.hour) from private.rollup_dirty d)) as until
        from private.settings s
    ), free as (
        select p.*, sum(p.bytes) over (partition by p.unit order by p.lower) - p.bytes as bytes_before
        from present p, kept k, finished f
        where p.upper <= f.until
          and (k.times && tstzrange(p.lower, p.upper)) is not true
          -- what is coarser is made from what is finer, and stays as long
          and not exists (select from present n where n.place < p.place and n.lower < p.upper and n.upper > p.lower)
    )
    select f.place, f.unit, f.name, f.lower, f.upper, f.bytes
    from free f
    join private.retention r on r.unit = f.unit
    where (f.upper <= at - r.age_days * interval '1 day' and r.late_at < at - interval '1 day')
       or f.unit_bytes - f.bytes_before > r.budget_bytes
    order by f.place, f.lower
$$;
comment on function private.expirable_partitions(timestamptz) is
    'What the policies want to go and nothing holds: wholly too old, or the oldest beyond the budget; rolled up; not '
    'covered by a kept experiment, not even in part. For a day after points came that are older than that, as when somebody '
    'imports old ones, nothing goes by its age.';
grant execute on function private.expirable_partitions(timestamptz) to webmacs_sidecar;


-- deciding ------------------------------------------------------------------------

create function private.fill_minutes("from" timestamptz, "to" timestamptz) returns void
    language plpgsql
    set search_path = ''
as $$
declare
    sparse record;
begin
    with removed as (
        delete from private.rollup_hours h
        where not h.has_minutes and h.bucket >= "from" and h.bucket < "to"
        returning h.event_id, h.bucket
    )
    select array_agg(r.event_id) as event_ids, array_agg(r.bucket) as hours into sparse from removed r;
    if sparse.hours is not null then
        perform private.roll_up(sparse.event_ids, sparse.hours, "from", "to", 0);
    end if;
end
$$;
comment on function private.fill_minutes(timestamptz, timestamptz) is
    'Makes the minutes of hours that had too few points to be worth it, before their raw points go.';


create function private.expire(at timestamptz default now()) returns text
    language plpgsql security definer
    set search_path = ''
    set lock_timeout = '500ms'
as $$
declare
    next record;
begin
    if not pg_try_advisory_xact_lock(hashtext('private.compute_rollups')) then
        return null;
    end if;
    perform private.forget_dropped_partitions();
    select * into next from private.expirable_partitions(at) limit 1;
    if next.name is null then
        perform private.warn_of_budgets();
        return null;
    end if;

    if next.unit = 'raw' then
        perform private.fill_minutes(next.lower, next.upper);
        -- whoever is writing has read what is gone, and must have committed
        perform pg_advisory_xact_lock(hashtext('private.rollups'));
        if exists (select from private.rollup_dirty d where d.hour >= next.lower and d.hour < next.upper) then
            raise lock_not_available using message = format('Somebody has just written to %s; try again.', next.name);
        end if;
    end if;
    update private.retention r set gone = r.gone + tstzmultirange(tstzrange(next.lower, next.upper))
    where r.unit = next.unit;
    insert into private.expired_partitions (name, unit, lower, upper, bytes)
    values (next.name, next.unit, next.lower, next.upper, next.bytes);
    return next.name;
end
$$;
comment on function private.expire(timestamptz) is
    'Decides that the next partition goes, and returns its name; null: nothing is to go. From the commit on nothing is '
    'written there. Waits at most half a second for those who write.';
grant execute on function private.expire(timestamptz) to webmacs_sidecar;


create function private.forget_dropped_partitions() returns void
    language plpgsql
    set search_path = ''
as $$
declare
    summary text;
begin
    with dropped as (
        delete from private.expired_partitions e
        where to_regclass(format('private.%I', e.name)) is null
        returning e.name, e.bytes
    )
    select format('Retention dropped %s, %s.', string_agg(d.name, ', ' order by d.name), pg_size_pretty(sum(d.bytes)))
    into summary
    from dropped d
    having count(*) > 0;
    if summary is not null then
        perform private.write_log('info', summary, 'retention');
    end if;
end
$$;
comment on function private.forget_dropped_partitions() is 'What is dropped needs no step any more, and is told.';


create function private.warn_of_budgets() returns void
    language plpgsql
    set search_path = ''
as $$
begin
    perform private.write_log('warning', t.message, 'retention')
    from private.turn_budgets() t;
end
$$;
comment on function private.warn_of_budgets() is 'Warns of each budget once that cannot be kept.';


create function private.turn_budgets() returns table (message text)
    language sql
    set search_path = ''
as $$
    with used as (
        select p.unit, sum(p.bytes) as bytes
        from private.history_partitions() p
        where p.name not in (select e.name from private.expired_partitions e)
        group by p.unit
    ), turned as (
        update private.retention r set over_budget = coalesce(u.bytes > r.budget_bytes, false)
        from used u
        where u.unit = r.unit and r.over_budget <> coalesce(u.bytes > r.budget_bytes, false)
        returning r.unit, r.over_budget, r.budget_bytes, u.bytes
    )
    select format('History of %s takes %s, more than its budget of %s, and nothing more may go: the rest is covered by '
                  'kept experiments, needed by what is finer, or too new.',
                  t.unit, pg_size_pretty(t.bytes), pg_size_pretty(t.budget_bytes))
    from turned t
    where t.over_budget
$$;
comment on function private.turn_budgets() is 'Notes which budgets cannot be kept. Returns what is to be said of those that are new.';


-- doing -----------------------------------------------------------------------------

create function private.expiry_statements() returns table (unit text, name text, statement text)
    language sql stable security definer
    set search_path = ''
as $$
    select e.unit, e.name,
           case when p.name is null then format('drop table private.%I', e.name)
                else format('alter table private.%I detach partition private.%I %s', p.parent, e.name,
                            case when p.pending then 'finalize' else 'concurrently' end) end
    from private.expired_partitions e
    left join private.history_partitions() p on p.name = e.name
    where to_regclass(format('private.%I', e.name)) is not null
    -- a table has at most one partition that is half detached
    order by p.pending desc nulls last, e.decided_at, e.name
$$;
comment on function private.expiry_statements() is
    'The next step of each partition that is to go. They cannot run in a transaction; with a short lock_timeout what is '
    'still being read is left for later, and nobody waits. In psql: select private.expire(); until it is null, then '
    'set lock_timeout = ''500ms''; select statement from private.expiry_statements() \gexec until it says nothing.';
grant execute on function private.expiry_statements() to webmacs_sidecar;


-- what is removed by hand ---------------------------------------------------------------

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
    where m.event_id = forget_rollups.event_id and tstzrange(m.bucket, m.bucket + interval '1 minute') <@ gone
      and tstzrange(private.hour_of(m.bucket), private.hour_of(m.bucket) + interval '1 hour') <@ gone;
    delete from private.rollup_hours h
    where h.event_id = forget_rollups.event_id and tstzrange(h.bucket, h.bucket + interval '1 hour') <@ gone;

    with removed as (
        delete from private.rollup_days d
        where d.event_id = forget_rollups.event_id
          and tstzrange(d.bucket, d.bucket + interval '1 day') && gone
          and (private.is_kept('hour', d.bucket, d.bucket + interval '1 day')
               or tstzrange(d.bucket, d.bucket + interval '1 day') <@ gone)
        returning d.bucket
    )
    select array_agg(r.bucket) into days from removed r;
    perform private.roll_up_days(array_fill(forget_rollups.event_id, array[cardinality(days)]), days, min(d), max(d) + interval '1 day')
    from unnest(days) d
    having count(*) > 0;
end
$$;
comment on function private.forget_rollups(int, timestamptz, timestamptz) is
    'Removes what an event came to in times whose raw points were dropped: whole hours of the range; of days whose hours were '
    'dropped too, whole days.';
