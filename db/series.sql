-- Series: what a chart draws of a time range, exact to the newest point. Finished buckets come from rollups;
-- the raw points of the present, and of hours that were written to late, are added to them.

create function private.rolled_up(unit text, event_ids int[], "from" timestamptz, "to" timestamptz)
    returns table (
        event_id int, worst_quality smallint, bucket timestamptz, points bigint, sum float8, min float8, max float8,
        first float8, last float8, first_at timestamptz, last_at timestamptz
    )
    language plpgsql stable
    set search_path = ''
as $$
#variable_conflict use_column
begin
    if unit = 'minute' then
        return query
        select m.event_id, m.worst_quality, m.bucket, m.points, m.sum, m.min, m.max, m.first, m.last, m.first_at, m.last_at
        from private.rollup_minutes m
        where m.event_id = any (event_ids) and m.bucket >= "from" and m.bucket < "to"
          and (m.event_id, private.hour_of(m.bucket)) not in (
              select d.event_id, d.hour from private.rollup_dirty d
              where d.event_id = any (event_ids) and d.hour >= private.hour_of("from") and d.hour < "to");
    elsif unit = 'hour' then
        return query
        select h.event_id, h.worst_quality, h.bucket, h.points, h.sum, h.min, h.max, h.first, h.last, h.first_at, h.last_at
        from private.rollup_hours h
        where h.event_id = any (event_ids) and h.bucket >= "from" and h.bucket < "to"
          and (h.event_id, h.bucket) not in (
              select d.event_id, d.hour from private.rollup_dirty d
              where d.event_id = any (event_ids) and d.hour >= "from" and d.hour < "to");
    elsif unit = 'day' then
        return query
        select b.event_id, b.worst_quality, b.bucket, b.points, b.sum, b.min, b.max, b.first, b.last, b.first_at, b.last_at
        from private.rollup_days b
        where b.event_id = any (event_ids) and b.bucket >= "from" and b.bucket < "to"
          and (b.event_id, b.bucket) not in (
              select d.event_id, private.day_of(d.hour) from private.rollup_dirty d
              where d.event_id = any (event_ids) and d.hour >= "from" and d.hour < "to");
    end if;
end
$$;
comment on function private.rolled_up(text, int[], timestamptz, timestamptz) is
    'The finished minutes, hours or days of these events that nothing was written to since.';


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
    'Of which events and spans the raw points are needed: since `until`, before which rollups are finished, and where they '
    'were written to later or do not keep minutes.';


create function private.series_buckets(
    unit text, event_ids int[], "from" timestamptz, "to" timestamptz, width interval
)
    returns table (
        event_id int, bucket timestamptz, points bigint, sum float8, min float8, max float8, first float8, last float8,
        first_at timestamptz, last_at timestamptz, worst_quality smallint
    )
    language plpgsql stable
    set search_path = ''
as $$
#variable_conflict use_column
declare
    computed_to timestamptz := (select s.computed_to from private.settings s);
    until timestamptz := case unit when 'raw' then '-infinity' when 'day' then private.day_of(computed_to) else computed_to end;
    raw record;
begin
    select array_agg(s.event_id) as event_ids, array_agg(s.begins) as begins, array_agg(s.ends) as ends,
           min(s.begins) as earliest, max(s.ends) as latest
    into raw
    from private.raw_spans(unit, event_ids, "from", "to", until) s;

    return query
    with piece as (
        select r.event_id, date_bin(width, r.bucket, "from") as bucket, r.points, r.sum, r.min, r.max, r.first, r.last,
               r.first_at, r.last_at, r.worst_quality
        from private.rolled_up(unit, event_ids, "from", least("to", until)) r
        union all
        select d.event_id, date_bin(width, d.ts, "from"), count(*), sum(d.value), min(d.value), max(d.value),
               (array_agg(d.value order by d.ts))[1], (array_agg(d.value order by d.ts desc))[1], min(d.ts), max(d.ts),
               min(d.quality)
        from unnest(raw.event_ids, raw.begins, raw.ends) as s (event_id, begins, ends)
        join private.datapoints d on d.event_id = s.event_id and d.ts >= s.begins and d.ts < s.ends
        where d.ts >= raw.earliest and d.ts < raw.latest   -- said twice: this spares looking into other partitions
        group by d.event_id, date_bin(width, d.ts, "from")
    )
    select p.event_id, p.bucket, sum(p.points)::bigint, sum(p.sum), min(p.min), max(p.max),
           (array_agg(p.first order by p.first_at))[1], (array_agg(p.last order by p.last_at desc))[1],
           min(p.first_at), max(p.last_at), min(p.worst_quality)
    from piece p
    group by p.event_id, p.bucket;
end
$$;
comment on function private.series_buckets(text, int[], timestamptz, timestamptz, interval) is
    'Buckets of this width from "from" on, of the points from "from" to "to"; both, and the width, in whole units.';


create function private.epoch_ms(at timestamptz) returns double precision
    language sql immutable parallel safe
return (extract(epoch from at) * 1000)::double precision;
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
    unknown int := (select min(i) from unnest(event_ids) i where not exists (select from private.events e where e.id = i));
    unit text;
    unit_us bigint;
    origin timestamptz := "from";
    width_us bigint;
    width interval;
begin
    if coalesce(cardinality(event_ids), 0) not between 1 and 100 or array_position(event_ids, null) is not null then
        raise sqlstate 'PT400' using message = 'event_ids must be 1 to 100 numbers of events.';
    elsif ("from" < "to" and isfinite("from") and isfinite("to")) is not true then
        raise sqlstate 'PT400' using message = '"from" and "to" must be times, "from" before "to".';
    elsif (buckets between 1 and 10000) is not true then
        raise sqlstate 'PT400' using message = 'buckets must be from 1 to 10000.';
    elsif unknown is not null then
        raise sqlstate 'PT404' using message = format('There is no event %s.', unknown);
    end if;

    select u.name, u.us into unit, unit_us
    from (values ('day', 86400000000), ('hour', 3600000000), ('minute', 60000000), ('raw', 1)) as u (name, us)
    where u.us <= greatest(1, extract(epoch from "to" - "from") * 1000000 / buckets)
    order by u.us desc limit 1;
    if unit <> 'raw' then
        origin := date_bin(unit_us * interval '1 microsecond', "from", '2001-01-01 00:00:00+00');
    end if;
    width_us := ceil(extract(epoch from "to" - origin) * 1000000 / buckets / unit_us) * unit_us;
    width := width_us * interval '1 microsecond';

    return (
        select json_build_object(
            'from', "from", 'to', "to", 'origin', origin, 'width_seconds', width_us / 1000000.0::float8, 'resolution', unit,
            'series', json_agg(s.series order by s.place))
        from (
            select e.place, json_build_object(
                'event_id', e.id, 'event_public_id', min(e.public_id::text),
                't', coalesce(array_agg(private.epoch_ms(b.bucket) order by b.bucket) filter (where b.bucket is not null), '{}'),
                'count', coalesce(array_agg(b.points order by b.bucket) filter (where b.bucket is not null), '{}'),
                'min', coalesce(array_agg(b.min order by b.bucket) filter (where b.bucket is not null), '{}'),
                'max', coalesce(array_agg(b.max order by b.bucket) filter (where b.bucket is not null), '{}'),
                'mean', coalesce(array_agg(b.sum / b.points order by b.bucket) filter (where b.bucket is not null), '{}'),
                'first', coalesce(array_agg(b.first order by b.bucket) filter (where b.bucket is not null), '{}'),
                'last', coalesce(array_agg(b.last order by b.bucket) filter (where b.bucket is not null), '{}'),
                'first_t', coalesce(array_agg(private.epoch_ms(b.first_at) order by b.bucket)
                                    filter (where b.bucket is not null), '{}'),
                'last_t', coalesce(array_agg(private.epoch_ms(b.last_at) order by b.bucket)
                                   filter (where b.bucket is not null), '{}'),
                'quality', coalesce(array_agg(b.worst_quality order by b.bucket) filter (where b.bucket is not null), '{}')
            ) as series
            from (select i.id, i.place, v.public_id from unnest(event_ids) with ordinality as i (id, place)
                  join private.events v on v.id = i.id) e
            left join private.series_buckets(unit, event_ids, origin, origin + ceil(
                extract(epoch from "to" - origin) * 1000000 / width_us) * width, width) b on b.event_id = e.id
            group by e.id, e.place
        ) s);
end
$$;
comment on function api.series(int[], timestamptz, timestamptz, int) is
    'What a chart needs of one or many events (at most 100) over any range, exact to the newest point: at most so many '
    'buckets of equal width (1 to 10000), columnar. resolution says what it was made from: raw points, or minutes, hours, '
    'days, whose multiple the width then is; the range is widened to whole buckets from origin on. Of each event: t (begin '
    'of the bucket) and first_t, last_t in milliseconds since 1970, count, min, max, mean, first, last, quality (the worst). '
    'A bucket without points is left out.';
grant execute on function api.series(int[], timestamptz, timestamptz, int) to webmacs_viewer;
