-- Messages: sentences for people and bodies for programs, from templates with {placeholders}.

create function private.rendered(template text, content_type text, placeholders jsonb) returns text
    language sql immutable
    set search_path = ''
as $$
    -- In one pass, so that a value that looks like a placeholder stays what it is. Braces without quotation marks
    -- are no JSON: in a template that is JSON every placeholder stands within a string, where escaped text may stand.
    select string_agg(
               case when v.key is null then piece.found[1]
                    when content_type = 'application/json'
                    then substr(to_json(v.text)::text, 2, length(to_json(v.text)::text) - 2)
                    else v.text end,
               '' order by piece.place)
    from regexp_matches(template, '(\{([a-z_]+)\}|\{|[^{]+)', 'g') with ordinality as piece (found, place)
    left join lateral (select p.key, coalesce(p.value, '') as text from jsonb_each_text(placeholders) p
                       where p.key = piece.found[2]) v on true
$$;
comment on function private.rendered(text, text, jsonb) is
    'A template with its {placeholders} replaced; unknown ones stay. JSON stays JSON whatever the values are.';


create function private.in_one_line(text text) returns text
    language sql immutable parallel safe
return left(regexp_replace(text, '[[:cntrl:]]+', ' ', 'g'), 200);
comment on function private.in_one_line(text) is
    'What somebody wrote, so that it may stand in the message of an error: PostgREST 12 writes that into the first '
    'line of the answer, where a line break would begin another answer.';


create function private.number_text(value float8) returns text
    language sql immutable parallel safe
return case
    when value is null then '–'
    when value = 0 then '0'
    when abs(value) between 1e-6 and 1e15 then trim_scale(value::numeric)::text
    else value::text
end;
comment on function private.number_text(float8) is 'A number for people: 23.4, and not 23.400000000000002.';


create function private.value_text(value float8, event private.events, limits float8[]) returns text
    language sql immutable parallel safe
return case
    when not abs(value) between 1e-5 and 1e12 or value = any (limits) then private.number_text(value)
    else (
        -- digits that would make it one of the limits, which it is not, are not left out
        select private.number_text(case when rounded = any (limits) then value else rounded end)
        from (select ceil(-log((event.max_value - event.min_value) / 1000))::int as of_range,
                     greatest(0, least(2, 1 - floor(log(abs(value)))))::int as of_value) d
        cross join lateral (
            select round(value::numeric, case when of_range < 0 then of_value else least(6, of_range) end)::float8
                   as rounded) r)
end;
comment on function private.value_text(float8, private.events, float8[]) is
    'A value of an event for people, with the digits that the page gives it: about a thousandth of its range; where '
    'that is wide, two that count.';


create function private.rule_unit(kind text, unit text) returns text
    language sql immutable parallel safe
return unit || case when kind = 'rate' then '/s' else '' end;
comment on function private.rule_unit(text, text) is
    'The unit of what a rule of this kind judges, from that of its event.';
