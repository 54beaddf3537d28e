-- Alarms: everyone reads; operators acknowledge, reset and shelve, by functions alone, so
-- that every step is in the journal.

create view api.alarms with (security_invoker) as
    select id, public_id, rule_id, event_id, name, severity,
           array_position(array['critical', 'high', 'medium', 'low'], severity) as priority,
           message, value, state, latched, silenced_by, occurrences, raised_at, last_raised_at, returned_at,
           unacknowledged_since, acknowledged_at, acknowledged_by, changed_at
    from private.alarms;
comment on view api.alarms is
    'Alarms, each from its raising until it is normal: returned, acknowledged, and, if latched, reset. '
    'What a rule raises while its alarm is open is the same row again.';
comment on column api.alarms.id is 'Number within this database.';
comment on column api.alarms.public_id is 'Identifier to the outside.';
comment on column api.alarms.rule_id is 'Number of the rule that raised it; null: it was deleted.';
comment on column api.alarms.event_id is 'Number of the event that the rule watched; null: it was removed.';
comment on column api.alarms.name is 'Name of the rule when it last raised it.';
comment on column api.alarms.severity is 'low, medium, high or critical, as the rule had it when it last raised it.';
comment on column api.alarms.priority is 'The severity as a number to sort by: 1 critical, 2 high, 3 medium, 4 low.';
comment on column api.alarms.message is 'Message of the rule when it last raised it.';
comment on column api.alarms.value is
    'Value that last raised it, in the unit of the event; of a rate in units per second.';
comment on column api.alarms.state is
    'active_unacknowledged or active_acknowledged: the condition holds; returned_unacknowledged: not any more; '
    'latched_unacknowledged or latched_acknowledged: not any more, but it has to be reset; normal: nothing is left.';
comment on column api.alarms.latched is 'Whether it has to be reset after its condition has gone.';
comment on column api.alarms.silenced_by is 'shelved or suppressed: nobody is told; null: it is announced.';
comment on column api.alarms.occurrences is 'How often it was raised since it last was normal.';
comment on column api.alarms.raised_at is 'When it was first raised, by the measurement''s time.';
comment on column api.alarms.last_raised_at is 'When it was last raised, by the measurement''s time.';
comment on column api.alarms.returned_at is 'When its condition ended, by the measurement''s time; null: it holds.';
comment on column api.alarms.unacknowledged_since is
    'Since when it waits to be acknowledged, by the time when it could be seen here; null: it does not.';
comment on column api.alarms.acknowledged_at is 'When it was acknowledged since it was last raised.';
comment on column api.alarms.acknowledged_by is 'Name of who acknowledged it, as it was then.';
comment on column api.alarms.changed_at is 'When it last took a step.';

grant select on private.alarms, api.alarms to webmacs_viewer;
create policy "people read" on private.alarms for select to webmacs_viewer using (true);


create view api.alarm_counts with (security_invoker) as
    select s.severity, s.priority::int as priority,
           count(a.id) filter (where a.silenced_by is null and a.state = 'active_unacknowledged')
               as active_unacknowledged,
           count(a.id) filter (where a.silenced_by is null and a.unacknowledged_since is not null) as unacknowledged,
           count(a.id) filter (where a.silenced_by is null) as open,
           count(a.silenced_by) as silenced
    from unnest(array['critical', 'high', 'medium', 'low']) with ordinality as s (severity, priority)
    left join private.alarms a on a.severity = s.severity and a.state <> 'normal'
    group by s.severity, s.priority;
comment on view api.alarm_counts is 'How many alarms are open, a row for each severity.';
comment on column api.alarm_counts.severity is 'low, medium, high or critical.';
comment on column api.alarm_counts.priority is
    'The severity as a number to sort by: 1 critical, 2 high, 3 medium, 4 low.';
comment on column api.alarm_counts.active_unacknowledged is
    'Whose condition holds and which nobody acknowledged; not the silent.';
comment on column api.alarm_counts.unacknowledged is
    'Which nobody acknowledged, also those that returned; not the silent.';
comment on column api.alarm_counts.open is 'All that are not normal; not the silent.';
comment on column api.alarm_counts.silenced is 'Open ones that are shelved or suppressed.';
grant select on api.alarm_counts to webmacs_viewer;


create function private.live_alarms(ids bigint[]) returns setof json
    language sql stable security definer
    set search_path = ''
as $$
    select to_json(a) from api.alarms a where a.id = any (ids) order by a.id
$$;
comment on function private.live_alarms(bigint[]) is 'These alarms as api.alarms has them, for the live stream.';
grant execute on function private.live_alarms(bigint[]) to webmacs_sidecar;


create function private.require_alarms(alarm_ids bigint[]) returns void
    language plpgsql stable
    set search_path = ''
as $$
declare
    missing text;
begin
    select coalesce(i.id::text, 'null') into missing
    from unnest(alarm_ids) as i (id) where not exists (select from private.alarms a where a.id = i.id)
    limit 1;
    if found then
        raise sqlstate 'PT404' using message = format('There is no alarm %s.', missing);
    end if;
end
$$;
comment on function private.require_alarms(bigint[]) is
    'Raises PT404 (HTTP status 404) if one of these alarms is not there.';


create function api.acknowledge_alarm(alarm_ids bigint[], comment text default null) returns setof api.alarms
    language plpgsql security definer
    set search_path = ''
as $$
begin
    if alarm_ids is null then
        raise sqlstate 'PT400' using message = 'alarm_ids must be an array of numbers of alarms.';
    end if;
    perform private.require_alarms(alarm_ids);
    perform private.write_alarm_steps(alarm_ids, 'acknowledged', access.actor(), access.user_id(),
                                      nullif(acknowledge_alarm.comment, ''));
    return query select * from api.alarms a where a.id = any (alarm_ids) order by a.id;
end
$$;
comment on function api.acknowledge_alarm(bigint[], text) is
    'Acknowledges these alarms, all or none, and returns them. To acknowledge all that are shown, name them: what came '
    'meanwhile nobody has seen. What was acknowledged before stays as it is. 404: one of them is not there.';
grant execute on function api.acknowledge_alarm(bigint[], text) to webmacs_operator;


create function api.reset_alarm(alarm_id bigint, comment text default null) returns setof api.alarms
    language plpgsql security definer
    set search_path = ''
as $$
declare
    state text;
begin
    perform private.require_alarms(array[alarm_id]);
    select a.state into state from private.alarms a where a.id = alarm_id for update;
    if state like 'active%' then
        raise sqlstate 'PT409' using message = format('Alarm %s is active; its condition still holds.', alarm_id);
    elsif state like '%unacknowledged' then
        raise sqlstate 'PT409' using message = format('Alarm %s must be acknowledged first.', alarm_id);
    end if;
    perform private.write_alarm_steps(array[alarm_id], 'reset', access.actor(), access.user_id(),
                                      nullif(reset_alarm.comment, ''));
    return query select * from api.alarms a where a.id = alarm_id;
end
$$;
comment on function api.reset_alarm(bigint, text) is
    'Resets a latched alarm that has returned and was acknowledged; a normal one stays as it is. '
    '409: its condition holds, or nobody acknowledged it. 404: it is not there.';
grant execute on function api.reset_alarm(bigint, text) to webmacs_operator;


create function private.alarm_to_shelve(alarm_id bigint, out id bigint, out rule_id int)
    language plpgsql stable
    set search_path = ''
as $$
begin
    perform private.require_alarms(array[alarm_id]);
    select a.rule_id into alarm_to_shelve.rule_id from private.alarms a where a.id = alarm_id;
    -- the newest of the rule's alarms is the open one, if one is open
    select max(a.id) into alarm_to_shelve.id from private.alarms a where a.rule_id = alarm_to_shelve.rule_id;
    if rule_id is null then
        raise sqlstate 'PT409' using
            message = format('The rule of alarm %s was deleted, so nothing raises it again.', alarm_id);
    end if;
end
$$;
comment on function private.alarm_to_shelve(bigint) is
    'The rule of an alarm, and the alarm of this rule whose journal tells. Raises PT404 or PT409 if there is none.';


create function api.shelve_alarm(alarm_id bigint, until timestamptz, reason text) returns setof api.alarms
    language plpgsql security definer
    set search_path = ''
as $$
declare
    target record;
begin
    if (until > now() and until <= now() + interval '30 days') is not true then
        raise sqlstate 'PT400' using message = 'until must be in the future, and at most 30 days from now.';
    elsif reason is null then
        raise sqlstate 'PT400' using message = 'reason must be given.';
    end if;
    target := private.alarm_to_shelve(alarm_id);
    insert into private.alarm_shelves as s (rule_id, shelved_until, reason, shelved_by)
    values (target.rule_id, until, shelve_alarm.reason, access.actor())
    on conflict (rule_id) do update set
        shelved_until = excluded.shelved_until, reason = excluded.reason,
        shelved_by = excluded.shelved_by, shelved_at = excluded.shelved_at;
    perform private.write_alarm_steps(array[target.id], 'shelved', access.actor(), access.user_id(),
                                      shelve_alarm.reason, until);
    return query select * from api.alarms a where a.id = target.id;
end
$$;
comment on function api.shelve_alarm(bigint, timestamptz, text) is
    'Makes the alarm of the rule that raised this one silent until a time at most 30 days from now, whatever the rule '
    'raises meanwhile; again: changes time and reason. 404: it is not there. 409: its rule was deleted.';
grant execute on function api.shelve_alarm(bigint, timestamptz, text) to webmacs_operator;


create function api.unshelve_alarm(alarm_id bigint) returns setof api.alarms
    language plpgsql security definer
    set search_path = ''
as $$
declare
    target record := private.alarm_to_shelve(alarm_id);
begin
    delete from private.alarm_shelves s where s.rule_id = target.rule_id;
    if found then
        perform private.write_alarm_steps(array[target.id], 'unshelved', access.actor(), access.user_id());
        -- an experiment may want it silent still
        perform private.settle_alarms(clock_timestamp());
    end if;
    return query select * from api.alarms a where a.id = target.id;
end
$$;
comment on function api.unshelve_alarm(bigint) is
    'Ends the shelving of this alarm''s rule; what is open is announced again. What is not shelved stays as it is. '
    '404: it is not there. 409: its rule was deleted.';
grant execute on function api.unshelve_alarm(bigint) to webmacs_operator;
