-- Saving a rule together with its actions, in one request.

create function private.rule_fields(rule jsonb) returns text
    language plpgsql stable
    set search_path = ''
as $$
declare
    known text[] := array(
        select a.attname from pg_attribute a
        where a.attrelid = 'private.rules'::regclass and has_column_privilege('webmacs_admin', a.attrelid, a.attnum, 'insert'));
    unknown text := (select string_agg(key, ', ') from jsonb_object_keys(rule) key where key <> all (known));
begin
    if unknown is not null then
        raise sqlstate 'PT422' using message = format('A rule has no %s.', unknown),
            hint = format('It has %s and actions.', array_to_string(known, ', '));
    end if;
    return (select string_agg(quote_ident(key), ', ') from jsonb_object_keys(rule) key);
end
$$;
comment on function private.rule_fields(jsonb) is
    'The names of these columns of a rule, for a statement. Raises PT422 (HTTP 422) if there is no such column.';


create function private.insert_rule(rule jsonb) returns private.rules
    language plpgsql
    set search_path = ''
as $$
declare
    columns text := private.rule_fields(rule);
    inserted private.rules;
begin
    if columns is null then
        raise sqlstate 'PT422' using message = 'A rule needs at least a name and an event_id.';
    end if;
    execute format('insert into private.rules (%1$s) select %1$s from jsonb_populate_record(null::private.rules, $1) '
                   'returning *', columns)
    into inserted using rule;
    return inserted;
end
$$;
comment on function private.insert_rule(jsonb) is 'A new rule of these columns; what is missing has its default.';


create function private.update_rule(id int, rule jsonb) returns private.rules
    language plpgsql
    set search_path = ''
as $$
declare
    columns text := private.rule_fields(rule);
    updated private.rules;
begin
    if columns is not null then
        execute format('update private.rules set (%1$s) = (select %1$s from jsonb_populate_record(null::private.rules, $1)) '
                       'where id = $2', columns)
        using rule, id;
    end if;
    select * into updated from private.rules r where r.id = update_rule.id;
    if updated.id is null then
        raise sqlstate 'PT404' using message = format('There is no rule %s.', id);
    end if;
    return updated;
end
$$;
comment on function private.update_rule(int, jsonb) is 'Changes these columns of a rule. Raises PT404 (HTTP 404).';


create function api.save_rule(rule json) returns json
    language plpgsql security definer
    set search_path = ''
as $$
declare
    wanted jsonb := rule;
    saved private.rules;
begin
    if jsonb_typeof(wanted) is distinct from 'object' then
        raise sqlstate 'PT400' using message = 'rule must be an object.';
    elsif wanted ? 'actions' and jsonb_typeof(wanted -> 'actions') <> 'array' then
        raise sqlstate 'PT400' using message = 'actions must be an array of objects.',
            hint = 'Each has kind, and webhook_type or event_id and value.';
    elsif wanted ? 'id' then
        saved := private.update_rule((wanted ->> 'id')::int, wanted - '{id,actions}'::text[]);
    else
        saved := private.insert_rule(wanted - 'actions');
    end if;
    if wanted ? 'actions' then
        delete from private.rule_actions a where a.rule_id = saved.id;
        insert into private.rule_actions (rule_id, kind, webhook_type, event_id, value)
        select saved.id, a.kind, a.webhook_type, a.event_id, a.value
        from jsonb_to_recordset(wanted -> 'actions') as a (kind text, webhook_type text, event_id int, value float8);
    end if;
    return (
        select to_jsonb(r) || jsonb_build_object('actions', coalesce(
            (select jsonb_agg(to_jsonb(a) order by a.id) from api.rule_actions a where a.rule_id = r.id), '[]'))
        from api.rules r where r.id = saved.id);
end
$$;
comment on function api.save_rule(json) is
    'Saves a rule and its actions, all or nothing: an object with the columns of rules and, if wanted, actions, an array of '
    'objects with the columns of rule_actions, which take the place of those it had. With id it changes that rule, else it '
    'makes one. Answers with the rule as it is then.';
grant execute on function api.save_rule(json) to webmacs_admin;
