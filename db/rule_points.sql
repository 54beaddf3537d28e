-- Points for rules: which of a batch are newer than all before them, and what they decide.

create function private.in_order_of_arrival(
    event_ids int[], qualities smallint[], timestamps timestamptz[], "values" float8[], ordinals int[], watched int[]
)
    returns private.arrived
    language plpgsql stable
    set search_path = ''
as $$
#variable_conflict use_column
declare
    answer private.arrived;
begin
    select array_agg(event_id), array_agg(quality), array_agg(ts), array_agg(value), array_agg(ordinal),
           array_agg(before), array_agg(case when before = newest then received_at end),
           array_agg(coalesce(ts > before, true))
    into answer
    from (
        select p.*, l.ts as newest, l.received_at,
               greatest(l.ts, max(p.ts) over (partition by p.event_id order by p.ordinal
                                              rows between unbounded preceding and 1 preceding)) as before
        from unnest(event_ids, qualities, timestamps, "values", ordinals) as p (event_id, quality, ts, value, ordinal)
        left join private.latest l on l.event_id = p.event_id
        where p.event_id = any (watched)
    ) p;
    return answer;
end
$$;
comment on function private.in_order_of_arrival(int[], smallint[], timestamptz[], float8[], int[], int[]) is
    'The points of the watched events, each with the newest point of its event that arrived before it.';


-- The three kinds of rules. SQL bodies, which PostgreSQL writes into the query that calls them.

create function private.threshold_decisions(rule_ids int[], points private.arrived)
    returns table (rule_id int, at timestamptz, decision boolean, value float8)
    language sql stable
begin atomic
    select r.id, p.ts, private.decision(r.operator, p.value, r.threshold, r.threshold_high, r.deadband), p.value
    from private.rules r
    join unnest(points.event_ids, points.qualities, points.timestamps, points."values", points.in_order)
         as p (event_id, quality, ts, value, in_order) using (event_id)
    where r.id = any (rule_ids) and r.kind = 'threshold' and p.in_order and private.is_usable(p.quality);
end;
comment on function private.threshold_decisions(int[], private.arrived) is
    'Rules about the value itself: what each point decides for each of them.';


create function private.rate_decisions(rule_ids int[], points private.arrived, earliest timestamptz)
    returns table (rule_id int, at timestamptz, decision boolean, value float8)
    language sql stable
begin atomic
    with arrived as (
        select *
        from unnest(points.event_ids, points.qualities, points.timestamps, points."values", points.ordinals,
                    points.in_order) as p (event_id, quality, ts, value, ordinal, in_order)
    ), late as materialized (   -- once, not for each point: nearly always there are none
        select event_id, ts, ordinal from arrived where not in_order
    ), rated as (
        select r.*, p.ts, (p.value - first.value) / extract(epoch from p.ts - first.ts)::float8 as rate
        from private.rules r
        join arrived p using (event_id)
        cross join lateral (
            select d.value, d.ts
            from private.datapoints d
            where d.event_id = p.event_id and d.ts < p.ts
              and d.ts >= p.ts - r.window_seconds * interval '1 second'
              and d.ts >= earliest - interval '1 day'   -- the widest window: spares looking into older partitions
              and private.is_usable(d.quality)
              -- it is stored already, but came after this one
              and not exists (select from late
                              where late.event_id = d.event_id and late.ts = d.ts and late.ordinal > p.ordinal)
            order by d.ts
            limit 1
        ) first
        where r.id = any (rule_ids) and r.kind = 'rate' and p.in_order and private.is_usable(p.quality)
    )
    select id, ts, private.decision(operator, rate, threshold, threshold_high, deadband), rate from rated;
end;
comment on function private.rate_decisions(int[], private.arrived, timestamptz) is
    'Rules about the rate of change: what each point decides for each of them. earliest: the first of the points.';


create function private.no_data_decisions(rule_ids int[], points private.arrived)
    returns table (rule_id int, at timestamptz, decision boolean, value float8)
    language sql stable
begin atomic
    with arrivals as (
        select r.id, p.event_id, p.ts, p.value, p.before, r.timeout_seconds * interval '1 second' as timeout,
               -- a rule made meanwhile has waited only since then
               p.before + greatest(s.reset_at - p.before_at, interval '0') as waited_from,
               s.signal_since
        from private.rules r
        join private.rule_states s on s.rule_id = r.id
        join unnest(points.event_ids, points.timestamps, points."values", points.befores, points.befores_at,
                    points.in_order) as p (event_id, ts, value, before, before_at, in_order) using (event_id)
        where r.id = any (rule_ids) and r.kind = 'no_data' and p.in_order
    )
    select id, ts, false, value from arrivals
    union all
    select a.id, a.waited_from + a.timeout, true, d.value
    from arrivals a
    left join private.datapoints d on d.event_id = a.event_id and d.ts = a.before
    where a.ts - a.waited_from > a.timeout
      -- a gap before the clock had ruled that there are no data tells nothing new
      and (a.waited_from + a.timeout < a.signal_since) is not true;
end;
comment on function private.no_data_decisions(int[], private.arrived) is
    'Rules about missing data: each point ends their signal, the gap before it may have set it.';


create function private.decisions(rule_ids int[], points private.arrived)
    returns table (rule_id int, at timestamptz, decision boolean, value float8)
    language plpgsql stable
    set search_path = ''
    set enable_nestloop = off   -- the planner takes arrays for short, and joins by hash are six times faster here
as $$
declare
    kinds text[] := array(select distinct r.kind from private.rules r where r.id = any (rule_ids));
    earliest timestamptz := (select min(t) from unnest(points.timestamps) t);
begin
    if 'threshold' = any (kinds) then
        return query select * from private.threshold_decisions(rule_ids, points);
    end if;
    if 'rate' = any (kinds) then
        return query select * from private.rate_decisions(rule_ids, points, earliest);
    end if;
    if 'no_data' = any (kinds) then
        return query select * from private.no_data_decisions(rule_ids, points);
    end if;
end
$$;
comment on function private.decisions(int[], private.arrived) is
    'What each point decides for each of these rules: the signal begins (true), ends (false) or stays (null).';
