-- Partitions of private.datapoints by time: made ahead of the clock, and on demand
-- for late points within the horizon.

create function private.datapoint_partitions()
    returns table (name text, lower timestamptz, upper timestamptz)
    language sql stable
    set search_path = ''
as $$
    select c.relname, bounds[1]::timestamptz, bounds[2]::timestamptz
    from pg_catalog.pg_inherits i
    join pg_catalog.pg_class c on c.oid = i.inhrelid
    cross join regexp_match(pg_get_expr(c.relpartbound, c.oid), $re$FROM \('(.+)'\) TO \('(.+)'\)$re$) as bounds
    where i.inhparent = 'private.datapoints'::regclass
$$;
comment on function private.datapoint_partitions() is 'The partitions of datapoints and their bounds, lower inclusive.';


create function private.make_partition(day timestamptz) returns timestamptz
    language plpgsql
    set search_path = ''
    set timezone = 'UTC'
as $$
declare
    width interval := (select partition_width from private.settings);
    -- aligned to a Monday, so that widths of days and weeks begin with one
    lower_bound timestamptz := date_bin(width, day, '2001-01-01 00:00:00+00');
    upper_bound timestamptz := lower_bound + width;
    made text;
begin
    -- the width may have been another once: fit between the neighbours
    select greatest(lower_bound, max(p.upper) filter (where p.upper <= day)),
           least(upper_bound, min(p.lower) filter (where p.lower > day))
    into lower_bound, upper_bound
    from private.datapoint_partitions() p;

    made := to_char(lower_bound, '"datapoints_"YYYYMMDD"T"HH24MI');
    -- attaching, unlike `create … partition of`, lets others read and write meanwhile
    execute format('create table private.%I (like private.datapoints including all)', made);
    execute format('alter table private.%I enable row level security', made);
    execute format('alter table private.datapoints attach partition private.%I for values from (%L) to (%L)',
                   made, lower_bound, upper_bound);
    return upper_bound;
end
$$;
comment on function private.make_partition(timestamptz) is
    'Makes the partition of a day that has none. Returns its upper bound, exclusive.';


create function private.make_partitions(instants timestamptz[]) returns int
    language plpgsql
    set search_path = ''
as $$
declare
    day timestamptz;
    reached timestamptz := '-infinity';
    made int := 0;
begin
    if not exists (select from unnest(instants) as i (instant)
                   where not exists (select from private.datapoint_partitions() p
                                     where p.lower <= i.instant and i.instant < p.upper)) then
        return 0;   -- without a lock, for which others would wait until the end of this transaction
    end if;
    perform pg_advisory_xact_lock(hashtext('private.partitions'));
    -- partitions begin and end at midnight UTC: a day is in one as a whole, or in none
    for day in
        with present as materialized (select p.lower, p.upper from private.datapoint_partitions() p)
        select distinct date_bin('1 day', i.instant, '2001-01-01 00:00:00+00') as missing
        from unnest(instants) as i (instant)
        where not exists (select from present p where p.lower <= i.instant and i.instant < p.upper)
        order by missing
    loop
        if day >= reached then
            reached := private.make_partition(day);
            made := made + 1;
        end if;
    end loop;
    return made;
end
$$;
comment on function private.make_partitions(timestamptz[]) is
    'Makes what partitions these instants need, of whatever width the others are. Returns how many.';


create function private.reread_partitions() returns void
    language plpgsql
    set search_path = ''
as $$
begin
    -- what is granted is granted again: only that the catalogue says so anew
    grant select on private.datapoints to webmacs_viewer;
end
$$;
comment on function private.reread_partitions() is
    'For a session that finds no partition where there is one: PostgreSQL 17 may keep a list that misses what was '
    'attached while it read it, until something about the table changes.';


create function private.keep_partitions() returns int
    language plpgsql security definer
    set search_path = ''
as $$
declare
    made int;
begin
    select private.make_partitions(array(
        select i from generate_series(
            now() - s.partition_width, now() + s.partitions_ahead * s.partition_width, interval '1 day') i
        where not exists (select from private.retention r where r.unit = 'raw' and r.gone @> i)))
    into made
    from private.settings s;

    update private.settings set
        covered_from = now() - partition_width,
        covered_to = now() + partitions_ahead * partition_width;
    return made;
end
$$;
comment on function private.keep_partitions() is
    'Makes the partitions from the last one, unless it was dropped, to `partitions_ahead` beyond the present one. '
    'Returns how many.';
grant execute on function private.keep_partitions() to webmacs_sidecar;


create function private.make_partitions_for(timestamps timestamptz[]) returns void
    language sql
    set search_path = ''
as $$
    select private.make_partitions(array(
        select point.ts
        from unnest(timestamps) as point (ts), private.settings s
        where point.ts between now() - s.past_horizon and now() + s.future_tolerance
          and not exists (select from private.retention r where r.unit = 'raw' and r.gone @> point.ts)))
$$;
comment on function private.make_partitions_for(timestamptz[]) is
    'Makes what partitions these points need within the horizon: late points, or a clock far ahead of the last upkeep.';
