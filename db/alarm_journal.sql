-- The journal of alarms: which step leads where, and what follows from a step. Whoever
-- acts writes a line here and nothing else; the alarm, the live notification and the
-- webhooks follow by trigger. People read; nobody writes by hand.

-- The life of an alarm as ISA-18.2-2016 (IEC 62682:2014), figure 'alarm state transition diagram', has it.
create view private.alarm_transitions with (security_invoker) as
    select state, step, latched, next_state
    from (values
        -- latched: true or false where only such alarms go this way, null where all do
        ('normal',                  'raised',       null,  'active_unacknowledged'),
        ('returned_unacknowledged', 'raised',       null,  'active_unacknowledged'),
        ('latched_unacknowledged',  'raised',       null,  'active_unacknowledged'),
        ('latched_acknowledged',    'raised',       null,  'active_unacknowledged'),
        ('active_unacknowledged',   'returned',     false, 'returned_unacknowledged'),
        ('active_unacknowledged',   'returned',     true,  'latched_unacknowledged'),
        ('active_acknowledged',     'returned',     false, 'normal'),
        ('active_acknowledged',     'returned',     true,  'latched_acknowledged'),
        ('active_unacknowledged',   'acknowledged', null,  'active_acknowledged'),
        ('returned_unacknowledged', 'acknowledged', null,  'normal'),
        ('latched_unacknowledged',  'acknowledged', null,  'latched_acknowledged'),
        ('latched_acknowledged',    'reset',        null,  'normal')
    ) as steps (state, step, latched, next_state)
    union all
    -- an alarm can be silenced in any state, and stays in it
    select state, step, null, state
    from unnest(array['normal', 'active_unacknowledged', 'active_acknowledged', 'returned_unacknowledged',
                      'latched_unacknowledged', 'latched_acknowledged']) as state
    cross join unnest(array['shelved', 'unshelved', 'suppressed', 'unsuppressed']) as step;
comment on view private.alarm_transitions is 'Every step that an alarm can take, and the state that it leads to.';


create view api.alarm_journal with (security_invoker) as
    select id, alarm_id, step, state, silent, happened_at, recorded_at, actor, user_id, comment, value, message,
           shelved_until, waited_seconds
    from private.alarm_journal;
comment on view api.alarm_journal is 'Every step of every alarm: when, who, comment. Append-only.';
comment on column api.alarm_journal.id is 'Number, in the order of writing.';
comment on column api.alarm_journal.alarm_id is 'Number of the alarm.';
comment on column api.alarm_journal.step is
    'raised, returned, acknowledged, reset, shelved, unshelved, suppressed or unsuppressed.';
comment on column api.alarm_journal.state is 'State of the alarm after the step.';
comment on column api.alarm_journal.silent is 'Whether the alarm was shelved or suppressed, so that nobody was told.';
comment on column api.alarm_journal.happened_at is 'When: of raised and returned by the measurement''s time.';
comment on column api.alarm_journal.recorded_at is 'When it was written.';
comment on column api.alarm_journal.actor is 'Name of who did it, as it was then; system: nobody.';
comment on column api.alarm_journal.user_id is 'Number of the user who did it; null: nobody, a login of psql, or a deleted user.';
comment on column api.alarm_journal.comment is 'What was said about it, 1 to 1000 characters.';
comment on column api.alarm_journal.value is 'Of raised and returned: the value that caused it, in the unit of the event.';
comment on column api.alarm_journal.message is 'Of raised and returned: the message of the rule.';
comment on column api.alarm_journal.shelved_until is 'Of shelved: until when.';
comment on column api.alarm_journal.waited_seconds is
    'Of acknowledged: seconds since the alarm was announced, or arrived here.';

grant select on private.alarm_journal, api.alarm_journal to webmacs_viewer;
create policy "people read" on private.alarm_journal for select to webmacs_viewer using (true);


create function private.write_alarm_steps(
    alarm_ids     bigint[],
    step          text,
    actor         text,
    user_id       int,
    happened_at   timestamptz,
    comment       text default null,
    shelved_until timestamptz default null
)
    returns void
    language plpgsql
    set search_path = ''
as $$
begin
    -- in the order of their numbers, as everywhere, so that two who do this cannot deadlock
    perform from private.alarms a where a.id = any (alarm_ids) order by a.id for update;
    insert into private.alarm_journal
        (alarm_id, step, state, silent, happened_at, actor, user_id, comment, shelved_until, waited_seconds)
    select a.id, t.step, t.next_state, a.silenced_by is not null, write_alarm_steps.happened_at,
           write_alarm_steps.actor, write_alarm_steps.user_id, write_alarm_steps.comment, write_alarm_steps.shelved_until,
           case when t.step = 'acknowledged'
                then extract(epoch from write_alarm_steps.happened_at - a.unacknowledged_since) end
    from private.alarms a
    join private.alarm_transitions t on t.state = a.state and (t.latched = a.latched) is not false
    where a.id = any (alarm_ids) and t.step = write_alarm_steps.step
    order by a.id;
end
$$;
comment on function private.write_alarm_steps(bigint[], text, text, int, timestamptz, text, timestamptz) is
    'Those of these alarms that can take this step take it; the others stay as they are.';


-- The triggers run in the order of their names: check, follow, notify.
create function private.check_alarm_steps() returns trigger
    language plpgsql
    set search_path = ''
as $$
declare
    impossible record;
begin
    select s.* into impossible
    from (
        select j.alarm_id, j.step, j.state, a.latched,
               lag(j.state, 1, a.state) over (partition by j.alarm_id order by j.id) as state_before
        from new_steps j join private.alarms a on a.id = j.alarm_id
    ) s
    where not exists (
        select from private.alarm_transitions t
        where (t.state, t.step, t.next_state) = (s.state_before, s.step, s.state) and (t.latched = s.latched) is not false)
    limit 1;
    if found then
        raise sqlstate 'PT409' using message = format(
            'Alarm %s is %s and cannot become %s by being %s.',
            impossible.alarm_id, impossible.state_before, impossible.state, impossible.step);
    end if;
    return null;
end
$$;
comment on function private.check_alarm_steps() is 'After lines of the journal: refuses what no transition allows.';
create trigger check_alarm_steps after insert on private.alarm_journal referencing new table as new_steps
    for each statement execute function private.check_alarm_steps();


create function private.follow_alarm_steps() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    with last as (
        select distinct on (alarm_id) alarm_id, state, recorded_at from new_steps order by alarm_id, id desc
    ), raised as (
        select distinct on (j.alarm_id) j.alarm_id, r.name, r.severity, j.happened_at, j.value,
               coalesce(j.message, '') as message, count(*) over (partition by j.alarm_id) as times
        from new_steps j join private.alarms b on b.id = j.alarm_id join private.rules r on r.id = b.rule_id
        where j.step = 'raised'
        order by j.alarm_id, j.id desc
    ), condition as (
        select distinct on (alarm_id) alarm_id, case step when 'returned' then happened_at end as returned_at
        from new_steps where step in ('raised', 'returned') order by alarm_id, id desc
    ), attention as (
        select distinct on (alarm_id) alarm_id, case step when 'acknowledged' then happened_at end as acknowledged_at,
               case step when 'acknowledged' then actor end as acknowledged_by
        from new_steps where step in ('raised', 'acknowledged') order by alarm_id, id desc
    ), silence as (
        select distinct on (alarm_id) alarm_id, case when step in ('shelved', 'suppressed') then step end as silenced_by
        from new_steps where step in ('shelved', 'unshelved', 'suppressed', 'unsuppressed') order by alarm_id, id desc
    )
    update private.alarms a set
        state = last.state,
        name = coalesce(raised.name, a.name),
        severity = coalesce(raised.severity, a.severity),
        message = coalesce(raised.message, a.message),
        value = case when raised.alarm_id is null then a.value else raised.value end,
        occurrences = a.occurrences + coalesce(raised.times, 0),
        last_raised_at = coalesce(raised.happened_at, a.last_raised_at),
        returned_at = case when condition.alarm_id is null then a.returned_at else condition.returned_at end,
        acknowledged_at = case when attention.alarm_id is null then a.acknowledged_at else attention.acknowledged_at end,
        acknowledged_by = case when attention.alarm_id is null then a.acknowledged_by else attention.acknowledged_by end,
        -- what was silent is announced again, and nobody need have seen it before
        unacknowledged_since = case when last.state like '%unacknowledged' then
            coalesce(case when silence.alarm_id is null then a.unacknowledged_since end, last.recorded_at) end,
        silenced_by = case when last.state = 'normal' then null
                           when silence.alarm_id is null then a.silenced_by
                           else silence.silenced_by end,
        changed_at = last.recorded_at
    from last
    left join raised using (alarm_id)
    left join condition using (alarm_id)
    left join attention using (alarm_id)
    left join silence using (alarm_id)
    where a.id = last.alarm_id;
    return null;
end
$$;
comment on function private.follow_alarm_steps() is 'After lines of the journal: the alarms become what the lines say.';
create trigger follow_alarm_steps after insert on private.alarm_journal referencing new table as new_steps
    for each statement execute function private.follow_alarm_steps();


create function private.notify_alarm_steps() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    perform private.announce_changes('alarm', array(select distinct alarm_id::bigint from new_steps));
    return null;
end
$$;
comment on function private.notify_alarm_steps() is
    'After lines of the journal: which alarms changed, to the live stream.';
create trigger notify_alarm_steps after insert on private.alarm_journal referencing new table as new_steps
    for each statement execute function private.notify_alarm_steps();
