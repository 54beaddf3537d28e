-- Commands: what somebody wants an actuator, range or button to be. Everyone reads; operators command through
-- rpc/set_value, rules through private.rule_commands; a controller sees its own and answers over its socket
-- (command_sockets.sql).

create view api.commands with (security_invoker) as
    select c.id, c.public_id, c.event_id, e.public_id as event_public_id, c.controller_id, c.value, c.reason,
           c.requested_by, c.user_id, c.rule_id, c.state, c.created_at, c.expires_at, c.sent_at, c.finished_at,
           c.value_read, c.error
    from private.commands c join private.events e on e.id = c.event_id;
comment on view api.commands is 'What was commanded, by whom and why, and what became of it. rpc/set_value makes them.';
comment on column api.commands.id is 'Number; of two commands the later one has the greater.';
comment on column api.commands.public_id is 'Identifier to the outside, as in the frames of the WebSockets.';
comment on column api.commands.event_id is 'What is set.';
comment on column api.commands.event_public_id is 'Identifier of the event to the outside.';
comment on column api.commands.controller_id is 'Who drives it; null: nobody, the value is only stored.';
comment on column api.commands.value is 'To what, in the unit of the event.';
comment on column api.commands.reason is 'Why: the operator''s words, or the message of the rule.';
comment on column api.commands.requested_by is 'Who, by name: a user, or `rule` and its name.';
comment on column api.commands.user_id is 'The user, if one did.';
comment on column api.commands.rule_id is 'The rule, if one did.';
comment on column api.commands.state is
    'queued; sent (to the controller); done; failed; expired (not sent, or not carried out, in time); superseded (by a '
    'later one for the same event); outcome_unknown (sent, but nobody knows whether it was carried out).';
comment on column api.commands.created_at is 'When it was given.';
comment on column api.commands.expires_at is 'After this it is not carried out any more.';
comment on column api.commands.sent_at is 'When it was first sent to the controller.';
comment on column api.commands.finished_at is 'When it came to its end.';
comment on column api.commands.value_read is 'What the controller read back afterwards.';
comment on column api.commands.error is 'Why it failed, in words.';

grant select on private.commands, api.commands to webmacs_viewer, webmacs_controller;

create policy "people read" on private.commands for select to webmacs_viewer using (true);
create policy "a controller reads its own" on private.commands for select to webmacs_controller
    using (controller_id = (select access.controller_id()));


-- the life of a command ---------------------------------------------------------

create function private.advance_command() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    if tg_op = 'INSERT' and new.state <> 'queued' then
        raise sqlstate 'PT409' using message = 'A new command is queued.';
    elsif tg_op = 'INSERT' then
        return new;
    elsif new.state <> old.state and old.state || ' ' || new.state <> all (array[
            'queued sent', 'queued done', 'queued failed', 'queued expired', 'queued superseded',
            'sent done', 'sent failed', 'sent expired', 'sent outcome_unknown',
            -- the controller may tell later than we waited for it
            'outcome_unknown done', 'outcome_unknown failed', 'outcome_unknown expired']) then
        raise sqlstate 'PT409' using message = format('A command that is %s cannot become %s.', old.state, new.state);
    elsif (new.public_id, new.event_id, new.value, new.created_at, new.expires_at)
          <> (old.public_id, old.event_id, old.value, old.created_at, old.expires_at) then
        raise sqlstate 'PT409' using message = 'What a command asks for cannot change.';
    end if;
    if new.state <> old.state and new.state = 'sent' then
        new.sent_at := clock_timestamp();
    elsif new.state <> old.state then
        new.finished_at := clock_timestamp();
    end if;
    return new;
end
$$;
comment on function private.advance_command() is
    'Before a change: only steps of a command''s life, each with its time.';
create trigger advance_command before insert or update on private.commands
    for each row execute function private.advance_command();


create function private.announce_commands() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    perform private.announce_changes('command', array(select id from changed_rows order by id));
    if tg_op = 'INSERT' then
        perform pg_notify('webmacs_commands', controller_id::text)
        from (select distinct controller_id from changed_rows where controller_id is not null) addressed;
    end if;
    return null;
end
$$;
comment on function private.announce_commands() is
    'After a change: its numbers to the live stream; new ones to the sidecars, which ask for them by controller.';
create trigger announce_new_commands after insert on private.commands referencing new table as changed_rows
    for each statement execute function private.announce_commands();
create trigger announce_changed_commands after update on private.commands referencing new table as changed_rows
    for each statement execute function private.announce_commands();


create function private.live_commands(ids bigint[]) returns setof json
    language sql stable security definer
    set search_path = ''
as $$
    select to_json(c) from api.commands c where c.id = any (ids) order by c.id
$$;
comment on function private.live_commands(bigint[]) is 'These commands as api.commands has them, for the live stream.';
grant execute on function private.live_commands(bigint[]) to webmacs_sidecar;


-- carrying out ------------------------------------------------------------------

create function private.supersede_commands(event_ids int[]) returns void
    language sql
    set search_path = ''
as $$
    with older as (
        select c.id from private.commands c
        where c.event_id = any (event_ids) and c.state = 'queued'
          and exists (select from private.commands n
                      where n.event_id = c.event_id and n.id > c.id and (n.state = 'queued' or n.sent_at is not null))
        order by c.id
        for update skip locked   -- whoever holds one is about to send or to supersede it; else the next claim does
    )
    update private.commands c set state = 'superseded' from older where c.id = older.id
$$;
comment on function private.supersede_commands(int[]) is
    'Of the queued commands of each event, only the last remains; one that was refused counts for nothing.';


create function private.simulated_cause(rule_id int, event_id int) returns text
    language sql stable
    set search_path = ''
as $$
    select format('%s is simulated, and %s is not.', s.name, e.name)
    from private.rules r
    join private.events s on s.id = r.event_id
    join private.latest l on l.event_id = s.id and l.quality = 96
    join private.events e on e.id = simulated_cause.event_id
    left join private.latest o on o.event_id = e.id
    where r.id = simulated_cause.rule_id and o.quality is distinct from 96
$$;
comment on function private.simulated_cause(int, int) is
    'Why this rule may not drive this event: what it judges is simulated (quality 96), and the event''s own newest '
    'value is not. Null: it may.';


create function private.refuse_commands(ids bigint[]) returns void
    language sql
    set search_path = ''
as $$
    with refused as (
        update private.commands c
        set state = 'failed', error = coalesce(j.refusal, wished.simulated[j.ordinal], 'Something else drives it now.')
        from (select array_agg(w.id order by w.id) as ids, array_agg(w.event_id order by w.id) as event_ids,
                     array_agg(w.value order by w.id) as "values",
                     -- a set point that no controller drives moves nothing; what it becomes is simulated, too
                     array_agg(case when w.controller_id is not null
                                    then private.simulated_cause(w.rule_id, w.event_id) end order by w.id) as simulated
              from private.commands w where w.id = any (refuse_commands.ids)) wished,
             private.judge_commands(wished.event_ids, wished."values", clock_timestamp()) j
        where c.id = wished.ids[j.ordinal]
          and c.state = 'queued'
          and (j.status is not null or j.controller_id is distinct from c.controller_id
               or wished.simulated[j.ordinal] is not null)
        returning c.*
    )
    select private.log_refused_commands(array_agg(rule_id), array_agg(value), array_agg(error))
    from (select * from refused where rule_id is not null order by id) of_rules
$$;
comment on function private.refuse_commands(bigint[]) is
    'Those of these queued commands that may not be carried out any more have failed. Of a rule''s, the log tells.';


-- giving one -------------------------------------------------------------------

create function private.repeated_command(
    public_id uuid, event_id int, value float8, reason text, ttl_seconds float8
)
    returns bigint
    language plpgsql
    set search_path = ''
as $$
declare
    known private.commands;
begin
    select * into known from private.commands c where c.public_id = repeated_command.public_id;
    if known.id is not null
       and (known.event_id, known.value, known.reason, known.user_id, known.expires_at - known.created_at)
           is distinct from
           (repeated_command.event_id, repeated_command.value, repeated_command.reason, access.user_id(),
            ttl_seconds * interval '1 second') then
        raise sqlstate 'PT409' using message = 'public_id is taken by another command.',
            hint = 'Repeat a request unchanged, or choose another public_id.';
    end if;
    return known.id;
end
$$;
comment on function private.repeated_command(uuid, int, float8, text, float8) is
    'The command that this very request made before, or null. 409 if another one has its public_id.';


create function api.set_value(
    event_id    int,
    value       double precision,
    reason      text default null,
    ttl_seconds double precision default 30,
    public_id   uuid default null
)
    returns setof api.commands
    language plpgsql security definer
    set search_path = ''
as $$
declare
    verdict record;
    made    bigint;
begin
    if (ttl_seconds between 1 and 3600) is not true then
        raise sqlstate 'PT422' using message = 'ttl_seconds must be from 1 to 3600.';
    end if;
    made := private.repeated_command(public_id, event_id, value, reason, ttl_seconds);
    if made is not null then
        return query select * from api.commands c where c.id = made;
        return;
    end if;

    select * into verdict from private.judge_commands(array[event_id], array[value], clock_timestamp());
    if verdict.status is not null then
        raise exception using errcode = 'PT' || verdict.status, message = private.in_one_line(verdict.refusal);
    end if;
    insert into private.commands (public_id, event_id, controller_id, value, reason, requested_by, user_id,
                                  created_at, expires_at)
    select coalesce(set_value.public_id, gen_random_uuid()), set_value.event_id, verdict.controller_id,
           set_value.value, set_value.reason, access.actor(), access.user_id(), t, t + ttl_seconds * interval '1 second'
    from clock_timestamp() t
    on conflict on constraint "public_id is taken by another command" do nothing
    returning id into made;
    -- null: the same request came twice at the same moment
    made := coalesce(made, private.repeated_command(public_id, event_id, value, reason, ttl_seconds));
    perform private.supersede_commands(array[event_id]);
    if verdict.controller_id is null then
        begin
            perform private.store_set_points();
        exception when deadlock_detected then
            raise notice 'Set points are contended: the clock stores this one.';
        end;
    end if;
    return query select * from api.commands c where c.id = made;
end
$$;
comment on function api.set_value(int, double precision, text, double precision, uuid) is
    'Commands an event, which is no sensor, to take a value within its range, if its interlocks allow it. '
    'Carried out within ttl_seconds (1 to 3600) or not at all. A later command supersedes one that still waits. '
    'With a public_id of the caller''s own, a repeated request has one effect. 404 if there is no such event, 422 if '
    'it cannot take this value, 409 if it may not move now.';
grant execute on function api.set_value(int, double precision, text, double precision, uuid) to webmacs_operator;
