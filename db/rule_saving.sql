-- Saving a rule together with its actions, in one request.

create function private.fits(value jsonb, type name) returns boolean
    language sql immutable
    set search_path = ''
return case jsonb_typeof(value)
    when 'number' then case type
        when 'int4' then value::numeric between -2147483648 and 2147483647 and value::numeric % 1 = 0
        else type = 'float8' and abs(value::numeric) < 1e308
    end
    when 'boolean' then type = 'bool'
    when 'string' then type = 'text'
    else false
end;
comment on function private.fits(jsonb, name) is 'Whether this is a value of this type: int4, float8, bool or text.';


create function private.checked_fields(object jsonb, relation regclass) returns text
    language plpgsql stable
    set search_path = ''
as $$
declare
    what text := case relation when 'private.rules'::regclass then 'A rule' else 'An action' end;
    known text[] := array(
        select a.attname from pg_attribute a
        where a.attrelid = relation and has_column_privilege('webmacs_admin', a.attrelid, a.attnum, 'insert'));
    unknown text := (select string_agg(key, ', ') from jsonb_object_keys(object) key where key <> all (known));
    wrong record;
begin
    if unknown is not null then
        raise sqlstate 'PT422' using message = format('%s has no %s.', what, private.in_one_line(unknown)),
            hint = format('It has %s.', array_to_string(known, ', '));
    end if;
    -- what PostgreSQL says of a value that is of another type does not name the field
    select f.key, case t.typname when 'int4' then 'a whole number' when 'float8' then 'a number'
                                 when 'bool' then 'true or false' else 'text' end as type
    into wrong
    from jsonb_each(object) f
    join pg_attribute a on a.attrelid = relation and a.attname = f.key
    join pg_type t on t.oid = a.atttypid
    where f.value <> 'null' and not private.fits(f.value, t.typname);
    if found then
        raise sqlstate 'PT422' using message = format('%s must be %s.', wrong.key, wrong.type);
    end if;
    return (select string_agg(quote_ident(key), ', ') from jsonb_object_keys(object) key);
end
$$;
comment on function private.checked_fields(jsonb, regclass) is
    'The names of the fields of this object, columns of rules or rule_actions, for a statement. Raises PT422 '
    '(HTTP 422) if there is no such column, or the value is not of its type.';


create function private.insert_rule(rule jsonb) returns private.rules
    language plpgsql
    set search_path = ''
as $$
declare
    columns text := private.checked_fields(rule, 'private.rules');
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
    columns text := private.checked_fields(rule, 'private.rules');
    updated private.rules;
begin
    if columns is null then
        update private.rules r set enabled = r.enabled where r.id = update_rule.id;   -- its actions count as well
    else
        execute format('update private.rules '
                       'set (%1$s) = (select %1$s from jsonb_populate_record(null::private.rules, $1)) '
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


create function private.replace_actions(rule_id int, actions jsonb) returns void
    language plpgsql
    set search_path = ''
as $$
begin
    if jsonb_typeof(actions) <> 'array' or jsonb_path_exists(actions, 'strict $[*] ? (@.type() != "object")') then
        raise sqlstate 'PT400' using message = 'actions must be an array of objects.',
            hint = 'Each has kind, and webhook_type or event_id and value.';
    end if;
    -- those that were read may be sent back as they are
    perform private.checked_fields(a - '{id,public_id,rule_id}'::text[], 'private.rule_actions')
    from jsonb_array_elements(actions) a;
    delete from private.rule_actions a where a.rule_id = replace_actions.rule_id;
    insert into private.rule_actions (rule_id, kind, webhook_type, event_id, value)
    select replace_actions.rule_id, a.kind, a.webhook_type, a.event_id, a.value
    from jsonb_to_recordset(actions) as a (kind text, webhook_type text, event_id int, value float8);
end
$$;
comment on function private.replace_actions(int, jsonb) is 'A rule has these actions and no others.';


create function private.rule_number(rule jsonb) returns int
    language plpgsql immutable
    set search_path = ''
as $$
begin
    if not private.fits(rule -> 'id', 'int4') then
        raise sqlstate 'PT422' using message = 'id must be the number of a rule.', hint = 'A new rule has none.';
    end if;
    return (rule ->> 'id')::int;
end
$$;
comment on function private.rule_number(jsonb) is 'Its id. Raises PT422 (HTTP 422) if that is no number.';


create function private.require_rule_version(id int, version jsonb) returns void
    language plpgsql
    set search_path = ''
as $$
declare
    present private.rules;
begin
    select * into present from private.rules r where r.id = require_rule_version.id for update;
    if present.id is null then
        return;   -- who changes it says so
    elsif version is null or version = 'null' then
        raise sqlstate 'PT428' using message = 'version must be given: the one that the change is based on.';
    elsif not private.fits(version, 'int4') then
        raise sqlstate 'PT422' using message = 'version must be a whole number.';
    elsif version::int <> present.version then
        raise sqlstate 'PT409' using
            message = format('version is %s by now: %s changed this rule meanwhile.',
                             private.number_text(present.version), private.in_one_line(present.changed_by)),
            hint = 'Read it again and repeat your change.';
    end if;
end
$$;
comment on function private.require_rule_version(int, jsonb) is
    'Before a rule is saved as a whole: this is its present version. Raises PT409 (HTTP 409) if it is not, PT428 '
    'without one. Until the end of the transaction nobody else changes it.';


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
    elsif wanted ? 'id' then
        perform private.require_rule_version(private.rule_number(wanted), wanted -> 'version');
        saved := private.update_rule(private.rule_number(wanted), wanted - '{id,version,actions}'::text[]);
    else
        saved := private.insert_rule(wanted - 'actions');
    end if;
    if wanted ? 'actions' then
        perform private.replace_actions(saved.id, wanted -> 'actions');
    end if;
    return (
        select to_jsonb(r) || jsonb_build_object('actions', coalesce(
            (select jsonb_agg(to_jsonb(a) order by a.id) from api.rule_actions a where a.rule_id = r.id), '[]'))
        from api.rules r where r.id = saved.id);
end
$$;
comment on function api.save_rule(json) is
    'Saves a rule and its actions, all or nothing. rule: an object with the columns of rules and, if wanted, actions, '
    'an array of objects with the columns of rule_actions, which take the place of those it had, as in {"rule": '
    '{"name": "Hot", "event_id": 1, "operator": "gt", "threshold": 50, "actions": [{"kind": "alarm"}]}}. With id it '
    'changes that rule, of which it names the version as it was read (409 if somebody changed it since, 428 without '
    'it); else it makes one. Answers with the rule as it is then.';
grant execute on function api.save_rule(json) to webmacs_admin;
