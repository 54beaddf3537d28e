-- Rules: what is watched, what is done then, and how far each has come. Everyone reads,
-- administrators manage. rpc/save_rule saves a rule together with its actions.

create view api.rules with (security_invoker) as
    select id, public_id, name, event_id, kind, operator, threshold, threshold_high, deadband, window_seconds,
           timeout_seconds, on_delay_seconds, off_delay_seconds, cooldown_seconds, severity, latched, suppressed_by,
           message, enabled, created_at, version, changed_by
    from private.rules;
comment on view api.rules is
    'Rules: each watches one event, point by point in the order of arrival; '
    'a point older than the newest fires nothing.';
comment on column api.rules.id is 'Number within this database.';
comment on column api.rules.public_id is 'Identifier to the outside.';
comment on column api.rules.name is 'Unique name.';
comment on column api.rules.event_id is 'Number of the event that it watches.';
comment on column api.rules.kind is
    'threshold: the value; rate: its change in units per second over window_seconds; '
    'no_data: nothing for timeout_seconds.';
comment on column api.rules.operator is
    'gt, lt, gte, lte, eq (within 1e-9), between (inclusive) or not_between. Null for no_data.';
comment on column api.rules.threshold is 'Limit, in the unit of the event; of a rate in units per second.';
comment on column api.rules.threshold_high is 'Upper limit of between and not_between.';
comment on column api.rules.deadband is
    'Hysteresis: how far the value must go back beyond the limit before the condition ends, in the unit of the limit.';
comment on column api.rules.window_seconds is 'Of a rate: it is taken to the oldest point not older than this.';
comment on column api.rules.timeout_seconds is
    'Of no_data: for how long nothing may come, by the time of the measurements.';
comment on column api.rules.on_delay_seconds is
    'The condition must hold for longer than this before the rule is active.';
comment on column api.rules.off_delay_seconds is
    'The condition must be over for longer than this before the rule is inactive.';
comment on column api.rules.cooldown_seconds is
    'Least time between two firings; what holds longer fires when it is over.';
comment on column api.rules.severity is 'low, medium, high or critical.';
comment on column api.rules.latched is 'Whether its alarm remains after the return to normal until somebody resets it.';
comment on column api.rules.suppressed_by is 'While an experiment of this kind runs, its alarm is suppressed.';
comment on column api.rules.message is
    'Template of its message: {event} {value} {unit} {rule} {severity} {threshold} {threshold_high} {time}. '
    'Null: a sentence that fits its kind.';
comment on column api.rules.enabled is 'Whether it works.';
comment on column api.rules.created_at is 'When it was made.';
comment on column api.rules.version is
    'Counts its changes. rpc/save_rule names the one that it is based on: 409 if somebody changed the rule since.';
comment on column api.rules.changed_by is 'Name of who changed it last; null: nobody since it was made.';

grant select (id, public_id, name, event_id, kind, operator, threshold, threshold_high, deadband, window_seconds,
              timeout_seconds, on_delay_seconds, off_delay_seconds, cooldown_seconds, severity, latched, suppressed_by,
              message, enabled, created_at, version, changed_by)
    on private.rules to webmacs_viewer;
grant select on api.rules to webmacs_viewer;
grant insert (name, event_id, kind, operator, threshold, threshold_high, deadband, window_seconds, timeout_seconds,
              on_delay_seconds, off_delay_seconds, cooldown_seconds, severity, latched, suppressed_by, message,
              enabled),
      update (name, event_id, kind, operator, threshold, threshold_high, deadband, window_seconds, timeout_seconds,
              on_delay_seconds, off_delay_seconds, cooldown_seconds, severity, latched, suppressed_by, message,
              enabled),
      delete
    on private.rules, api.rules to webmacs_admin;
create policy "people read" on private.rules for select to webmacs_viewer using (true);
create policy "administrators do everything" on private.rules to webmacs_admin using (true) with check (true);

create trigger stamp_author before insert on private.rules
    for each row execute function private.stamp_author();


create function private.count_rule_change() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    new.version := old.version + 1;
    new.changed_by := access.actor();
    return new;
end
$$;
comment on function private.count_rule_change() is
    'Before a change by whatever way. What names single columns may be blind of the others; rpc/save_rule may not.';
create trigger count_rule_change
    before update of name, event_id, kind, operator, threshold, threshold_high, deadband, window_seconds,
                     timeout_seconds, on_delay_seconds, off_delay_seconds, cooldown_seconds, severity, latched,
                     suppressed_by, message, enabled
    on private.rules for each row execute function private.count_rule_change();


create view api.rule_actions with (security_invoker) as
    select id, public_id, rule_id, kind, webhook_type, event_id, value from private.rule_actions;
comment on view api.rule_actions is 'What is done when a rule fires; several to a rule.';
comment on column api.rule_actions.id is 'Number within this database.';
comment on column api.rule_actions.public_id is 'Identifier to the outside.';
comment on column api.rule_actions.rule_id is 'Number of the rule.';
comment on column api.rule_actions.kind is
    'log: a log entry; alarm: an alarm until the rule clears; webhook: to those who subscribed; set_value: a command.';
comment on column api.rule_actions.webhook_type is
    'Of webhook: the type that is sent, such as sensor.threshold_exceeded.';
comment on column api.rule_actions.event_id is
    'Of set_value: number of the actuator, range or button event that is set. Null: the event is gone.';
comment on column api.rule_actions.value is 'Of set_value: the value.';

grant select on private.rule_actions, api.rule_actions to webmacs_viewer;
grant insert (rule_id, kind, webhook_type, event_id, value), update (kind, webhook_type, event_id, value), delete
    on private.rule_actions, api.rule_actions to webmacs_admin;
create policy "people read" on private.rule_actions for select to webmacs_viewer using (true);
create policy "administrators do everything" on private.rule_actions to webmacs_admin using (true) with check (true);


create function private.check_rule_action() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
declare
    target private.events;
begin
    select * into target from private.events e where e.id = new.event_id;
    if target.id is null then
        raise sqlstate 'PT422' using
            message = case when new.event_id is null then 'event_id must name an event for set_value.'
                           else format('event_id must name an event; there is no event %s.', new.event_id) end;
    elsif target.event_type = 'sensor' then
        raise sqlstate 'PT422' using message = format('event_id must name what can be set, but %s is a sensor.',
                                                      private.in_one_line(target.name));
    elsif new.value not between target.min_value and target.max_value then
        raise sqlstate 'PT422' using
            message = format('value must be from %s to %s, the range of %s.', private.number_text(target.min_value),
                             private.number_text(target.max_value),
                             private.in_one_line(target.name));
    end if;
    return new;
end
$$;
comment on function private.check_rule_action() is 'Before a set_value action is saved: it must name what can be set.';
create trigger check_rule_action before insert or update of kind, event_id, value on private.rule_actions
    -- the foreign key takes away an event that is removed: what is left of the action fails when its rule fires
    for each row when (new.kind = 'set_value' and (new.event_id is not null or pg_trigger_depth() = 0))
    execute function private.check_rule_action();


create view api.rule_states with (security_invoker) as
    select rule_id, signal, signal_since, active, active_since, last_fired_at, due_at, failure, failed_at, reset_at
    from private.rule_states;
comment on view api.rule_states is 'How far each rule has come. Times are those of the measurements.';
comment on column api.rule_states.rule_id is 'Number of the rule.';
comment on column api.rule_states.signal is 'Whether its condition holds.';
comment on column api.rule_states.signal_since is 'Since when it does, or does not.';
comment on column api.rule_states.active is 'Whether it is active: the condition, after the delays.';
comment on column api.rule_states.active_since is 'Since when it is active.';
comment on column api.rule_states.last_fired_at is 'When it last fired.';
comment on column api.rule_states.due_at is 'When a delay or cooldown that runs will be over.';
comment on column api.rule_states.failure is 'Why it could not be evaluated the last time; null: it could.';
comment on column api.rule_states.failed_at is 'When it failed.';
comment on column api.rule_states.reset_at is 'When it was made or last changed: since then it watches.';

grant select on private.rule_states to webmacs_viewer;
grant select on api.rule_states to webmacs_viewer;
create policy "people read" on private.rule_states for select to webmacs_viewer using (true);


create function private.clear_rules(rule_ids int[]) returns void
    language plpgsql security definer
    set search_path = ''
as $$
begin
    perform private.act_on(array_agg(s.rule_id), array_agg('cleared'::text),
                           array_agg(greatest(now(), s.last_fired_at)), array_agg(l.value))
    from private.rule_states s
    join private.rules r on r.id = s.rule_id
    left join private.latest l on l.event_id = r.event_id
    where s.rule_id = any (rule_ids) and s.fired;
end
$$;
comment on function private.clear_rules(int[]) is
    'These rules are changed or go: what they have raised returns to normal.';


create function private.start_rules(rule_ids int[]) returns void
    language plpgsql
    set search_path = ''
as $$
begin
    perform private.hold_rules(rule_ids);
    perform private.clear_rules(rule_ids);
    insert into private.rule_states (rule_id)
    select id from unnest(rule_ids) id order by id
    on conflict (rule_id) do update set
        reset_at = default, signal = default, signal_since = null, signal_value = null, active = default,
        active_since = null, active_value = null, fired = default, last_fired_at = null, due_at = null,
        failure = null, failed_at = null;
end
$$;
comment on function private.start_rules(int[]) is 'These rules start anew: what they have raised returns to normal.';


create function private.start_rule() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    perform private.start_rules(array[new.id]);
    return null;
end
$$;
comment on function private.start_rule() is 'After a rule is made or changed: it starts anew.';
create trigger start_rule after insert on private.rules
    for each row execute function private.start_rule();
create trigger restart_rule
    after update of event_id, kind, operator, threshold, threshold_high, deadband, window_seconds, timeout_seconds,
                    on_delay_seconds, off_delay_seconds, cooldown_seconds, enabled
    on private.rules
    for each row when (
        (old.event_id, old.kind, old.operator, old.threshold, old.threshold_high, old.deadband, old.window_seconds,
         old.timeout_seconds, old.on_delay_seconds, old.off_delay_seconds, old.cooldown_seconds, old.enabled)
        is distinct from
        (new.event_id, new.kind, new.operator, new.threshold, new.threshold_high, new.deadband, new.window_seconds,
         new.timeout_seconds, new.on_delay_seconds, new.off_delay_seconds, new.cooldown_seconds, new.enabled))
    execute function private.start_rule();


create function private.end_rule() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    perform private.clear_rules(array[old.id]);
    return old;
end
$$;
comment on function private.end_rule() is 'Before a rule goes: what it has raised returns to normal.';
create trigger end_rule before delete on private.rules
    for each row execute function private.end_rule();


create function private.report_lost_rules() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    -- here, because when the rules are deleted their event is gone
    perform private.clear_rules(array(select r.id from private.rules r where r.event_id = old.id));
    perform private.write_log(
        'warning', format('Rule %s is gone: the event %s that it watched was removed.', r.name, old.name), 'rules')
    from private.rules r
    where r.event_id = old.id;
    perform private.write_log(
        'error', format('Rule %s cannot set %s any more: the event was removed.', r.name, old.name), 'rules')
    from private.rule_actions a
    join private.rules r on r.id = a.rule_id
    where a.event_id = old.id;
    return old;
end
$$;
comment on function private.report_lost_rules() is
    'Before an event is removed: what its rules have raised returns to normal, and the log says which that concerns.';
create trigger report_lost_rules before delete on private.events
    for each row execute function private.report_lost_rules();


create function private.restart_rules() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    perform private.start_rules(array(select r.id from private.rules r where r.event_id = new.id));
    return null;
end
$$;
comment on function private.restart_rules() is
    'After an event is archived, or taken back: its rules start anew. While it is archived, they rest.';
create trigger restart_rules after update of archived_at on private.events
    for each row when ((old.archived_at is null) <> (new.archived_at is null)) execute function private.restart_rules();
