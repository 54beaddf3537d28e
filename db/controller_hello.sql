-- A controller says hello: what it has becomes rows, and it is told what it shall do. With no configuration of ours it
-- proposes its own; with one, what we do not know was taken away from it.

create function private.check_list(given jsonb, field text, item text) returns void
    language plpgsql
    set search_path = ''
as $$
begin
    if jsonb_typeof(given) <> 'array' or jsonb_path_exists(given, 'strict $[*] ? (@.type() != "object")') then
        raise sqlstate 'PT400' using
            message = format('%s must be a list of objects %s.', private.in_one_line(field), private.in_one_line(item));
    end if;
end
$$;
comment on function private.check_list(jsonb, text, text) is
    'Refuses what is no list of objects (PT400), and names the field. Null: it is not there.';


create function private.controller_hello(controller_id int, hello jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_column
declare
    plugins   jsonb := nullif(hello -> 'plugins', 'null');
    instances jsonb := nullif(hello -> 'instances', 'null');
    welcome   jsonb;
begin
    perform private.check_list(plugins, 'plugins', '{id, name, version, description, schema}');
    perform private.check_list(instances, 'instances', '{name, plugin, demo, interval_seconds, config, channels}');
    if hello ->> 'config_version' !~ '^[0-9]{1,9}$' then
        raise sqlstate 'PT400' using message = 'config_version must be a whole number, as in the welcome.';
    end if;
    -- two sockets of one controller take turns; two controllers may choose the same name for an event
    perform pg_advisory_xact_lock(hashtext('private.controller_hello'));
    update private.controllers c
    set software = left(hello ->> 'software', 255), last_seen_at = now()
    where c.id = controller_hello.controller_id;

    perform private.adopt(controller_id, coalesce((hello ->> 'config_version')::int, 0), plugins, instances);
    welcome := private.controller_welcome(controller_id);
    update private.controllers c set told_version = (welcome ->> 'config_version')::int, told_at = now()
    where c.id = controller_hello.controller_id;
    return welcome;
end
$$;
comment on function private.controller_hello(int, jsonb) is
    'A controller names its software, the version of its configuration, its plugins, its instances and their channels; '
    'new channels become events. Returns the welcome.';
grant execute on function private.controller_hello(int, jsonb) to webmacs_sidecar;


create function private.adopt(controller_id int, config_version int, plugins jsonb, instances jsonb) returns void
    language plpgsql
    set search_path = ''
    -- Who writes configurations by hand meanwhile comes first: we let go of all rows and begin anew, long before
    -- deadlock_timeout, at which one of the two would get an error.
    set lock_timeout = '200ms'
as $$
begin
    for attempt in 1..25 loop
        begin
            perform private.adopt_plugins(controller_id, plugins);
            if config_version = 0 then
                perform private.adopt_instances(controller_id, instances);
            end if;
            perform private.adopt_channels(controller_id, instances);
            return;
        exception
            when lock_not_available or deadlock_detected or unique_violation then
                if attempt = 25 then
                    raise;
                end if;
        end;
    end loop;
end
$$;
comment on function private.adopt(int, int, jsonb, jsonb) is
    'What a hello says of plugins, instances and channels becomes rows. What somebody else writes at this moment, the '
    'same channel or an event of the same name, is waited for, for 5 seconds.';


create function private.adopt_plugins(controller_id int, plugins jsonb) returns void
    language sql
    set search_path = ''
as $$
    delete from private.controller_plugins p
    where p.controller_id = adopt_plugins.controller_id and jsonb_typeof(plugins) = 'array'
      and p.plugin not in (select t.id from jsonb_to_recordset(plugins) as t (id text) where t.id is not null);

    insert into private.controller_plugins as p (controller_id, plugin, name, version, description, schema)
    select distinct on (t.id) adopt_plugins.controller_id, t.id, left(coalesce(t.name, t.id), 255),
           left(coalesce(t.version, ''), 100), left(t.description, 2000), nullif(t.schema, 'null')
    from jsonb_to_recordset(plugins) as t (id text, name text, version text, description text, schema jsonb)
    on conflict (controller_id, plugin) do update
        set name = excluded.name, version = excluded.version, description = excluded.description,
            schema = excluded.schema
        where (p.name, p.version, p.description, p.schema)
              is distinct from (excluded.name, excluded.version, excluded.description, excluded.schema)
$$;
comment on function private.adopt_plugins(int, jsonb) is
    'What is installed on a controller is this. Null: it does not say, and what it said before stays.';


create function private.adopt_instances(controller_id int, instances jsonb) returns void
    language sql
    set search_path = ''
as $$
    insert into private.plugin_instances (controller_id, name, plugin, demo_mode, interval_seconds, config, secrets)
    select distinct on (i.name) adopt_instances.controller_id, i.name, i.plugin, coalesce(i.demo, false),
           coalesce(i.interval_seconds, 1), parts.config, parts.secrets
    from jsonb_to_recordset(instances)
         as i (name text, plugin text, demo boolean, interval_seconds float8, config jsonb)
    left join private.controller_plugins p on p.controller_id = adopt_instances.controller_id and p.plugin = i.plugin
    cross join private.without_secrets(coalesce(nullif(i.config, 'null'), '{}'), p.schema) as parts
    on conflict (controller_id, name) do nothing
$$;
comment on function private.adopt_instances(int, jsonb) is
    'Instances that a controller proposes become rows. Those that are there are as an administrator wants them.';


create function private.adopt_channels(controller_id int, instances jsonb) returns void
    language plpgsql
    set search_path = ''
as $$
#variable_conflict use_column
declare
    fresh        record;
    event_id     int;
    instance_ids int[];
    channels     text[];
    event_ids    int[];
begin
    update private.channel_mappings m
    set channel_name = d.channel_name, unit = d.unit, direction = d.direction, min_value = d.min_value,
        max_value = d.max_value, safe_value = d.safe_value
    from (select m.id, coalesce(c.name, m.channel_name) as channel_name, coalesce(c.unit, m.unit) as unit,
                 coalesce(c.direction, m.direction) as direction, coalesce(c.min, m.min_value) as min_value,
                 coalesce(c.max, m.max_value) as max_value, c.safe_value
          from private.declared_channels(adopt_channels.controller_id, instances) c
          join private.channel_mappings m on m.plugin_instance_id = c.instance_id and m.channel = c.id) d
    where m.id = d.id
      and (m.channel_name, m.unit, m.direction, m.min_value, m.max_value, m.safe_value)
          is distinct from (d.channel_name, d.unit, d.direction, d.min_value, d.max_value, d.safe_value);

    -- a loop, because a name can be taken by the event before; only on first contact
    for fresh in
        select c.* from private.declared_channels(adopt_channels.controller_id, instances) c
        where not exists (select from private.channel_mappings m
                          where m.plugin_instance_id = c.instance_id and m.channel = c.id)
    loop
        insert into private.events (name, event_type, unit, min_value, max_value, area)
        values (private.free_event_name(fresh.instance || ' ' || fresh.name),
                coalesce(fresh.event_type,
                         case when fresh.direction <> 'input' then 'actuator' else 'sensor' end::api.event_type),
                fresh.unit, fresh.min, fresh.max, fresh.instance)
        returning id into event_id;
        instance_ids := instance_ids || fresh.instance_id;
        channels := channels || fresh.id;
        event_ids := event_ids || event_id;
    end loop;
    insert into private.channel_mappings (plugin_instance_id, channel, channel_name, direction, unit, min_value,
                                          max_value, safe_value, safe_after_seconds, event_id)
    select c.instance_id, c.id, c.name, coalesce(c.direction, 'input'), c.unit, c.min, c.max, c.safe_value,
           -- a local sequence is what has to go on without us; all else as the column has it
           case when c.event_type = 'cmd_button' then null else 60 end,
           made.event_id
    from unnest(instance_ids, channels, event_ids) as made (instance_id, id, event_id)
    join private.declared_channels(adopt_channels.controller_id, instances) c
        on c.instance_id = made.instance_id and c.id is not distinct from made.id;   -- none is refused by the table
end
$$;
comment on function private.adopt_channels(int, jsonb) is
    'What a controller says of its channels is noted; those that it names for the first time become events.';


create function private.declared_channels(controller_id int, instances jsonb)
    returns table (instance_id int, instance text, id text, name text, unit text, min float8, max float8,
                   direction api.direction, event_type api.event_type, safe_value float8)
    language sql stable
    set search_path = ''
as $$
    select distinct on (i.id, c.id) i.id, i.name, c.*
    from jsonb_to_recordset(instances) as h (name text, channels jsonb)
    join private.plugin_instances i on i.controller_id = declared_channels.controller_id and i.name = h.name
    cross join jsonb_to_recordset(h.channels)
         as c (id text, name text, unit text, min float8, max float8, direction api.direction,
               event_type api.event_type, safe_value float8)
$$;
comment on function private.declared_channels(int, jsonb) is
    'The channels of its known instances that a hello names, each once.';


create function private.free_event_name(wanted text) returns text
    language plpgsql stable
    set search_path = ''
as $$
declare
    shortened text := rtrim(left(wanted, 240));   -- leaves room for the number
    candidate text := shortened;
    attempt   int := 1;
begin
    while exists (select from private.events e where e.name = candidate) loop
        attempt := attempt + 1;
        candidate := format('%s (%s)', shortened, attempt);
    end loop;
    return candidate;
end
$$;
comment on function private.free_event_name(text) is
    'This name, shortened if it is too long, or with (2), (3) … behind it if events have it.';
