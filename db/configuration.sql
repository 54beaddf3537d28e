-- The version of each controller's configuration: raised by each statement that changes what the controller is told
-- at its hello (controller_hello.sql), with a notification, at which it says hello again.

create function private.raise_config_version(controller_ids int[]) returns void
    language sql
    set search_path = ''
as $$
    with raised as (
        insert into private.configurations as c (controller_id, version)
        select id, 2 from private.controllers where id = any (controller_ids) order by id
        on conflict (controller_id) do update set version = c.version + 1
        returning controller_id, version
    )
    select pg_notify('webmacs_configuration', format('%s:%s', controller_id, version)) from raised
$$;
comment on function private.raise_config_version(int[]) is
    'These controllers are to have another configuration. Notifies webmacs_configuration of number:version of each.';


create function private.version_instances() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
declare
    controller_ids int[];
begin
    if tg_op = 'INSERT' then
        controller_ids := array(select controller_id from new_rows);
    elsif tg_op = 'DELETE' then
        controller_ids := array(select controller_id from old_rows);
    else
        controller_ids := array(
            select unnest(array[o.controller_id, n.controller_id])
            from old_rows o join new_rows n using (id)
            where (o.controller_id, o.name, o.plugin, o.demo_mode, o.enabled, o.interval_seconds, o.config, o.secrets)
                  is distinct from
                  (n.controller_id, n.name, n.plugin, n.demo_mode, n.enabled, n.interval_seconds, n.config, n.secrets));
    end if;
    perform private.raise_config_version(controller_ids);
    return null;
end
$$;
comment on function private.version_instances() is 'After a change of instances: their controllers are told.';
create trigger version_inserted after insert on private.plugin_instances
    referencing new table as new_rows for each statement execute function private.version_instances();
create trigger version_updated after update on private.plugin_instances
    referencing old table as old_rows new table as new_rows
    for each statement execute function private.version_instances();
create trigger version_deleted after delete on private.plugin_instances
    referencing old table as old_rows for each statement execute function private.version_instances();


create function private.version_channels() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
declare
    instance_ids int[];
begin
    if tg_op = 'INSERT' then
        instance_ids := array(select plugin_instance_id from new_rows);
    elsif tg_op = 'DELETE' then
        instance_ids := array(select plugin_instance_id from old_rows);
    else
        instance_ids := array(
            select unnest(array[o.plugin_instance_id, n.plugin_instance_id])
            from old_rows o join new_rows n using (id)
            where (o.plugin_instance_id, o.channel, o.event_id, o.calibration, o.report, o.deadband,
                   o.heartbeat_seconds, o.safe_after_seconds)
                  is distinct from
                  (n.plugin_instance_id, n.channel, n.event_id, n.calibration, n.report, n.deadband,
                   n.heartbeat_seconds, n.safe_after_seconds));
    end if;
    perform private.raise_config_version(array(
        select controller_id from private.plugin_instances where id = any (instance_ids)));
    return null;
end
$$;
comment on function private.version_channels() is 'After a change of channels: their controllers are told.';
create trigger version_inserted after insert on private.channel_mappings
    referencing new table as new_rows for each statement execute function private.version_channels();
create trigger version_updated after update on private.channel_mappings
    referencing old table as old_rows new table as new_rows
    for each statement execute function private.version_channels();
create trigger version_deleted after delete on private.channel_mappings
    referencing old table as old_rows for each statement execute function private.version_channels();


create function private.version_events() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    perform private.raise_config_version(array(
        select i.controller_id
        from old_rows o
        join new_rows n using (id)
        join private.channel_mappings m on m.event_id = n.id
        join private.plugin_instances i on i.id = m.plugin_instance_id
        where (o.archived_at is null, o.min_value, o.max_value)
              is distinct from (n.archived_at is null, n.min_value, n.max_value)));
    return null;
end
$$;
comment on function private.version_events() is
    'After a change of events: who measures what takes values no more, or again, or has another range, is told.';
create trigger version_events after update on private.events
    referencing old table as old_rows new table as new_rows
    for each statement execute function private.version_events();


create function private.version_interlocks() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
declare
    event_ids int[];
begin
    if tg_op = 'INSERT' then
        event_ids := array(select event_id from new_rows);
    elsif tg_op = 'DELETE' then
        event_ids := array(select event_id from old_rows);
    else
        event_ids := array(
            select unnest(array[o.event_id, n.event_id])
            from old_rows o join new_rows n using (id)
            where (o.event_id, o.source_event_id, o.operator, o.threshold, o.threshold_high, o.max_age_seconds,
                   o.enabled)
                  is distinct from
                  (n.event_id, n.source_event_id, n.operator, n.threshold, n.threshold_high, n.max_age_seconds,
                   n.enabled));
    end if;
    perform private.raise_config_version(array(
        select i.controller_id
        from private.channel_mappings m
        join private.plugin_instances i on i.id = m.plugin_instance_id
        where m.event_id = any (event_ids) and m.direction <> 'input'));
    return null;
end
$$;
comment on function private.version_interlocks() is
    'After a change of interlocks: who drives what they guard is told, for its local sequences.';
create trigger version_inserted after insert on private.interlocks
    referencing new table as new_rows for each statement execute function private.version_interlocks();
create trigger version_updated after update on private.interlocks
    referencing old table as old_rows new table as new_rows
    for each statement execute function private.version_interlocks();
create trigger version_deleted after delete on private.interlocks
    referencing old table as old_rows for each statement execute function private.version_interlocks();
