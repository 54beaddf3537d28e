-- Series: what a chart draws of a time range, exact to the newest point. Finished buckets come from rollups;
-- the raw points of the present, and of hours that were written to late, are added to them.

create function private.raw_spans(unit text, event_ids int[], "from" timestamptz, "to" timestamptz, until timestamptz)
    returns table (event_id int, begins timestamptz, ends timestamptz)
    language plpgsql stable
    set search_path = ''
as $$
#variable_conflict use_column
begin
    return query
    select e.id, greatest("from", until), "to"
    from unnest(event_ids) as e (id)
    where greatest("from", until) < "to";
    if unit = 'raw' then
        return;
    end if;
    return query
    select distinct d.event_id,
           greatest("from", case unit when 'day' then private.day_of(d.hour) else d.hour end),
           least("to", until, case unit when 'day' then private.day_of(d.hour) + interval '1 day'
                              else d.hour + interval '1 hour' end)
    from private.rollup_dirty d
    where d.event_id = any (event_ids) and d.hour >= private.hour_of("from") and d.hour < least("to", until);
    if unit = 'minute' then
        return query
        select h.event_id, greatest("from", h.bucket), least("to", h.bucket + interval '1 hour')
        from private.rollup_hours h
        where h.event_id = any (event_ids) and h.bucket >= private.hour_of("from") and h.bucket < least("to", until)
          and not h.has_minutes
          and (h.event_id, h.bucket) not in (
              select d.event_id, d.hour from private.rollup_dirty d
              where d.event_id = any (event_ids) and d.hour >= private.hour_of("from") and d.hour < "to");
    end if;
end
$$;
comment on function private.raw_spans(text, int[], timestamptz, timestamptz, timestamptz) is
    'Of which events and spans the raw points are needed: since `until`, before which rollups are finished, and where '
    'they were written to later or do not keep minutes.';


create function private.series_buckets(
    unit text, event_ids int[], "from" timestamptz, "to" timestamptz, width interval
)
    returns table (
        event_id int, bucket timestamptz, points bigint, sum float8, min float8, max float8, first float8, last float8,
        first_at timestamptz, last_at timestamptz, worst_quality smallint, bad bigint
    )
    language plpgsql stable
    set search_path = ''
    set work_mem = '32MB'   -- a year of hours of ten events is sorted in memory
as $$
#variable_conflict use_column
declare
    computed_to timestamptz := (select s.computed_to from private.settings s);
    until timestamptz := case unit when 'raw' then '-infinity' when 'day' then private.day_of(computed_to)
                              else computed_to end;
    finished_to timestamptz := least("to", until);
    raw record;
begin
    -- neighbours become one span
    select array_agg(s.event_id) as event_ids, array_agg(lower(s.span)) as begins, array_agg(upper(s.span)) as ends,
           min(lower(s.span)) as earliest, max(upper(s.span)) as latest
    into raw
    from (select r.event_id, unnest(range_agg(tstzrange(r.begins, r.ends))) as span
          from private.raw_spans(unit, event_ids, "from", "to", until) r
          group by r.event_id) s;

    return query
    with written_late as (
        select d.event_id, d.hour from private.rollup_dirty d
        where d.event_id = any (event_ids) and d.hour >= private.hour_of("from") and d.hour < finished_to
    ), piece as (
        select m.event_id, m.bucket, m.points, m.sum, m.min, m.max, m.first, m.last, m.first_at, m.last_at,
               m.worst_quality, m.bad
        from private.rollup_minutes m
        where unit = 'minute' and m.event_id = any (event_ids) and m.bucket >= "from" and m.bucket < finished_to
          and (m.event_id, private.hour_of(m.bucket)) not in (select w.event_id, w.hour from written_late w)
        union all
        select h.event_id, h.bucket, h.points, h.sum, h.min, h.max, h.first, h.last, h.first_at, h.last_at,
               h.worst_quality, h.bad
        from private.rollup_hours h
        where unit = 'hour' and h.event_id = any (event_ids) and h.bucket >= "from" and h.bucket < finished_to
          and (h.event_id, h.bucket) not in (select w.event_id, w.hour from written_late w)
        union all
        select b.event_id, b.bucket, b.points, b.sum, b.min, b.max, b.first, b.last, b.first_at, b.last_at,
               b.worst_quality, b.bad
        from private.rollup_days b
        where unit = 'day' and b.event_id = any (event_ids) and b.bucket >= "from" and b.bucket < finished_to
          and (b.event_id, b.bucket) not in (select w.event_id, private.day_of(w.hour) from written_late w)
        union all
        select d.event_id, d.ts, 1, private.summand(u.value), u.value, u.value, u.value, u.value, u.ts, u.ts, d.quality,
               case when u.ts is null then 1 else 0 end
        from unnest(raw.event_ids, raw.begins, raw.ends) as s (event_id, begins, ends)
        join private.datapoints d on d.event_id = s.event_id and d.ts >= s.begins and d.ts < s.ends
        cross join lateral (select case when private.is_usable(d.quality) then d.value end as value,
                                   case when private.is_usable(d.quality) then d.ts end as ts) u
        where d.ts >= raw.earliest and d.ts < raw.latest   -- said twice: this spares looking into other partitions
    )
    select p.event_id, date_bin(width, p.bucket, "from"), sum(p.points)::bigint, sum(p.sum), min(p.min), max(p.max),
           -- both in one order, which is sorted once
           (array_agg(p.first order by p.first_at))[1], (array_agg(p.last order by p.first_at))[count(p.first_at)],
           min(p.first_at), max(p.last_at), min(p.worst_quality), sum(p.bad)::bigint
    from piece p
    group by p.event_id, date_bin(width, p.bucket, "from");
end
$$;
comment on function private.series_buckets(text, int[], timestamptz, timestamptz, interval) is
    'Buckets of this width from "from" on, of the points from "from" to "to"; both, and the width, in whole units.';


create function private.epoch_ms(at timestamptz) returns double precision
    language sql stable parallel safe   -- as date_part is, else it would be called for each time instead of inlined
return round(date_part('epoch', at) * 1000000) / 1000;
comment on function private.epoch_ms(timestamptz) is 'Milliseconds since 1970, as JavaScript counts.';


create function api.series(
    event_ids int[], "from" timestamptz, "to" timestamptz default now(), buckets int default 1000
)
    returns json
    language plpgsql stable security definer
    set search_path = ''
as $$
#variable_conflict use_column
declare
    unknown int;
    resolution text;
    unit_us bigint;
    origin timestamptz := "from";
    width_us bigint;
    width interval;
begin
    if (array_ndims(event_ids) = 1 and cardinality(event_ids) <= 100) is not true
       or exists (select from unnest(event_ids) i where i is null) then
        raise sqlstate 'PT400' using message = 'event_ids must be 1 to 100 numbers of events.';
    elsif (buckets between 1 and 10000) is not true then
        raise sqlstate 'PT400' using message = 'buckets must be from 1 to 10000.';
    end if;
    perform private.check_range("from", "to");
    select min(i) into unknown
    from unnest(event_ids) i
    where not exists (select from private.events e where e.id = i);
    if unknown is not null then
        raise sqlstate 'PT404' using message = format('There is no event %s.', unknown);
    end if;

    select r.name, r.us into resolution, unit_us from private.resolution(event_ids, "from", "to", buckets) r;
    if resolution <> 'raw' then
        origin := date_bin(unit_us * interval '1 microsecond', "from", '2001-01-01 00:00:00+00');
    end if;
    width_us := ceil(extract(epoch from "to" - origin) * 1000000 / buckets / unit_us) * unit_us;
    width := width_us * interval '1 microsecond';

    return (
        with bucket as (
            select * from private.series_buckets(resolution, event_ids, origin, origin + ceil(
                extract(epoch from "to" - origin) * 1000000 / width_us) * width, width)
            order by event_id, bucket
        ), columns as (
            -- in the order of the rows, which are sorted once for all columns
            select event_id, array_agg(private.epoch_ms(bucket)) as t, array_agg(points) as count,
                   array_agg(min) as min, array_agg(max) as max, array_agg(private.mean(sum, points - bad)) as mean,
                   array_agg(first) as first, array_agg(private.epoch_ms(first_at)) as first_t,
                   array_agg(last) as last, array_agg(private.epoch_ms(last_at)) as last_t,
                   array_agg(worst_quality) as quality, array_agg(bad) as bad
            from bucket
            group by event_id
        )
        select json_build_object(
            'from', "from", 'to', "to", 'origin', origin, 'width_seconds', width_us / 1000000.0::float8,
            'resolution', resolution,
            'series', json_agg(json_build_object(
                'event_id', e.id, 'event_public_id', e.public_id,
                't', coalesce(c.t, '{}'), 'count', coalesce(c.count, '{}'),
                'min', coalesce(c.min, '{}'), 'max', coalesce(c.max, '{}'), 'mean', coalesce(c.mean, '{}'),
                'first', coalesce(c.first, '{}'), 'last', coalesce(c.last, '{}'), 'first_t', coalesce(c.first_t, '{}'),
                'last_t', coalesce(c.last_t, '{}'), 'quality', coalesce(c.quality, '{}'),
                'bad', coalesce(c.bad, '{}')) order by i.place))
        from unnest(event_ids) with ordinality as i (id, place)
        join private.events e on e.id = i.id
        left join columns c on c.event_id = i.id);
end
$$;
comment on function api.series(int[], timestamptz, timestamptz, int) is
    'What a chart needs of one or many events (1 to 100; answered in this order) over any range of the years 1900 to '
    '2200, exact to the newest point: at most so many buckets of equal width (1 to 10000), columnar. resolution says '
    'what it was made from: raw points, or minutes, hours, days, whose multiple the width then is; the range is '
    'widened to whole buckets from origin on. Of each event: t (begin of the bucket) and first_t, last_t in '
    'milliseconds since 1970, count, min, max, mean, first, last, quality (the worst), bad: so many of count are bad '
    '(quality below 64), of which min to last say nothing; they are null where there is nothing else. A bucket without '
    'points is left out. Means count a value beyond 1e290 as that.';
grant execute on function api.series(int[], timestamptz, timestamptz, int) to webmacs_viewer;
