-- Plugins: the device drivers that controllers run, and which of their channels
-- feed which events. People read, administrators manage, a controller reads its own.

create view api.plugin_instances with (security_invoker) as
    select id, public_id, controller_id, name, plugin, demo_mode, enabled, config, status, status_detail, reported_at,
           created_at
    from private.plugin_instances;
comment on view api.plugin_instances is 'Configured device drivers of a controller.';
comment on column api.plugin_instances.id is 'Number within this database.';
comment on column api.plugin_instances.public_id is 'Identifier to the outside.';
comment on column api.plugin_instances.controller_id is 'Number of the controller that runs it.';
comment on column api.plugin_instances.name is 'Name, unique within its controller.';
comment on column api.plugin_instances.plugin is 'Identifier of the driver, for example simulated or modbus.';
comment on column api.plugin_instances.demo_mode is 'Whether it makes up its values.';
comment on column api.plugin_instances.enabled is 'Values of the events of a disabled instance are refused.';
comment on column api.plugin_instances.config is 'Settings of the driver.';
comment on column api.plugin_instances.status is
    'unknown, connected, error, demo or stopped, as its controller reported.';
comment on column api.plugin_instances.status_detail is 'What went wrong, in words.';
comment on column api.plugin_instances.reported_at is 'When its controller last reported its status.';
comment on column api.plugin_instances.created_at is 'When it was made.';

grant select on private.plugin_instances, api.plugin_instances to webmacs_viewer, webmacs_controller;
grant insert (controller_id, name, plugin, demo_mode, enabled, config),
      update (controller_id, name, plugin, demo_mode, enabled, config), delete
    on private.plugin_instances, api.plugin_instances to webmacs_admin;

create policy "people read" on private.plugin_instances for select to webmacs_viewer using (true);
create policy "a controller reads its own" on private.plugin_instances for select to webmacs_controller
    using (controller_id = (select access.controller_id()));
create policy "administrators do everything" on private.plugin_instances
    to webmacs_admin using (true) with check (true);


create view api.channel_mappings with (security_invoker) as
    select id, public_id, plugin_instance_id, channel, channel_name, direction, unit, event_id, created_at
    from private.channel_mappings;
comment on view api.channel_mappings is 'The channels of a plugin instance and the events that they feed.';
comment on column api.channel_mappings.id is 'Number within this database.';
comment on column api.channel_mappings.public_id is 'Identifier to the outside.';
comment on column api.channel_mappings.plugin_instance_id is 'Number of the plugin instance.';
comment on column api.channel_mappings.channel is 'Identifier of the channel within the plugin.';
comment on column api.channel_mappings.channel_name is 'Name of the channel, for people.';
comment on column api.channel_mappings.direction is 'input, output or bidirectional.';
comment on column api.channel_mappings.unit is 'Unit of the channel.';
comment on column api.channel_mappings.event_id is
    'The event it feeds or that drives it; at most one channel an event. Null: none.';
comment on column api.channel_mappings.created_at is 'When it was made.';

grant select on private.channel_mappings, api.channel_mappings to webmacs_viewer, webmacs_controller;
grant insert (plugin_instance_id, channel, channel_name, direction, unit, event_id),
      update (plugin_instance_id, channel, channel_name, direction, unit, event_id), delete
    on private.channel_mappings, api.channel_mappings to webmacs_admin;

create policy "people read" on private.channel_mappings for select to webmacs_viewer using (true);
create policy "a controller reads its own" on private.channel_mappings for select to webmacs_controller
    using (plugin_instance_id in (select i.id from private.plugin_instances i
                                  where i.controller_id = (select access.controller_id())));
create policy "administrators do everything" on private.channel_mappings
    to webmacs_admin using (true) with check (true);


-- a controller that is connected is told when that changes ------------------------

create function private.announce_channels() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    perform pg_notify('webmacs_configuration', i.controller_id::text) from private.plugin_instances i
    where i.id in (old.plugin_instance_id, new.plugin_instance_id);
    return null;
end
$$;
comment on function private.announce_channels() is
    'After a change: the numbers of the controllers whose channels feed other events now. What hello adds, it knows.';
create trigger announce_channels after update or delete on private.channel_mappings
    for each row execute function private.announce_channels();


create function private.announce_instance() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    perform pg_notify('webmacs_configuration', controller_id::text)
    from unnest(array[old.controller_id, new.controller_id]) as controller_id;
    return null;
end
$$;
comment on function private.announce_instance() is 'After a change: the number of the controller, or of both.';
create trigger announce_instance after update of controller_id, name, enabled on private.plugin_instances
    for each row execute function private.announce_instance();


create function private.announce_archiving() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    perform pg_notify('webmacs_configuration', i.controller_id::text)
    from private.channel_mappings m join private.plugin_instances i on i.id = m.plugin_instance_id
    where m.event_id = new.id;
    return null;
end
$$;
comment on function private.announce_archiving() is 'After a change: the number of the controller that measures it.';
create trigger announce_archiving after update of archived_at on private.events
    for each row execute function private.announce_archiving();


-- first contact of a controller ------------------------------------------------

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


create function private.controller_hello(controller_id int, hello jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_column
declare
    caller private.controllers;
begin
    -- two sockets of one controller take turns; two controllers may choose the same name for an event
    perform pg_advisory_xact_lock(hashtext('private.controller_hello'));
    update private.controllers c
    set software = left(hello ->> 'software', 255), last_seen_at = now()
    where c.id = controller_hello.controller_id
    returning * into caller;

    insert into private.plugin_instances (controller_id, name, plugin, demo_mode)
    select distinct on (i.name) caller.id, i.name, i.plugin, coalesce(i.demo, false)
    from jsonb_to_recordset(hello -> 'instances') as i (name text, plugin text, demo boolean)
    on conflict (controller_id, name) do nothing;

    perform private.adopt_channels(caller.id, hello -> 'instances');

    return jsonb_build_object(
        'controller', caller.name,
        'config_version', 1,
        'events', (
            select coalesce(jsonb_agg(jsonb_build_object(
                       'instance', i.name, 'channel', m.channel, 'event_public_id', e.public_id,
                       'enabled', i.enabled and e.archived_at is null) order by i.name, m.channel), '[]')
            from private.plugin_instances i
            join private.channel_mappings m on m.plugin_instance_id = i.id
            join private.events e on e.id = m.event_id
            where i.controller_id = caller.id));
end
$$;
comment on function private.controller_hello(int, jsonb) is
    'A controller names its software, plugin instances and their channels; what is new becomes rows, new channels '
    'become events. Returns the welcome: its name, the version of its configuration, and the event of each channel.';
grant execute on function private.controller_hello(int, jsonb) to webmacs_sidecar;


create function private.adopt_channels(controller_id int, instances jsonb) returns void
    language plpgsql
    set search_path = ''
as $$
#variable_conflict use_column
declare
    fresh record;
begin
    -- a loop, because a name can be taken by the event before; only on first contact
    for fresh in
        select distinct on (i.id, c.id) i.id as instance_id, i.name as instance, c.*,
               coalesce(c.direction, 'input') as way
        from jsonb_to_recordset(instances) as h (name text, channels jsonb)
        join private.plugin_instances i on i.controller_id = adopt_channels.controller_id and i.name = h.name
        cross join jsonb_to_recordset(h.channels)
             as c (id text, name text, unit text, min float8, max float8, direction api.direction,
                   event_type api.event_type)
        where not exists (select from private.channel_mappings m
                          where m.plugin_instance_id = i.id and m.channel = c.id)
    loop
        with event as (
            insert into private.events (name, event_type, unit, min_value, max_value, area)
            values (private.free_event_name(fresh.instance || ' ' || fresh.name),
                    coalesce(fresh.event_type,
                             case fresh.way when 'input' then 'sensor' else 'actuator' end::api.event_type),
                    fresh.unit, fresh.min, fresh.max, fresh.instance)
            returning id
        )
        insert into private.channel_mappings (plugin_instance_id, channel, channel_name, direction, unit, event_id)
        select fresh.instance_id, fresh.id, fresh.name, fresh.way, fresh.unit, event.id from event;
    end loop;
end
$$;
comment on function private.adopt_channels(int, jsonb) is
    'Channels that a controller names for the first time become events.';
