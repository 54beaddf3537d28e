-- The settings of a plugin, checked by the JSON Schema that its controller has told: type, enum, limits, anyOf,
-- required and unknown keys, at any depth. What else a schema says is checked by the controller alone.

create function private.schema_types(schema jsonb) returns text[]
    language sql immutable
    set search_path = ''
as $$
    select case jsonb_typeof(schema -> 'type')
               when 'string' then array[schema ->> 'type']
               when 'array' then array(select jsonb_array_elements_text(schema -> 'type')) end
$$;
comment on function private.schema_types(jsonb) is 'The types that a schema allows. Null: all.';


create function private.has_type(schema jsonb, value jsonb) returns boolean
    language sql immutable
    set search_path = ''
as $$
    select coalesce(bool_or(kind = jsonb_typeof(value)
                            or (kind, jsonb_typeof(value)) = ('integer', 'number') and scale(value::numeric) = 0), true)
    from unnest(private.schema_types(schema)) as kind
$$;
comment on function private.has_type(jsonb, jsonb) is
    'Whether a value is of a type that a schema allows. 1.0 is no integer, for it is none to Python.';


create function private.is_within(schema jsonb, given jsonb) returns boolean
    language plpgsql immutable
    set search_path = ''
as $$
declare
    number numeric;
    size   int;
begin
    case jsonb_typeof(given)
        when 'number' then
            number := given::numeric;
            return (number < (schema ->> 'minimum')::numeric or number > (schema ->> 'maximum')::numeric
                    or number <= (schema ->> 'exclusiveMinimum')::numeric
                    or number >= (schema ->> 'exclusiveMaximum')::numeric
                    or number % nullif((schema ->> 'multipleOf')::numeric, 0) <> 0) is not true;
        when 'string' then
            size := length(given #>> '{}');
            return (size < (schema ->> 'minLength')::numeric or size > (schema ->> 'maxLength')::numeric
                    or given #>> '{}' !~ (schema ->> 'pattern')) is not true;
        when 'array' then
            size := jsonb_array_length(given);
            return (size < (schema ->> 'minItems')::numeric or size > (schema ->> 'maxItems')::numeric) is not true;
        else
            return true;
    end case;
end
$$;
comment on function private.is_within(jsonb, jsonb) is 'Whether a number, text or list keeps the limits of a schema.';


create function private.span_words(low text, high text, preposition text, unit text) returns text
    language sql immutable
    set search_path = ''
as $$
    select case
        when low is not null and high is not null then format(' %s %s to %s%s', preposition, low, high, unit)
        when low is not null then format(' of at least %s%s', low, unit)
        when high is not null then format(' of at most %s%s', high, unit)
        else '' end
$$;
comment on function private.span_words(text, text, text, text) is 'Limits for people: " from 1 to 247".';


create function private.type_words(schema jsonb, kind text) returns text
    language sql immutable
    set search_path = ''
as $$
    select case kind
        when 'integer' then 'a whole number' when 'number' then 'a number' when 'string' then 'a text'
        when 'array' then 'a list' when 'object' then 'an object' when 'boolean' then 'true or false' else kind end
        || case
            when kind in ('integer', 'number') then
                private.span_words(schema ->> 'minimum', schema ->> 'maximum', 'from', '')
                || coalesce(', greater than ' || (schema ->> 'exclusiveMinimum'), '')
                || coalesce(', less than ' || (schema ->> 'exclusiveMaximum'), '')
                || coalesce(', a multiple of ' || (schema ->> 'multipleOf'), '')
            when kind = 'string' then
                private.span_words(schema ->> 'minLength', schema ->> 'maxLength', 'of', ' characters')
                || coalesce(' that matches ' || (schema ->> 'pattern'), '')
            when kind = 'array' then
                private.span_words(schema ->> 'minItems', schema ->> 'maxItems', 'of', ' items')
            else '' end
$$;
comment on function private.type_words(jsonb, text) is 'What a schema allows of this type, for people.';


create function private.allowed_words(schema jsonb) returns text
    language plpgsql immutable
    set search_path = ''
as $$
begin
    return case
        when schema ? 'anyOf' then (
            select string_agg(distinct private.allowed_words(choice), ' or ')
            from jsonb_array_elements(schema -> 'anyOf') as choice)
        when schema ? 'enum' then 'one of ' || (
            select string_agg(coalesce(value, 'null'), ', ' order by place)
            from jsonb_array_elements_text(schema -> 'enum') with ordinality as allowed (value, place))
        else (
            select coalesce(string_agg(private.type_words(schema, kind), ' or ' order by place), 'something else')
            from unnest(private.schema_types(schema)) with ordinality as allowed (kind, place)) end;
end
$$;
comment on function private.allowed_words(jsonb) is 'What a schema allows, for people: "a whole number from 1 to 247".';


create function private.setting_problem(schema jsonb, given jsonb, place text) returns text
    language plpgsql immutable
    set search_path = ''
as $$
declare
    fits    boolean := true;
    meant   int;     -- how many choices are of the type that the value has
    closest text;    -- what the one of them has against it
begin
    if jsonb_typeof(schema -> 'anyOf') = 'array' then
        select bool_or(problem is null), count(*) filter (where is_meant), max(problem) filter (where is_meant)
        into fits, meant, closest
        from jsonb_array_elements(schema -> 'anyOf') as choice,
             -- asked once each, as functions of a select list are not
             private.setting_problem(choice, given, place) as problem, private.has_type(choice, given) as is_meant;
        if not fits and meant = 1 then
            return closest;
        end if;
    end if;
    if not fits or not private.has_type(schema, given) or not private.is_within(schema, given)
       or jsonb_typeof(schema -> 'enum') = 'array'
          and not exists (select from jsonb_array_elements(schema -> 'enum') as allowed where allowed = given) then
        return format('%s must be %s.', place, private.allowed_words(schema));
    elsif jsonb_typeof(given) = 'object' then
        return private.object_problem(schema, given, place);
    elsif jsonb_typeof(given) = 'array' then
        return (
            select problem
            from jsonb_array_elements(given) with ordinality as item (value, number),
                 private.setting_problem(schema -> 'items', item.value, format('%s[%s]', place, number - 1)) as problem
            where problem is not null
            order by number
            limit 1);
    end if;
    return null;
end
$$;
comment on function private.setting_problem(jsonb, jsonb, text) is
    'What is wrong with a value, as a sentence that begins with its place and says what is allowed. Null: nothing.';


create function private.object_problem(schema jsonb, given jsonb, place text) returns text
    language plpgsql immutable
    set search_path = ''
as $$
declare
    properties jsonb := coalesce(schema -> 'properties', '{}');
    others     jsonb := coalesce(schema -> 'additionalProperties', '{}');
    unknown    text := (select min(key) from jsonb_object_keys(given) as key where not properties ? key);
    missing    text := (select key
                        from jsonb_array_elements_text(schema -> 'required') with ordinality as r (key, number)
                        where not given ? key
                        order by number
                        limit 1);
begin
    if unknown is not null and others = 'false' then
        return format('%s.%s is not known; %s.', place, unknown, private.known_words(properties));
    elsif missing is not null then
        return format('%s.%s must be given: %s.', place, missing, private.allowed_words(properties -> missing));
    end if;
    return (
        select problem
        from jsonb_each(given) as item,
             private.setting_problem(coalesce(properties -> item.key, others), item.value,
                                     format('%s.%s', place, item.key)) as problem
        where problem is not null
        order by (properties -> item.key ->> 'propertyOrder')::numeric, item.key
        limit 1);
end
$$;
comment on function private.object_problem(jsonb, jsonb, text) is 'The same of an object, which has the right type.';


create function private.known_words(properties jsonb) returns text
    language sql immutable
    set search_path = ''
as $$
    select coalesce('allowed are ' || string_agg(key, ', ' order by (value ->> 'propertyOrder')::numeric, key),
                    'there is nothing to set')
    from jsonb_each(properties)
$$;
comment on function private.known_words(jsonb) is 'Which keys an object may have, for people.';


-- secrets --------------------------------------------------------------------------

create function private.secret_properties(schema jsonb) returns jsonb
    language sql immutable
    set search_path = ''
as $$
    select coalesce(jsonb_object_agg(p.key, p.value), '{}')
    from jsonb_each(case when jsonb_typeof(schema -> 'properties') = 'object' then schema -> 'properties' end) p
    where jsonb_path_exists(p.value, '$.**.writeOnly ? (@ == true)')
$$;
comment on function private.secret_properties(jsonb) is
    'The settings that are secret, by the JSON Schema of a plugin: what is writeOnly, or contains what is.';


create function private.without_secrets(whole jsonb, schema jsonb, out config jsonb, out secrets jsonb)
    language sql immutable
    set search_path = ''
as $$
    select coalesce(jsonb_object_agg(key, value) filter (where not s.names ? key), '{}'),
           coalesce(jsonb_object_agg(key, value) filter (where s.names ? key), '{}')
    from private.secret_properties(schema) as s (names), jsonb_each(whole)
$$;
comment on function private.without_secrets(jsonb, jsonb) is
    'The settings of a plugin, apart: what may be read, and what is secret.';


create function private.settings_problem(schema jsonb, config jsonb, secrets jsonb) returns text
    language plpgsql immutable
    set search_path = ''
as $$
declare
    hidden    jsonb := private.secret_properties(schema);
    exposed   text := (select min(key) from jsonb_object_keys(config) as key where hidden ? key);
    misplaced text := (select min(key) from jsonb_object_keys(secrets) as key where not hidden ? key);
    problem   text;
begin
    if exposed is not null then
        return format('config.%s is a secret: it belongs into secrets.', exposed);
    elsif misplaced is not null and schema -> 'properties' ? misplaced then
        return format('secrets.%s is no secret: it belongs into config.', misplaced);
    elsif misplaced is not null and schema -> 'additionalProperties' = 'false' then
        return format('secrets.%s is not known; %s.', misplaced, private.known_words(hidden));
    end if;
    problem := private.setting_problem(schema, config || secrets, 'config');
    return case when hidden ? substring(problem from '^config\.([^. [:cntrl:]\[]+)')
                then regexp_replace(problem, '^config', 'secrets') else problem end;
end
$$;
comment on function private.settings_problem(jsonb, jsonb, jsonb) is
    'What is wrong with the settings of an instance, as a sentence that names the first such setting and what is '
    'allowed. Null: nothing that the schema says.';
