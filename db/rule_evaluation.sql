-- Evaluation: from decisions about values to firings. A signal is the last decision, held until
-- the next; delays make it an activity; an activity fires once, when the cooldown allows it.

create function private.cool_down(
    last_fired timestamptz, begins timestamptz, ends timestamptz, cooldown interval
)
    returns timestamptz
    language sql immutable parallel safe
return case when greatest(begins, last_fired + cooldown) < ends
            then greatest(begins, last_fired + cooldown) else last_fired end;
comment on function private.cool_down(timestamptz, timestamptz, timestamptz, interval) is
    'When a rule last fired, one activity later: this one fires as soon as the cooldown is over, if it lasts so long.';

create aggregate private.last_firing(begins timestamptz, ends timestamptz, cooldown interval) (
    sfunc = private.cool_down, stype = timestamptz
);
comment on aggregate private.last_firing(timestamptz, timestamptz, interval) is
    'When a rule last fired, over its activities in the order of time.';
revoke execute on function private.last_firing(timestamptz, timestamptz, interval) from public;


create function private.advance(
    rule_ids int[], clocks timestamptz[],
    marked int[], times timestamptz[], decisions boolean[], "values" float8[]
)
    returns table (rule_id int, step text, happened_at timestamptz, value float8)
    language plpgsql
    set search_path = ''
    set enable_nestloop = off   -- the planner takes arrays for short, and loops over loops are quadratic
as $$
#variable_conflict use_column
begin
    return query
    with tracked as materialized (
        select s.*, greatest(c.clock, s.signal_since) as clock,
               r.on_delay_seconds * interval '1 second' as on_delay,
               r.off_delay_seconds * interval '1 second' as off_delay,
               r.cooldown_seconds * interval '1 second' as cooldown
        from unnest(rule_ids, clocks) as c (rule_id, clock)
        join private.rules r on r.id = c.rule_id and r.id = any (rule_ids)   -- said twice for the index
        join private.rule_states s on s.rule_id = c.rule_id and s.rule_id = any (rule_ids)
    ), decided as (
        -- the signal as it was carried over, then each decision; data that come after the clock had
        -- ruled that there were none end that at once, not before it began
        select rule_id, coalesce(signal_since, '-infinity') as since, signal, signal_value as value, 0::bigint as place
        from tracked
        union all
        select t.rule_id, greatest(m.at, t.signal_since), m.decision, m.value, m.place
        from unnest(marked, times, decisions, "values") with ordinality as m (rule_id, at, decision, value, place)
        join tracked t using (rule_id)
    ), compared as (
        select *, lag(signal) over (partition by rule_id order by place) as before from decided
    ), signals as (
        select *, lead(since) over (partition by rule_id order by place) as ended_at
        from compared where signal is distinct from before
    ), established as (
        -- a signal counts when it outlasts its delay
        select s.rule_id, s.place, s.signal, s.value, delayed.at,
               s.signal is distinct from lag(s.signal, 1, t.active) over (partition by s.rule_id order by s.place)
                   as toggles
        from signals s
        join tracked t using (rule_id)
        cross join lateral (select s.since + case when s.signal then t.on_delay else t.off_delay end) as delayed (at)
        where s.ended_at > delayed.at or s.ended_at is null and t.clock >= delayed.at
    ), toggles as (
        select rule_id, -1::bigint as place, true as active, active_since as at, active_value as value, fired
        from tracked where active
        union all
        select rule_id, place, signal, at, value, false from established where toggles
    ), phases as (
        select *, lead(at) over (partition by rule_id order by place) as ended_at,
               lead(value) over (partition by rule_id order by place) as value_at_end
        from toggles
    ), activities as (
        -- first what fired before, so that its cooldown counts
        select rule_id, -2::bigint as place, last_fired_at as begins, 'infinity'::timestamptz as ends,
               interval '0' as cooldown,
               null::float8 as value, null::timestamptz as ended_at, null::float8 as value_at_end
        from tracked
        union all
        select p.rule_id, p.place, p.at, coalesce(p.ended_at, t.clock + interval '1 microsecond'), t.cooldown,
               p.value, p.ended_at, p.value_at_end
        from phases p
        join tracked t using (rule_id)
        where p.active and not p.fired
    ), cooled as (
        select *, private.last_firing(begins, ends, cooldown) over (partition by rule_id order by place) as last_fired
        from activities
    ), fired as (
        -- asked anew, for it may have fired at the very instant at which it fired before
        select *, place > -2
                  and greatest(begins, lag(last_fired) over (partition by rule_id order by place) + cooldown) < ends
                  as fires
        from cooled
    ), reached as (
        select t.rule_id, s.signal, nullif(s.since, '-infinity') as signal_since, s.value as signal_value,
               p.active is true as active,
               case when p.active then p.at end as active_since, case when p.active then p.value end as active_value,
               p.active is true and (p.fired or f.fires) as fired, l.last_fired as last_fired_at,
               case when s.signal then s.since + t.on_delay else s.since + t.off_delay end as established_at,
               l.last_fired + t.cooldown as cooled_at
        from tracked t
        join signals s on s.rule_id = t.rule_id and s.ended_at is null
        join (select rule_id, max(last_fired) as last_fired from fired group by rule_id) l on l.rule_id = t.rule_id
        left join phases p on p.rule_id = t.rule_id and p.ended_at is null
        left join fired f on f.rule_id = p.rule_id and f.place = p.place
    ), kept as (
        update private.rule_states s set
            signal = r.signal, signal_since = r.signal_since, signal_value = r.signal_value,
            active = r.active, active_since = r.active_since, active_value = r.active_value,
            fired = r.fired, last_fired_at = r.last_fired_at,
            due_at = least(case when r.signal <> r.active then r.established_at end,
                           case when r.active and not r.fired then r.cooled_at end)
        from reached r
        where s.rule_id = r.rule_id and s.rule_id = any (rule_ids)
          and (s.signal, s.signal_since, s.active, s.active_since, s.fired, s.last_fired_at)
              is distinct from (r.signal, r.signal_since, r.active, r.active_since, r.fired, r.last_fired_at)
    )
    select s.rule_id, s.step, s.at, s.value
    from (
        select rule_id, place, 'fired' as step, last_fired as at, value from fired where fires
        union all
        select rule_id, place, 'cleared', ended_at, value_at_end from fired where fires and ended_at is not null
        union all
        -- points of a backlog may end what the clock made fire before it began: it cleared when it fired
        select p.rule_id, p.place, 'cleared', greatest(p.ended_at, t.last_fired_at), p.value_at_end
        from phases p join tracked t using (rule_id)
        where p.fired and p.ended_at is not null
    ) s
    order by s.rule_id, s.place, s.step desc;
end
$$;
comment on function private.advance(int[], timestamptz[], int[], timestamptz[], boolean[], float8[]) is
    'Carries rules on by decisions about their values (marked, times, decisions, "values"; in the order of time within '
    'each rule), up to the clock of each one''s event; keeps their states. Returns what happened, in order: fired with '
    'the value with which its signal began, cleared with the value that ended it.';
