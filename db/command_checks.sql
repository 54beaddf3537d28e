-- What may be commanded now: the same question when a command is given, when it is sent, and when a rule wants it.

create function private.judge_commands(event_ids int[], "values" float8[], at timestamptz)
    returns table (ordinal int, status int, refusal text, controller_id int)
    language plpgsql stable
    set search_path = ''
as $$
#variable_conflict use_column
begin
    return query
    select j.ordinal::int, r.status, r.refusal, i.controller_id
    from unnest(event_ids, "values") with ordinality as j (event_id, value, ordinal)
    left join private.events e on e.id = j.event_id
    left join private.channel_mappings m on m.event_id = e.id and m.direction <> 'input'
    left join private.plugin_instances i on i.id = m.plugin_instance_id
    left join private.controllers c on c.id = i.controller_id
    left join private.blocking_interlocks(event_ids, at) b on b.event_id = e.id
    cross join lateral (select * from (values
        (1, e.id is null, 404, format('There is no event %s.', coalesce(j.event_id::text, 'null'))),
        (2, e.event_type = 'sensor', 422, format('event_id must name what can be set, but %s is a sensor.', e.name)),
        (3, e.archived_at is not null, 409, format('%s is archived.', e.name)),
        (4, j.value is null or j.value in ('NaN', 'Infinity', '-Infinity'), 422, 'value must be a finite number.'),
        (5, j.value not between e.min_value and e.max_value, 422,
         format('value must be from %s to %s %s for %s, not %s.', private.number_text(e.min_value),
                private.number_text(e.max_value), e.unit, e.name, private.number_text(j.value))),
        (6, e.event_type = 'actuator' and m.id is null, 409, format('%s is driven by no channel.', e.name)),
        (7, not i.enabled, 409, format('%s is driven by the plugin instance %s, which is disabled.', e.name, i.name)),
        (8, not c.enabled, 409, format('%s is driven by the controller %s, which is disabled.', e.name, c.name)),
        (9, b.event_id is not null, 409, b.words),
        (10, true, null, null)
    ) as checks (place, applies, status, refusal)
        where applies order by place limit 1) r;
end
$$;
comment on function private.judge_commands(int[], float8[], timestamptz) is
    'For each value that an event shall take: why not, with the HTTP status of that answer (null: it may), and the '
    'controller that drives it (null: none, the value is only stored). Ordinals count from 1.';
