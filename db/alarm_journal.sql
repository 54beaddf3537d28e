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
    select j.id, j.alarm_id, a.public_id as alarm_public_id, a.name, a.severity, j.step, j.state, j.silent,
           j.happened_at, j.recorded_at, j.actor, j.user_id, j.comment, j.value, j.message, j.shelved_until,
           j.waited_seconds
    from private.alarm_journal j join private.alarms a on a.id = j.alarm_id;
comment on view api.alarm_journal is 'Every step of every alarm: when, who, comment. Append-only.';
comment on column api.alarm_journal.id is 'Number, in the order of writing.';
comment on column api.alarm_journal.alarm_id is 'Number of the alarm.';
comment on column api.alarm_journal.alarm_public_id is 'Its identifier to the outside.';
comment on column api.alarm_journal.name is 'Name of the alarm, as it is called now.';
comment on column api.alarm_journal.severity is 'Severity of the alarm as it is now: low, medium, high or critical.';
comment on column api.alarm_journal.step is
    'raised, returned, acknowledged, reset, shelved, unshelved, suppressed or unsuppressed.';
comment on column api.alarm_journal.state is 'State of the alarm after the step.';
comment on column api.alarm_journal.silent is 'Whether it was shelved or suppressed before, so that nobody was told.';
comment on column api.alarm_journal.happened_at is 'When: of raised and returned by the measurement''s time.';
comment on column api.alarm_journal.recorded_at is 'When it was written.';
comment on column api.alarm_journal.actor is 'Name of who did it, as it was then; system: nobody.';
comment on column api.alarm_journal.user_id is
    'Number of the user who did it; null: nobody, a login of psql, or a user who was deleted.';
comment on column api.alarm_journal.comment is 'What was said about it, 1 to 1000 characters.';
comment on column api.alarm_journal.value is
    'Of raised and returned: the value that caused it, in the unit of the event; of a rate in units per second.';
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
    comment       text default null,
    shelved_until timestamptz default null
)
    returns void
    language plpgsql
    set search_path = ''
as $$
declare
    at timestamptz;
begin
    -- in the order of their numbers, as everywhere, so that two who do this cannot deadlock
    perform from private.alarms a where a.id = any (alarm_ids) order by a.id for update;
    at := clock_timestamp();   -- only now: it comes after what was waited for
    insert into private.alarm_journal
        (alarm_id, step, state, silent, happened_at, actor, user_id, comment, shelved_until, waited_seconds)
    select a.id, t.step, t.next_state, a.silenced_by is not null, at,
           write_alarm_steps.actor, write_alarm_steps.user_id, write_alarm_steps.comment,
           write_alarm_steps.shelved_until,
           case when t.step = 'acknowledged'
                then extract(epoch from at - a.unacknowledged_since) end
    from private.alarms a
    join private.alarm_transitions t on t.state = a.state and (t.latched = a.latched) is not false
    where a.id = any (alarm_ids) and t.step = write_alarm_steps.step
    order by a.id;
end
$$;
comment on function private.write_alarm_steps(bigint[], text, text, int, text, timestamptz) is
    'Those of these alarms that can take this step take it; the others stay as they are.';


-- The triggers run in the order of their names: check, follow, notify, send (alarm_webhooks.sql).
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
        where (t.state, t.step, t.next_state) = (s.state_before, s.step, s.state)
          and (t.latched = s.latched) is not false)
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
    -- grouped, not joined, because the one plan that is kept has to serve one step and a thousand
    update private.alarms a set
        state = s.state,
        name = coalesce((select r.name from private.rules r where r.id = a.rule_id and s.raises > 0), a.name),
        severity = coalesce((select r.severity from private.rules r where r.id = a.rule_id and s.raises > 0),
                            a.severity),
        message = coalesce(s.message, a.message),
        value = case when s.raises > 0 then s.value else a.value end,
        occurrences = a.occurrences + s.raises,
        last_raised_at = coalesce(s.raised_at, a.last_raised_at),
        returned_at = case s.condition when 'raised' then null
                                       when 'returned' then s.returned_at
                                       else a.returned_at end,
        acknowledged_at = case when s.raises > 0 then null else coalesce(s.acknowledged_at, a.acknowledged_at) end,
        acknowledged_by = case when s.raises > 0 then null else coalesce(s.acknowledged_by, a.acknowledged_by) end,
        -- what was silent is announced again, and nobody need have seen it before
        unacknowledged_since = case when s.state like '%unacknowledged' then
            coalesce(case when s.silence in ('unshelved', 'unsuppressed') then null else a.unacknowledged_since end,
                     s.recorded_at) end,
        silenced_by = case when s.state = 'normal' then null
                           when s.silence is null then a.silenced_by
                           when s.silence in ('shelved', 'suppressed') then s.silence end,
        changed_at = s.recorded_at
    from (
        select alarm_id,
               (array_agg(state order by id desc))[1] as state,
               (array_agg(step order by id desc) filter (where step in ('raised', 'returned')))[1] as condition,
               (array_agg(step order by id desc) filter (where step like '%shelved' or step like '%suppressed'))[1]
                   as silence,
               count(*) filter (where step = 'raised') as raises,
               (array_agg(happened_at order by id desc) filter (where step = 'raised'))[1] as raised_at,
               (array_agg(value order by id desc) filter (where step = 'raised'))[1] as value,
               (array_agg(coalesce(message, '') order by id desc) filter (where step = 'raised'))[1] as message,
               (array_agg(happened_at order by id desc) filter (where step = 'returned'))[1] as returned_at,
               max(happened_at) filter (where step = 'acknowledged') as acknowledged_at,
               max(actor) filter (where step = 'acknowledged') as acknowledged_by,
               max(recorded_at) as recorded_at
        from new_steps
        group by alarm_id
    ) s
    where a.id = s.alarm_id;
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
