-- What a series is asked for: whether it is a range, and what its buckets are made from.

create function private.check_range("from" timestamptz, "to" timestamptz) returns void
    language plpgsql stable
    set search_path = ''
as $$
begin
    if ("from" < "to" and "from" >= '1900-01-01 00:00+00' and "to" < '2201-01-01 00:00+00') is not true then
        raise sqlstate 'PT400' using
            message = '"from" and "to" must be times in the years 1900 to 2200, "from" before "to".';
    end if;
end
$$;
comment on function private.check_range(timestamptz, timestamptz) is
    'Refuses what is no time range, and what is beyond the reckoning with times.';


create function private.resolution(
    event_ids int[], "from" timestamptz, "to" timestamptz, buckets int,
    most_pieces int default 5000000   -- what more would take, a statement may not
)
    returns table (name text, us bigint)
    language plpgsql stable
    set search_path = ''
as $$
#variable_conflict use_column
declare
    wanted_us numeric := greatest(1, extract(epoch from "to" - "from") * 1000000 / buckets);
begin
    if wanted_us < 60000000 and (
        select sum(h.points) from private.rollup_hours h
        where h.event_id = any (event_ids) and h.bucket >= private.hour_of("from") and h.bucket < "to"
    ) > most_pieces then
        wanted_us := 60000000;
    end if;
    if wanted_us < 3600000000 and cardinality(event_ids) * extract(epoch from "to" - "from") / 60 > most_pieces then
        wanted_us := 3600000000;
    end if;
    return query
    select u.name, u.us
    from (values ('day', 86400000000), ('hour', 3600000000), ('minute', 60000000), ('raw', 1)) as u (name, us)
    cross join lateral (select u.us <= wanted_us as fits) f
    where private.is_kept(u.name, "from", "to") or u.name = 'day'   -- what was dropped is not chosen
    order by f.fits desc, case when f.fits then -u.us else u.us end
    limit 1;
end
$$;
comment on function private.resolution(int[], timestamptz, timestamptz, int, int) is
    'What buckets of a range are made from, and how many microseconds that is: the coarsest that gives as many as '
    'asked, or one that is coarser still, if that would be too many pieces.';
