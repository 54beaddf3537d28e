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


create function private.join_secrets() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    if jsonb_typeof(new.secrets) = 'object' then   -- else the table refuses it
        new.secrets := jsonb_strip_nulls(case when tg_op = 'INSERT' then '{}' else old.secrets end || new.secrets);
    end if;
    return new;
end
$$;
comment on function private.join_secrets() is
    'Before a change: what is written joins the secrets that are there, and a null takes one away.';
create trigger join_secrets before insert or update of secrets on private.plugin_instances
    for each row execute function private.join_secrets();
