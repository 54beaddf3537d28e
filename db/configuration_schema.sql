-- The settings of a plugin, by the JSON Schema that its controller has told.

create function private.schema_at(root jsonb, place jsonb) returns jsonb
    language sql immutable
    set search_path = ''
as $$
    select case when place ->> '$ref' like '#/%'
                then root #> string_to_array(substr(place ->> '$ref', 3), '/')
                else place end
$$;
comment on function private.schema_at(jsonb, jsonb) is
    'The schema that stands at a place of the schema `root`, or to which it refers.';


create function private.secret_names(schema jsonb) returns text[]
    language sql immutable
    set search_path = ''
as $$
    select coalesce(array_agg(p.key), '{}')
    from jsonb_each(private.schema_at(schema, schema) -> 'properties') as p (key, value)
    where p.value @> '{"writeOnly": true}'
$$;
comment on function private.secret_names(jsonb) is 'The settings that are secret, by the JSON Schema of a plugin.';


create function private.without_secrets(whole jsonb, schema jsonb, out config jsonb, out secrets jsonb)
    language sql immutable
    set search_path = ''
as $$
    select whole - n.names,
           coalesce((select jsonb_object_agg(key, value) from jsonb_each(whole) where key = any (n.names)), '{}')
    from private.secret_names(schema) as n (names)
$$;
comment on function private.without_secrets(jsonb, jsonb) is
    'The settings of a plugin, apart: what may be read, and what is secret.';
