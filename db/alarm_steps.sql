-- Alarms of rules: what the pipeline calls when rules fire and clear.

create function private.state_after_return(acknowledged boolean, latched boolean) returns text
    language sql immutable
return case when acknowledged and latched then 'latched_acknowledged'
            when acknowledged then 'normal'
            when latched then 'latched_unacknowledged'
            else 'returned_unacknowledged' end;
comment on function private.state_after_return(boolean, boolean) is
    'The state of an alarm that was active, acknowledged or not, and has returned to normal.';


create function private.alarm_steps(
    rule_ids    int[],
    steps       text[],
    times       timestamptz[],
    "values"    float8[],
    messages    text[]
)
    returns table (
        ordinal     bigint,
        rule_id     int,
        alarm_id    bigint,        -- null: of the alarm that this call has to make
        step        text,
        state       text,          -- after it
        silent      boolean,
        happened_at timestamptz,
        value       float8,
        message     text
    )
    language plpgsql stable   -- which, unlike sql, keeps its plan
    set search_path = ''
as $$
#variable_conflict use_column
begin
    return query
    with given as (
        select p.*, a.id as alarm_id, a.state as first_state, a.latched as open_latched, r.latched,
               a.silenced_by is not null as open_silent
        from unnest(rule_ids, steps, times, "values", messages)
             with ordinality as p (rule_id, step, happened_at, value, message, ordinal)
        join private.rules r on r.id = p.rule_id
        left join private.alarms a on a.rule_id = p.rule_id and a.state <> 'normal'
        where p.step = 'cleared'
           or exists (select from private.rule_actions c where c.rule_id = p.rule_id and c.kind = 'alarm')
    ), preceded as (
        select *, lag(step, 1, case when first_state like 'active%' then 'fired' else 'cleared' end)
                  over (partition by rule_id order by ordinal) as step_before
        from given
    ), counted as (
        -- to raise what is active, or to return what is not, does nothing: so the steps alternate from here on
        select *, row_number() over (partition by rule_id order by ordinal) as place
        from preceded where step <> step_before
    ), assigned as (
        -- only an acknowledged alarm that is not latched can end by returning; what comes then is the next alarm's
        select *, alarm_id is null or (place > 1 and first_state = 'active_acknowledged' and not open_latched) as fresh
        from counted
    )
    select s.ordinal, s.rule_id,
           case when not s.fresh then s.alarm_id end,
           case s.step when 'fired' then 'raised' else 'returned' end,
           case when s.step = 'fired' then 'active_unacknowledged'
                else private.state_after_return(s.place = 1 and s.first_state = 'active_acknowledged',
                                                case when s.fresh then s.latched else s.open_latched end) end,
           case when s.fresh then s.rule_id in (select q.rule_id from private.silent_rules(clock_timestamp()) q)
                else s.open_silent end,
           s.happened_at, s.value, s.message
    from assigned s;
end
$$;
comment on function private.alarm_steps(int[], text[], timestamptz[], float8[], text[]) is
    'What these steps of rules, fired and cleared in order, do to alarms: those that do something, and the state '
    'after each.';


create function private.rule_alarms(
    rule_ids    int[],
    steps       text[],
    happened_at timestamptz[],
    "values"    float8[],
    messages    text[]
)
    returns void
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_column
begin
    -- nobody acknowledges them meanwhile
    perform from private.alarms where rule_id = any (rule_ids) and state <> 'normal' order by id for update;

    with taken as materialized (
        select * from private.alarm_steps(rule_ids, steps, happened_at, "values", messages)
    ), first as (
        select distinct on (rule_id) * from taken where alarm_id is null order by rule_id, ordinal
    ), made as (
        insert into private.alarms
            (rule_id, event_id, name, severity, latched, message, silenced_by, raised_at, last_raised_at)
        select r.id, r.event_id, r.name, r.severity, r.latched, coalesce(f.message, ''), q.silenced_by,
               f.happened_at, f.happened_at
        from first f
        join private.rules r on r.id = f.rule_id
        left join private.silent_rules(clock_timestamp()) q using (rule_id)
        order by f.ordinal
        returning id, rule_id
    )
    insert into private.alarm_journal (alarm_id, step, state, silent, happened_at, actor, value, message)
    select coalesce(t.alarm_id, m.id), t.step, t.state, t.silent, t.happened_at, 'system', t.value, t.message
    from taken t left join made m using (rule_id)
    order by t.ordinal;
end
$$;
comment on function private.rule_alarms(int[], text[], timestamptz[], float8[], text[]) is
    'Step of the pipeline: `fired` raises the alarm of a rule that has an action of kind alarm, `cleared` returns its '
    'open alarm to normal. Several steps of a rule happen in their order.';
