-- Alarms to webhooks: every step is an event alarm.<step>, but that nobody is told of what is raised in silence, nor
-- that it has returned. What was told before the silence is told to have returned, so that nobody waits for it.

create function private.send_alarm_steps() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    perform private.emit(array_agg(s.type order by s.id, s.place), array_agg(s.event_id order by s.id, s.place),
                         array_agg(s.severity order by s.id, s.place), array_agg(s.happened_at order by s.id, s.place),
                         array_agg(s.data order by s.id, s.place))
    from (
        select j.id, t.place, 'alarm.' || t.step as type, a.event_id, a.severity, j.happened_at,
               jsonb_build_object(
                   'alarm', a.public_id, 'rule', a.name, 'severity', a.severity, 'event', e.name,
                   'event_public_id', e.public_id, 'value', case when j.message is null then a.value else j.value end,
                   'unit', private.rule_unit(u.kind, e.unit), 'message', coalesce(j.message, a.message),
                   'state', j.state,
                   'occurrences', a.occurrences - j.raised_later, 'raised_at', j.raised_at, 'actor', j.actor,
                   'comment', j.comment, 'shelved_until', j.shelved_until) as data
        from (
            -- as it was at this step, however many were written at once
            select n.*,
                   count(*) filter (where n.step = 'raised')
                       over (partition by n.alarm_id order by n.id rows between 1 following and unbounded following)
                       as raised_later,
                   r.happened_at as raised_at, r.silent as raised_silent
            from new_steps n
            left join lateral (
                select b.happened_at, b.silent from private.alarm_journal b
                where b.alarm_id = n.alarm_id and b.id <= n.id and b.step = 'raised'
                order by b.id desc limit 1
            ) r on true
        ) j
        join private.alarms a on a.id = j.alarm_id
        left join private.events e on e.id = a.event_id
        left join private.rules u on u.id = a.rule_id
        cross join lateral (
            select 1, j.step where not (j.silent and j.raised_silent and j.step in ('raised', 'returned'))
            union all
            -- after its silence an alarm whose condition holds is announced again
            select 2, 'raised'
            where j.step in ('unshelved', 'unsuppressed') and j.state like 'active%'
              and a.silenced_by is null
              and a.rule_id not in (
                  select q.rule_id from private.silent_rules((select max(n.happened_at) from new_steps n)) q)
        ) as t (place, step)
    ) s;
    return null;
end
$$;
comment on function private.send_alarm_steps() is 'After lines of the journal: events alarm.* for webhooks.';
create trigger send_alarm_steps after insert on private.alarm_journal referencing new table as new_steps
    for each statement execute function private.send_alarm_steps();
