-- What rules say to webhooks.

create function private.rule_webhooks(
    rule_ids    int[],
    steps       text[],
    happened_at timestamptz[],
    "values"    float8[],
    messages    text[]
)
    returns void
    language plpgsql
    set search_path = ''
as $$
#variable_conflict use_column
declare
    fired record;
begin
    select array_agg(a.webhook_type order by s.place, a.id) as types,
           array_agg(r.event_id order by s.place, a.id) as event_ids,
           array_agg(r.severity order by s.place, a.id) as severities,
           array_agg(s.at order by s.place, a.id) as happened_at,
           array_agg(jsonb_build_object(
               'rule', r.name, 'rule_public_id', r.public_id, 'kind', r.kind, 'operator', r.operator,
               'threshold', r.threshold, 'threshold_high', r.threshold_high, 'severity', r.severity,
               'event', e.name, 'event_public_id', e.public_id, 'area', e.area,
               'unit', private.rule_unit(r.kind, e.unit),
               'value', s.value, 'message', s.message) order by s.place, a.id) as data
    into fired
    from unnest(rule_ids, steps, happened_at, "values", messages)
         with ordinality as s (rule_id, step, at, value, message, place)
    join private.rule_actions a on a.rule_id = s.rule_id and a.kind = 'webhook'
    join private.rules r on r.id = s.rule_id
    join private.events e on e.id = r.event_id
    where s.step = 'fired';

    if fired.types is not null then
        perform private.emit(fired.types, fired.event_ids, fired.severities, fired.happened_at, fired.data);
    end if;
end
$$;
comment on function private.rule_webhooks(int[], text[], timestamptz[], float8[], text[]) is
    'Rules that fired tell webhooks, with the type that each names.';
