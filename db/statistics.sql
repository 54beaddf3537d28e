-- Statistics of one event over a range, from its raw points. Bad values are counted, and nothing else.

create function api.statistics(
    event_id int, "from" timestamptz, "to" timestamptz default now(), below double precision default null,
    above double precision default null
)
    returns json
    language plpgsql stable security definer
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    most constant int := 2000000;
    ends timestamptz := greatest("from", least("to", now()));   -- what comes is not known yet
    answer json;
begin
    perform private.check_range("from", "to");
    if below in ('NaN', 'Infinity', '-Infinity') or above in ('NaN', 'Infinity', '-Infinity') then
        raise sqlstate 'PT400' using message = 'below and above must be finite numbers.';
    elsif not exists (select from private.events e where e.id = statistics.event_id) then
        raise sqlstate 'PT404' using message = format('There is no event %s.', coalesce(event_id::text, 'null'));
    elsif not private.is_kept('raw', "from", ends) then
        raise sqlstate 'PT410' using message = 'Raw values between "from" and "to" were dropped by retention.',
            hint = 'rpc/series has what minutes, hours and days came to.';
    elsif (select count(*) from (select from private.datapoints d
                                 where d.event_id = statistics.event_id and d.ts >= "from" and d.ts < ends
                                 limit most + 1) counted) > most then
        raise sqlstate 'PT413' using message = format('From "from" to "to" the event has more than %s values.', most),
            hint = 'Choose a shorter range, or rpc/series.';
    end if;

    with carried as (
        -- what was so when the range began
        select "from" as ts, case when private.is_usable(d.quality) then d.value end as value
        from private.datapoints d
        where d.event_id = statistics.event_id and d.ts < "from"
        order by d.ts desc
        limit 1
    ), inside as (
        select d.ts, u.value, private.summand(u.value) as summand
        from private.datapoints d
        cross join lateral (select case when private.is_usable(d.quality) then d.value end as value) u
        where d.event_id = statistics.event_id and d.ts >= "from" and d.ts < ends
    ), held as (
        -- each value holds until the next, a bad one as well
        select h.value, extract(epoch from lead(h.ts, 1, ends) over (order by h.ts) - h.ts)::float8 as seconds
        from (select c.ts, c.value from carried c
              where not exists (select from inside i where i.ts = c.ts)
              union all select i.ts, i.value from inside i) h
    ), weighted as (
        select sum(private.summand(h.value) * h.seconds) / nullif(sum(h.seconds), 0) as mean, sum(h.seconds) as seconds,
               coalesce(sum(h.seconds) filter (where h.value < below), 0) as seconds_below,
               coalesce(sum(h.seconds) filter (where h.value > above), 0) as seconds_above
        from held h
        where h.value is not null
    )
    select json_build_object(
        'event_id', event_id, 'from', "from", 'to', ends,
        'count', count(*), 'bad', count(*) - count(i.value),
        'min', min(i.value), 'max', max(i.value), 'mean', sum(i.summand) / nullif(count(i.value), 0),
        -- its squares must not overflow, nor must bad ones count: of null and a number `least` takes the number
        'standard_deviation', stddev_samp(greatest(-1e140, least(i.value, 1e140))) filter (where i.value is not null),
        'percentiles', json_build_object(
            '5', percentile_cont(0.05) within group (order by i.summand),
            '25', percentile_cont(0.25) within group (order by i.summand),
            '50', percentile_cont(0.5) within group (order by i.summand),
            '75', percentile_cont(0.75) within group (order by i.summand),
            '95', percentile_cont(0.95) within group (order by i.summand)),
        'time_weighted_mean', (select w.mean from weighted w), 'seconds', (select w.seconds from weighted w),
        'seconds_below', case when below is not null then (select w.seconds_below from weighted w) end,
        'seconds_above', case when above is not null then (select w.seconds_above from weighted w) end)
    into answer
    from inside i;
    return answer;
end
$$;
comment on function api.statistics(int, timestamptz, timestamptz, double precision, double precision) is
    'Of the points of an event from "from" (inclusive) to "to" (exclusive), at most 2 000 000: count, of which so many '
    'are bad (quality below 64); of the others min, max, mean, standard_deviation (of a sample), percentiles '
    '(interpolated). With each value holding until the next, however long, and the one before the range from its '
    'begin, but no bad one: time_weighted_mean, seconds (how long anything is known), seconds_below and seconds_above '
    'these limits, where given. Of a time that is still to come nothing is known. Means count a value beyond 1e290 as '
    'that, the standard deviation one beyond 1e140.';
grant execute on function api.statistics(int, timestamptz, timestamptz, double precision, double precision)
   to webmacs_viewer;
