-- Commands that rules give. They are judged when the transaction ends: by then the value that fired is the newest
-- one, and interlocks see it. Nobody waits for an answer, so the log tells what was refused.

create function private.log_refused_commands(rule_ids int[], "values" float8[], refusals text[]) returns void
    language plpgsql
    set search_path = ''
as $$
begin
    insert into private.log_entries (level, message, source)
    select 'warning',
           format('Rule %s fired, but set nothing to %s: %s', r.name, private.number_text(w.value), w.refusal), 'rules'
    from unnest(rule_ids, "values", refusals) with ordinality as w (rule_id, value, refusal, place)
    join private.rules r on r.id = w.rule_id
    order by w.place;
end
$$;
comment on function private.log_refused_commands(int[], float8[], text[]) is
    'Why what these rules commanded was not done.';


create function private.rule_commands(
    rule_ids int[], steps text[], happened_at timestamptz[], "values" float8[], messages text[]
)
    returns void
    language plpgsql
    set search_path = ''
as $$
declare
    wished record;
begin
    select array_agg(a.event_id) as event_ids, array_agg(a.value) as "values", array_agg(a.message) as messages,
           array_agg(a.rule_id) as rule_ids, array_agg(a.refusal) as refusals
    into wished
    from (select a.event_id, a.value, s.message, a.rule_id,
                 case when a.event_id is null then 'the event was deleted.'
                      -- an output must not follow what a controller measured while it was cut off
                      when s.happened_at < now() - interval '30 seconds'
                      then format('that was at %s, which is too long ago.', date_trunc('second', s.happened_at))
                 end as refusal
          from unnest(rule_ids, steps, happened_at, messages)
               with ordinality as s (rule_id, step, happened_at, message, place)
          join private.rule_actions a on a.rule_id = s.rule_id and a.kind = 'set_value'
          where s.step = 'fired'
          order by s.happened_at, s.place, a.id) a;
    if wished.rule_ids is null then
        return;
    end if;
    perform private.log_refused_commands(array_agg(w.rule_id), array_agg(w.value), array_agg(w.refusal))
    from unnest(wished.rule_ids, wished."values", wished.refusals) as w (rule_id, value, refusal)
    where w.refusal is not null;

    insert into private.commands (event_id, controller_id, value, reason, requested_by, rule_id, created_at, expires_at)
    select e.id, i.controller_id, w.value, nullif(btrim(left(w.message, 500)), ''), 'rule ' || r.name, r.id,
           t, t + interval '30 seconds'
    from unnest(wished.event_ids, wished."values", wished.messages, wished.rule_ids, wished.refusals)
         with ordinality as w (event_id, value, message, rule_id, refusal, place)
    join private.events e on e.id = w.event_id
    join private.rules r on r.id = w.rule_id
    left join private.channel_mappings m on m.event_id = e.id and m.direction <> 'input'
    left join private.plugin_instances i on i.id = m.plugin_instance_id
    cross join clock_timestamp() t
    where w.refusal is null
    order by w.place;
end
$$;
comment on function private.rule_commands(int[], text[], timestamptz[], float8[], text[]) is
    'Rules that fired command what their actions of kind set_value say, unless what made them fire is older than '
    '30 seconds.';


create function private.settle_commands() returns void
    language plpgsql
    set search_path = ''
as $$
declare
    queued bigint[];
begin
    queued := array(select c.id from private.commands c
                    where c.state = 'queued' and c.rule_id is not null
                    order by c.id for update skip locked);
    if cardinality(queued) > 0 then
        perform private.refuse_commands(queued);
        perform private.supersede_commands(array(select c.event_id from private.commands c where c.id = any (queued)));
    end if;
    perform private.store_set_points();
end
$$;
comment on function private.settle_commands() is
    'Of what rules have commanded, what may not be fails, the last one for each event stays, set points are stored.';


create function private.settle_at_commit() returns trigger
    language plpgsql security definer
    set search_path = ''
    set lock_timeout = '100ms'   -- nobody's measured values wait longer for a set point
as $$
begin
    -- once a transaction: what this adds is the clock's to settle, for a circle of rules would not end
    if current_setting('webmacs.settled_at_commit', true) = 'on' then
        return null;
    end if;
    perform set_config('webmacs.settled_at_commit', 'on', true);
    begin
        perform private.settle_commands();
    exception   -- the clock tries again; what was ingested is not lost for it
        when lock_not_available or deadlock_detected then
            raise notice 'Set points are contended: the clock settles these.';
        when others then
            raise warning 'private.settle_commands failed: %', sqlerrm;
    end;
    return null;
end
$$;
comment on function private.settle_at_commit() is 'At the end of a transaction in which rules have commanded.';
create constraint trigger settle_at_commit after insert on private.commands deferrable initially deferred
    for each row when (new.rule_id is not null) execute function private.settle_at_commit();
