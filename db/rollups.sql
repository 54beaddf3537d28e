-- Rollups: computed for hours that are over, all events at once, sorted by event, so that what is read
-- together lies together and flash is written once. What is written to an hour later marks it.

create function private.hour_of(ts timestamptz) returns timestamptz
    language sql immutable parallel safe
return date_bin('1 hour', ts, '2001-01-01 00:00:00+00');
comment on function private.hour_of(timestamptz) is 'The begin of its hour.';

create function private.day_of(ts timestamptz) returns timestamptz
    language sql immutable parallel safe
return date_bin('1 day', ts, '2001-01-01 00:00:00+00');
comment on function private.day_of(timestamptz) is 'The begin of its day, UTC.';

create function private.summand(value float8) returns float8
    language sql immutable parallel safe
return case when value > 1e290 then 1e290 when value < -1e290 then -1e290 when abs(value) < 1e-290 then 0
            else value end;
comment on function private.summand(float8) is
    'A value as sums and means take it: what is beyond 1e290 counts as that, so that no sum can overflow, and nearly '
    'nothing as nothing, so that no quotient is too small for PostgreSQL.';


create function private.mean(sum float8, points bigint) returns float8
    language sql immutable parallel safe
return case when abs(sum) < 1e-290 then 0 else sum / points end;
comment on function private.mean(float8, bigint) is
    'The mean of so many points; nearly nothing counts as nothing, because PostgreSQL does not divide what then is too '
    'small to be told from it.';


create function private.hold_rollups() returns void
    language plpgsql
    set search_path = ''
as $$
begin
    perform pg_advisory_xact_lock_shared(hashtext('private.rollups'));
    if current_setting('transaction_isolation') <> 'read committed' then
        -- whose snapshot may be older than the lock: then rather fail than not see what changed meanwhile
        perform from private.settings s, private.retention r for share;
    end if;
end
$$;
comment on function private.hold_rollups() is
    'Until the commit rollups are not moved on, and nothing expires: points for what is rolled up are on their way.';


create function private.mark_rollups(event_ids int[], timestamps timestamptz[]) returns void
    language plpgsql
    set search_path = ''
as $$
#variable_conflict use_column
begin
    -- an update, so that whoever computes this hour waits for what was written to it
    insert into private.rollup_dirty (event_id, hour)
    select distinct p.event_id, private.hour_of(p.ts) as hour
    from unnest(event_ids, timestamps) as p (event_id, ts), private.settings s
    where p.ts < s.rolled_to
    order by p.event_id, hour
    on conflict (event_id, hour) do update set hour = excluded.hour;
end
$$;
comment on function private.mark_rollups(int[], timestamptz[]) is
    'Step of the pipeline: hours that were rolled up before these points came are to be computed again.';


create function private.mark_rollups_between(event_id int, "from" timestamptz, "to" timestamptz) returns void
    language plpgsql
    set search_path = ''
as $$
begin
    -- held until the commit: nothing is marked of which the raw points just go
    perform private.hold_rollups();
    perform private.forget_rollups(event_id, "from", "to");
    insert into private.rollup_dirty (event_id, hour)
    select mark_rollups_between.event_id, touched.hour
    from (select h.bucket as hour from private.rollup_hours h
          where h.event_id = mark_rollups_between.event_id
          union
          -- what is just being computed may have read what is now removed
          select d.hour from private.rollup_dirty d
          where d.event_id = mark_rollups_between.event_id
          union
          select generate_series(greatest(private.hour_of("from"), s.computed_to), least("to", s.rolled_to), '1 hour')
          from private.settings s
          where isfinite(s.computed_to)) touched
    where touched.hour >= private.hour_of("from") and touched.hour < "to"
      and private.is_kept('raw', touched.hour, touched.hour + interval '1 hour')
    order by touched.hour
    on conflict on constraint rollup_dirty_pkey do update set hour = excluded.hour;
end
$$;
comment on function private.mark_rollups_between(int, timestamptz, timestamptz) is
    'What was rolled up of an event in this range is to be computed again: points of it were removed.';


create function private.make_rollup_partitions("from" timestamptz, "to" timestamptz) returns void
    language plpgsql
    set search_path = ''
    set timezone = 'UTC'
as $$
declare
    missing record;
begin
    for missing in
        select k.name || to_char(lower, '_YYYYMM') as partition, k.name, lower, lower + k.width as upper
        from (values ('rollup_minutes', 'month', interval '1 month'), ('rollup_hours', 'year', interval '1 year'),
                     ('rollup_days', 'decade', interval '10 years')) as k (name, unit, width)
        cross join generate_series(date_trunc(k.unit, "from"), "to", k.width) as lower
        where to_regclass(format('private.%I', k.name || to_char(lower, '_YYYYMM'))) is null
    loop
        execute format('create table private.%I (like private.%I including all)', missing.partition, missing.name);
        execute format('alter table private.%I enable row level security', missing.partition);
        execute format('alter table private.%I attach partition private.%I for values from (%L) to (%L)',
                       missing.name, missing.partition, missing.lower, missing.upper);
    end loop;
end
$$;
comment on function private.make_rollup_partitions(timestamptz, timestamptz) is
    'Makes what partitions the rollups of this range need: months of minutes, years of hours, decades of days.';


create function private.roll_up(
    event_ids int[], hours timestamptz[], "from" timestamptz, "to" timestamptz,
    most_in_raw int default 120   -- of an hour with fewer points minutes would save no reader anything
)
    returns void
    language plpgsql
    set search_path = ''
as $$
#variable_conflict use_column
begin
    perform private.make_rollup_partitions("from", "to");
    with point as (
        select d.*, private.is_usable(d.quality) as usable
        from private.datapoints d
        where hours is null and d.ts >= "from" and d.ts < "to"
        union all
        select d.*, private.is_usable(d.quality)
        from unnest(event_ids, hours) as h (event_id, hour)
        cross join lateral (
            select p.* from private.datapoints p
            where p.event_id = h.event_id and p.ts >= h.hour and p.ts < h.hour + interval '1 hour'
              and p.ts >= "from" and p.ts < "to"
            offset 0   -- hour by hour: joined by events alone, each would be compared with all that was ever measured
        ) d
    ), minute as materialized (
        select d.event_id, min(d.quality) as worst_quality,
               date_bin('1 minute', d.ts, '2001-01-01 00:00:00+00') as bucket, count(*) as points,
               sum(private.summand(d.value)) filter (where usable) as sum,
               min(d.value) filter (where usable) as min, max(d.value) filter (where usable) as max,
               (array_agg(d.value order by d.ts) filter (where usable))[1] as first,
               (array_agg(d.value order by d.ts desc) filter (where usable))[1] as last,
               min(d.ts) filter (where usable) as first_at, max(d.ts) filter (where usable) as last_at,
               count(*) filter (where not usable) as bad
        from point d
        group by d.event_id, date_bin('1 minute', d.ts, '2001-01-01 00:00:00+00')
    ), hour as (
        insert into private.rollup_hours (event_id, worst_quality, has_minutes, bucket, points, sum, min, max, first,
                                          last, first_at, last_at, bad)
        select event_id, min(worst_quality), sum(points) > most_in_raw, private.hour_of(bucket), sum(points), sum(sum),
               min(min), max(max), (array_agg(first order by first_at))[1],
               (array_agg(last order by last_at desc nulls last))[1], min(first_at), max(last_at), sum(bad)
        from minute
        group by event_id, private.hour_of(bucket)
        order by event_id, private.hour_of(bucket)
        returning event_id, bucket, has_minutes
    )
    insert into private.rollup_minutes (event_id, worst_quality, bucket, points, sum, min, max, first, last, first_at,
                                        last_at, bad)
    select m.*
    from minute m
    join hour h on h.event_id = m.event_id and h.bucket = private.hour_of(m.bucket)
    where h.has_minutes
    order by m.event_id, m.bucket;
end
$$;
comment on function private.roll_up(int[], timestamptz[], timestamptz, timestamptz, int) is
    'Rolls up the raw points of a range, of all events, or only of these hours of events, which are not rolled up yet.';


create function private.roll_up_days(event_ids int[], days timestamptz[], "from" timestamptz, "to" timestamptz)
    returns void
    language plpgsql
    set search_path = ''
as $$
#variable_conflict use_column
begin
    insert into private.rollup_days (event_id, worst_quality, bucket, points, sum, min, max, first, last, first_at,
                                     last_at, bad)
    with hour as (
        select h.* from private.rollup_hours h
        where days is null and h.bucket >= "from" and h.bucket < "to"
        union all
        select h.*
        from unnest(event_ids, days) as d (event_id, day)
        cross join lateral (
            select p.* from private.rollup_hours p
            where p.event_id = d.event_id and p.bucket >= d.day and p.bucket < d.day + interval '1 day'
            offset 0
        ) h
        where d.day < "to"
    )
    select event_id, min(worst_quality), private.day_of(bucket), sum(points), sum(sum), min(min), max(max),
           (array_agg(first order by first_at))[1], (array_agg(last order by last_at desc nulls last))[1],
           min(first_at), max(last_at), sum(bad)
    from hour
    group by event_id, private.day_of(bucket)
    order by event_id, private.day_of(bucket);
end
$$;
comment on function private.roll_up_days(int[], timestamptz[], timestamptz, timestamptz) is
    'Rolls up the hours of a range into days, of all events, or only of these days of events, which are not there yet.';


create function private.move_rollups(at timestamptz default clock_timestamp()) returns void
    language plpgsql security definer
    set search_path = ''
    -- whoever writes waits behind us: rather try again than make them wait for a long transaction
    set lock_timeout = '1s'
as $$
declare
    -- what comes some minutes late costs nothing
    target timestamptz := private.hour_of(private.trusted_time(at) - interval '5 minutes');
begin
    if target <= (select rolled_to from private.settings) then
        return;
    end if;
    -- whoever writes has read where rolled_to was, and must have committed before anything is computed
    perform pg_advisory_xact_lock(hashtext('private.rollups'));
    update private.settings s set
        rolled_to = target,
        computed_to = case when isfinite(s.computed_to) then s.computed_to
                           else least(target, (select private.hour_of(min(p.lower))
                                               from private.datapoint_partitions() p)) end
    where s.rolled_to < target;
end
$$;
comment on function private.move_rollups(timestamptz) is
    'From now on hours that are over are to be rolled up. private.compute_rollups must run in a later transaction.';
grant execute on function private.move_rollups(timestamptz) to webmacs_sidecar;


create function private.compute_rollups(most interval default '1 day') returns boolean
    language plpgsql security definer
    set search_path = ''
as $$
declare
    present private.settings;
    reached timestamptz;
begin
    if not pg_try_advisory_xact_lock(hashtext('private.compute_rollups')) then
        return false;
    end if;
    select * into present from private.settings;
    if present.computed_to >= present.rolled_to then
        return private.compute_dirty_rollups() > 0;
    end if;
    reached := least(present.computed_to + most, present.rolled_to);
    perform private.roll_up(null, null, present.computed_to, reached);
    perform private.roll_up_days(null, null, private.day_of(present.computed_to), private.day_of(reached));
    update private.settings set computed_to = reached;
    return true;
end
$$;
comment on function private.compute_rollups(interval) is
    'Rolls up the next hours, at most so many, or computes again what was written to late. True: there may be more. '
    'Each call is short, so that an outage of any length is caught up step by step.';
grant execute on function private.compute_rollups(interval) to webmacs_sidecar;


create function private.compute_dirty_rollups(most_points int default 200000) returns int
    language plpgsql
    set search_path = ''
as $$
declare
    computed_to timestamptz := (select s.computed_to from private.settings s);
    marked record;
    days record;
begin
    with candidate as (
        select o.event_id, o.hour, sum(coalesce(h.points, 3600)) over (order by o.event_id, o.hour)
                                   - coalesce(h.points, 3600) as points_before
        from (select d.event_id, d.hour from private.rollup_dirty d
              where d.hour < computed_to
                -- a controller whose clock is behind: where the newest value just came, more will come
                and not exists (select from private.latest l
                                where l.event_id = d.event_id and private.hour_of(l.ts - interval '5 minutes') <= d.hour
                                  and l.ts >= d.hour and l.received_at between now() - interval '10 minutes' and now())
              order by d.event_id, d.hour limit 5000) o
        left join private.rollup_hours h on h.event_id = o.event_id and h.bucket = o.hour
    ), taken as (
        delete from private.rollup_dirty r
        where (r.event_id, r.hour) in (select o.event_id, o.hour
                                       from private.rollup_dirty o
                                       join candidate c on c.event_id = o.event_id and c.hour = o.hour
                                       where c.points_before < most_points
                                       order by o.event_id, o.hour for update of o skip locked)
        returning r.event_id, r.hour
    )
    select array_agg(t.event_id) as event_ids, array_agg(t.hour) as hours, count(*) as hours_taken,
           min(t.hour) as earliest, max(t.hour) + interval '1 hour' as latest
    into marked
    from taken t;
    if marked.hours_taken = 0 then
        return 0;
    end if;
    select array_agg(d.event_id) as event_ids, array_agg(d.day) as days
    into days
    from (select distinct m.event_id, private.day_of(m.hour) as day
          from unnest(marked.event_ids, marked.hours) as m (event_id, hour)) d;

    delete from private.rollup_minutes m
    using unnest(marked.event_ids, marked.hours) as d (event_id, hour),
          generate_series(d.hour, d.hour + interval '59 minutes', interval '1 minute') as minute
    where m.event_id = d.event_id and m.bucket = minute and m.bucket >= marked.earliest and m.bucket < marked.latest;
    delete from private.rollup_hours h
    using unnest(marked.event_ids, marked.hours) as d (event_id, hour)
    where h.event_id = d.event_id and h.bucket = d.hour and h.bucket >= marked.earliest and h.bucket < marked.latest;
    delete from private.rollup_days b
    using unnest(days.event_ids, days.days) as d (event_id, day)
    where b.event_id = d.event_id and b.bucket = d.day;

    perform private.roll_up(marked.event_ids, marked.hours, marked.earliest, marked.latest);
    perform private.roll_up_days(days.event_ids, days.days, private.day_of(marked.earliest),
                                 least(private.day_of(computed_to), private.day_of(marked.latest) + interval '1 day'));
    delete from private.late_days l where l.late_at < now() - interval '1 day';
    insert into private.late_days (day, late_at) select distinct d, now() from unnest(days.days) d
    on conflict (day) do update set late_at = excluded.late_at;
    return marked.hours_taken;
end
$$;
comment on function private.compute_dirty_rollups(int) is
    'Computes hours again that were written to after they were rolled up, of about so many points: whoever writes to '
    'one of these hours meanwhile waits. Returns how many hours.';
