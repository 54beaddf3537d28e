-- Actions: what follows when a rule fires or clears.

create function private.act_on(rule_ids int[], steps text[], happened_at timestamptz[], "values" float8[]) returns void
    language plpgsql
    set search_path = ''
as $$
#variable_conflict use_column
declare
    happened record;
begin
    if rule_ids is null then
        return;
    end if;
    select array_agg(h.rule_id order by h.place) as rule_ids, array_agg(h.step order by h.place) as steps,
           array_agg(h.at order by h.place) as happened_at, array_agg(h.value order by h.place) as "values",
           array_agg(private.rule_message(r, e, h.at, h.value) order by h.place) as messages
    into happened
    from unnest(rule_ids, steps, happened_at, "values") with ordinality as h (rule_id, step, at, value, place)
    join private.rules r on r.id = h.rule_id
    join private.events e on e.id = r.event_id;

    perform private.rule_logs(happened.rule_ids, happened.steps, happened.happened_at, happened."values",
                              happened.messages);
    perform private.rule_alarms(happened.rule_ids, happened.steps, happened.happened_at, happened."values",
                                happened.messages);
    perform private.rule_webhooks(happened.rule_ids, happened.steps, happened.happened_at, happened."values",
                                  happened.messages);
    perform private.rule_commands(happened.rule_ids, happened.steps, happened.happened_at, happened."values",
                                  happened.messages);
end
$$;
comment on function private.act_on(int[], text[], timestamptz[], float8[]) is
    'What follows of these steps of rules (fired, cleared; in order): log entries, alarms, webhooks, commands.';


create function private.rule_message(rule private.rules, event private.events, at timestamptz, value float8)
    returns text
    language sql stable
return left(private.rendered(
    coalesce(rule.message, case rule.kind
        when 'threshold' then '{event} is {value} {unit}'
        when 'rate' then '{event} changes by {value} {unit}'
        when 'no_data' then 'No data from {event}'
    end),
    'text/plain',
    jsonb_build_object(
        'event', event.name,
        -- a rate is the quotient of two measured values: few of its digits mean anything
        'value', case when rule.kind = 'rate' then private.number_text(to_char(value, '9.999EEEE')::float8)
                      else private.value_text(value, event, array[rule.threshold, rule.threshold_high]) end,
        'unit', private.rule_unit(rule.kind, event.unit),
        'rule', rule.name, 'severity', rule.severity, 'threshold', private.number_text(rule.threshold),
        'threshold_high', private.number_text(rule.threshold_high),
        'time', to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))), 1000);
comment on function private.rule_message(private.rules, private.events, timestamptz, float8) is
    'The message of a rule, its placeholders filled in; what is none stays as it is.';


create function private.rule_logs(
    rule_ids int[], steps text[], happened_at timestamptz[], "values" float8[], messages text[]
)
    returns void
    language plpgsql
    set search_path = ''
as $$
begin
    insert into private.log_entries (level, message, source)
    select case r.severity when 'low' then 'info' when 'medium' then 'warning' else 'error' end::api.log_level,
           h.message, 'rule ' || r.id
    from unnest(rule_ids, steps, messages) with ordinality as h (rule_id, step, message, place)
    join private.rules r on r.id = h.rule_id
    where h.step = 'fired'
      and exists (select from private.rule_actions a where a.rule_id = r.id and a.kind = 'log')
    order by h.place;
end
$$;
comment on function private.rule_logs(int[], text[], timestamptz[], float8[], text[]) is
    'The log entries of rules that fired: of low severity info, of medium warning, of high and critical error.';
