-- Testing: what a rule would have done over a past time range, without doing it.

create function private.past_points(event_id int, "from" timestamptz, "to" timestamptz) returns private.arrived
    language plpgsql stable
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    most constant int := 500000;
    answer private.arrived;
begin
    select array_agg(event_id), array_agg(p.quality), array_agg(p.ts), array_agg(p.value), array_agg(p.ordinal),
           array_agg(p.before), array_agg(null::timestamptz), array_agg(true)
    into answer
    from (
        select d.*, row_number() over by_time::int as ordinal, lag(d.ts, 1, "from") over by_time as before
        from private.datapoints d
        where d.event_id = past_points.event_id and d.ts >= "from" and d.ts < "to"
        window by_time as (order by d.ts)
        order by d.ts
        limit most + 1
    ) p;
    if cardinality(answer.ordinals) > most then
        raise sqlstate 'PT413' using message = format('From "from" to "to" the event has more than %s values.', most),
            hint = 'Choose a shorter range.';
    end if;
    return answer;
end
$$;
comment on function private.past_points(int, timestamptz, timestamptz) is
    'The stored points of an event as if they had arrived in the order of time. Raises PT413 (HTTP 413) if they are '
    'too many.';


create function private.try_rule(rule jsonb, "from" timestamptz, "to" timestamptz) returns jsonb
    language plpgsql
    set search_path = ''
as $$
declare
    tried private.rules;
    points private.arrived;
    answer jsonb;
begin
    begin
        -- it is made as any other is, with every check, and taken back
        tried := private.insert_rule(rule || jsonb_build_object('name', gen_random_uuid(), 'enabled', true));
        points := private.past_points(tried.event_id, "from", "to");
        with decided as (
            select * from private.decisions(array[tried.id], points) where decision is not null
            union all
            -- nothing to the end
            select tried.id, s.since + tried.timeout_seconds * interval '1 second', true, s.value
            from (select coalesce(max(p.ts), "from") as since, (array_agg(p.value order by p.ts desc))[1] as value
                  from unnest(points.timestamps, points."values") as p (ts, value)) s
            where s.since + tried.timeout_seconds * interval '1 second' < "to"
        ), marks as (
            select array_agg(d.rule_id order by at) as rule_ids, array_agg(at order by at) as times,
                   array_agg(decision order by at) as decisions, array_agg(value order by at) as "values"
            from decided d
        ), steps as (
            select s.*, lead(s.happened_at) over w as ended_at, lead(s.value) over w as value_at_end
            from marks m, private.advance(array[tried.id], array["to"], m.rule_ids, m.times, m.decisions, m."values")
                 with ordinality as s (rule_id, step, happened_at, value, place)
            window w as (order by s.place)
        )
        select jsonb_build_object(
            'points', coalesce(cardinality(points.timestamps), 0),
            'fired', count(*),
            'firings', coalesce(jsonb_agg(jsonb_build_object(
                'fired_at', s.happened_at, 'value', s.value, 'cleared_at', s.ended_at, 'value_at_end', s.value_at_end,
                'message', private.rule_message(tried, e, s.happened_at, s.value)) order by s.place)
                filter (where s.place <= 2000), '[]'))
        into answer
        from steps s
        join private.events e on e.id = tried.event_id
        where s.step = 'fired';
        raise sqlstate 'WM000';
    exception when sqlstate 'WM000' then
        return answer;
    end;
end
$$;
comment on function private.try_rule(jsonb, timestamptz, timestamptz) is
    'What a rule of these columns would have done from "from" (inclusive) to "to" (exclusive). Leaves nothing behind.';


create function api.test_rule(rule json, "from" timestamptz, "to" timestamptz default now()) returns json
    language plpgsql security definer
    set search_path = ''
as $$
declare
    wanted jsonb := rule;
    fields jsonb;
begin
    if jsonb_typeof(wanted) is distinct from 'object' then
        raise sqlstate 'PT400' using message = 'rule must be an object.',
            hint = 'It has the columns of a rule, or id and the columns that differ from the saved rule.';
    elsif ("from" < "to" and isfinite("from") and isfinite("to")) is not true then
        raise sqlstate 'PT400' using message = '"from" and "to" must be times, "from" before "to".';
    end if;
    fields := wanted - '{id,version,actions,name,enabled}'::text[];
    if wanted ? 'id' then
        select to_jsonb(r) - '{id,public_id,name,enabled,created_at,created_by,version,changed_by}'::text[] || fields
        into fields
        from private.rules r where r.id = private.rule_number(wanted);
        if not found then
            raise sqlstate 'PT404' using message = format('There is no rule %s.', private.rule_number(wanted));
        end if;
    end if;
    return private.try_rule(fields, "from", least("to", now()));
end
$$;
comment on function api.test_rule(json, timestamptz, timestamptz) is
    'What a rule would have done from "from" to "to", without doing it. rule: the columns of a rule that need not be '
    'saved, or id, and then what differs from the saved one. Answers with the number of points, how often it fired, '
    'and the firings: fired_at, value, message, cleared_at (null: not before "to"), value_at_end; at most 1000.';
grant execute on function api.test_rule(json, timestamptz, timestamptz) to webmacs_viewer;
