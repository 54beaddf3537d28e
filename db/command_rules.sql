-- Commands that rules give.

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
           array_agg(a.rule_id) as rule_ids, array_agg(a.name) as names
    into wished
    from (select a.event_id, a.value, s.message, r.id as rule_id, r.name
          from unnest(rule_ids, steps, happened_at, messages)
               with ordinality as s (rule_id, step, happened_at, message, ordinal)
          join private.rule_actions a on a.rule_id = s.rule_id and a.kind = 'set_value'
          join private.rules r on r.id = s.rule_id
          where s.step = 'fired'
          order by s.happened_at, s.ordinal, a.id) a;
    if wished.event_ids is null then
        return;
    end if;
    perform from private.events e where e.id = any (wished.event_ids) order by e.id for no key update;

    with judged as materialized (
        select j.*, wished.event_ids[j.ordinal] as event_id, wished."values"[j.ordinal] as value,
               wished.rule_ids[j.ordinal] as rule_id, wished.names[j.ordinal] as name,
               nullif(btrim(left(wished.messages[j.ordinal], 500)), '') as message
        from private.judge_commands(wished.event_ids, wished."values", clock_timestamp()) j
    ), refused as (
        insert into private.log_entries (level, message, source)
        select 'warning', format('Rule %s fired, but set nothing to %s: %s', j.name, j.value,
                                 case when j.event_id is null then 'the event was deleted.' else j.refusal end), 'rules'
        from judged j where j.status is not null order by j.ordinal
    )
    insert into private.commands (event_id, controller_id, value, reason, requested_by, rule_id, created_at, expires_at)
    select j.event_id, j.controller_id, j.value, j.message, 'rule ' || j.name, j.rule_id, t, t + interval '30 seconds'
    from judged j cross join clock_timestamp() t
    where j.status is null order by j.ordinal;

    perform private.supersede_commands(wished.event_ids);
    perform private.store_set_points();
end
$$;
comment on function private.rule_commands(int[], text[], timestamptz[], float8[], text[]) is
    'Rules that fired command what their actions of kind set_value say. What may not be is written to the log.';
