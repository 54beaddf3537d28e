-- How the settings of plugin instances and channels are written. Secrets go in and never come out, but to the
-- controller that needs them.

create function private.save_plugin_instance() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
declare
    sentence     text;
    "constraint" text;
    "table"      text;
begin
    if tg_op = 'INSERT' then
        insert into private.plugin_instances as i (controller_id, name, plugin, demo_mode, enabled, interval_seconds,
                                                   config, secrets)
        values (new.controller_id, new.name, new.plugin, new.demo_mode, new.enabled, new.interval_seconds, new.config,
                coalesce(new.secrets, '{}'))
        returning i.id, i.public_id, i.secret_names, i.status, i.created_at
        into new.id, new.public_id, new.secret_names, new.status, new.created_at;
    else
        if new.name <> old.name then   -- who writes others, too (follow_renamed): two at once would wait for each other
            perform pg_advisory_xact_lock(hashtext('private.follow_renamed'));
        end if;
        update private.plugin_instances i
        set controller_id = new.controller_id, name = new.name, plugin = new.plugin, demo_mode = new.demo_mode,
            enabled = new.enabled, interval_seconds = new.interval_seconds, config = new.config,
            secrets = coalesce(new.secrets, '{}')   -- joins what is there
        where i.id = old.id
        returning i.secret_names into new.secret_names;
    end if;
    new.secrets := null;
    return new;
exception when check_violation or not_null_violation then
    get stacked diagnostics sentence = message_text, "constraint" = constraint_name, "table" = table_name;
    if "table" = '' then
        raise;
    end if;
    -- without the detail: it is the whole row, with its secrets
    raise exception using errcode = sqlstate, message = sentence, constraint = "constraint", table = "table";
end
$$;
comment on function private.save_plugin_instance() is 'An instance with its secrets, which are not shown.';
create trigger save_plugin_instance instead of insert or update on api.plugin_instances
    for each row execute function private.save_plugin_instance();


create function private.check_settings() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
declare
    problem text;
begin
    if jsonb_typeof(new.config) <> 'object' or jsonb_typeof(new.secrets) <> 'object' then
        return new;   -- which the table refuses
    end if;
    if tg_op = 'UPDATE' then
        new.secrets := old.secrets || new.secrets;
    end if;
    new.secrets := new.secrets - array(select key from jsonb_each(new.secrets) where value = 'null');
    if tg_op = 'UPDATE' and (new.controller_id, new.plugin, new.config, new.secrets)
                            is not distinct from (old.controller_id, old.plugin, old.config, old.secrets)
       or access.controller_id() is not null then   -- a controller proposes what it runs
        return new;
    end if;
    begin
        select private.settings_problem(p.schema, new.config, new.secrets) into problem
        from private.controller_plugins p
        where p.controller_id = new.controller_id and p.plugin = new.plugin and p.schema is not null;
    exception
        when data_exception or statement_too_complex then
            problem := null;   -- the schema makes no sense
    end;
    if problem is not null then
        raise check_violation using message = problem;
    end if;
    return new;
end
$$;
comment on function private.check_settings() is
    'Before a change: the secrets that are written join those that are there, where a null takes one away; then all '
    'settings are as the plugin wants them, as far as its controller has told.';
create trigger check_settings before insert or update of controller_id, plugin, config, secrets
    on private.plugin_instances for each row execute function private.check_settings();


create function private.names_output(setting jsonb, instance text) returns boolean
    language sql immutable
    set search_path = ''
    return jsonb_typeof(setting) = 'object' and setting ->> 'instance' = instance
           and jsonb_typeof(setting -> 'channel') = 'string' and setting - array['instance', 'channel'] = '{}';
comment on function private.names_output(jsonb, text) is
    'Whether this is a setting by which a plugin drives an output of that instance.';

create function private.follow_renamed() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    update private.plugin_instances i
    set config = (
        select jsonb_object_agg(key, case when private.names_output(value, old.name)
                                          then jsonb_set(value, '{instance}', to_jsonb(new.name)) else value end)
        from jsonb_each(i.config))
    where i.controller_id = new.controller_id
      and exists (select from jsonb_each(i.config) where private.names_output(value, old.name));
    return null;
exception
    when check_violation then
        return null;   -- another setting there has become wrong: the controller tells what is amiss
end
$$;
comment on function private.follow_renamed() is
    'After an instance got another name: who drives an output of it finds it by that.';
create trigger follow_renamed after update of name on private.plugin_instances
    for each row when (old.name <> new.name and old.controller_id = new.controller_id)
    execute function private.follow_renamed();


create function private.calibrates(points jsonb, both_ways boolean) returns boolean
    language plpgsql immutable
    set search_path = ''
as $$
begin
    return (
        with point as (
            select number, jsonb_array_length(pair) as length, (pair -> 0)::float8 as raw, (pair -> 1)::float8 as value
            from jsonb_array_elements(points) with ordinality as p (pair, number)
        ), step as (
            select length, raw, value, lag(raw) over by_number as raw_before, lag(value) over by_number as value_before
            from point
            window by_number as (order by number)
        )
        select count(*) between 2 and 100
               and bool_and(length = 2 and raw is not null and value is not null) and bool_and(raw > raw_before)
               and (not both_ways or bool_and(value > value_before) or bool_and(value < value_before))
        from step);
exception
    when data_exception then
        return false;   -- no list, no pair, no number, or none that a double can be
end
$$;
comment on function private.calibrates(jsonb, boolean) is
    'Whether these are 2 to 100 pairs [raw, value], raw rising; both_ways: and to each value there is one raw.';


create function private.check_calibration() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    if not private.calibrates(new.calibration, false) then
        raise check_violation using
            message = 'calibration must be null or a list of 2 to 100 pairs [raw, value] of numbers, raw rising.';
    elsif not private.calibrates(new.calibration, new.direction <> 'input') then
        raise check_violation using
            message = 'calibration of an output must have values that all rise or all fall: it is used to write, too.';
    end if;
    return new;
end
$$;
comment on function private.check_calibration() is 'Before a change: the calibration is null, or one.';
create trigger check_calibration before insert or update of calibration on private.channel_mappings
    for each row when (new.calibration is not null) execute function private.check_calibration();
