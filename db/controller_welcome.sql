-- What a controller is told after its hello: all that is wanted of it, in one message.

create function private.wanted_channels(instance_id int) returns jsonb
    language plpgsql stable
    set search_path = ''
as $$
begin
    return (
        select coalesce(jsonb_agg(jsonb_build_object(
                   'channel', m.channel, 'calibration', m.calibration, 'report', m.report, 'deadband', m.deadband,
                   'heartbeat_seconds', m.heartbeat_seconds, 'safe_after_seconds', m.safe_after_seconds,
                   'min', e.min_value, 'max', e.max_value, 'interlocks', coalesce(f.frames, '[]'))
                   order by m.channel), '[]')
        from private.channel_mappings m
        join private.plugin_instances i on i.id = m.plugin_instance_id
        left join private.events e on e.id = m.event_id
        left join private.interlock_frames(i.controller_id, array(
            select d.event_id from private.channel_mappings d
            where d.plugin_instance_id = instance_id and d.direction <> 'input')) f on f.event_id = m.event_id
        where m.plugin_instance_id = instance_id);
end
$$;
comment on function private.wanted_channels(int) is
    'The channels of an instance, as an administrator wants them, with the ranges and interlocks of their events.';


create function private.wanted_packages(controller_id int) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object(
               'name', p.name, 'version', p.version, 'file_name', p.file_name, 'size', p.size, 'sha256', p.sha256,
               'signature', p.signature) order by p.name), '[]')
    from private.plugin_package_assignments a
    join private.plugin_packages p on p.id = a.package_id
    where a.controller_id = wanted_packages.controller_id
$$;
comment on function private.wanted_packages(int) is 'The packages that a controller is to have, and no others.';


create function private.wanted_update(controller_id int) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select jsonb_build_object('id', u.id, 'version', b.version, 'counter', b.counter, 'file_name', b.file_name,
                              'size', b.size, 'sha256', b.sha256, 'roll_back', u.roll_back_at is not null)
    from private.updates u
    join private.update_bundles b on b.id = u.bundle_id
    where u.controller_id is not distinct from wanted_update.controller_id and u.approved_at is not null
      and (u.state in ('pending', 'downloading', 'verified', 'installing', 'probation')
           or (u.state = 'completed' and u.roll_back_at is not null))
    order by u.id desc
    limit 1
$$;
comment on function private.wanted_update(int) is
    'The update that a controller (null: the server) is to bring about, or to roll back; null: none.';


create function private.controller_welcome(controller_id int) returns jsonb
    language sql stable
    set search_path = ''
as $$
    -- one statement, so that the version is that of all that it says
    select jsonb_build_object(
        'controller', c.name,
        'controller_id', c.public_id,
        'config_version', coalesce((select v.version from private.configurations v where v.controller_id = c.id), 1),
        'time', clock_timestamp(),
        'events', (
            select coalesce(jsonb_agg(jsonb_build_object(
                       'instance', i.name, 'channel', m.channel, 'event_public_id', e.public_id,
                       'enabled', i.enabled and e.archived_at is null) order by i.name, m.channel), '[]')
            from private.plugin_instances i
            join private.channel_mappings m on m.plugin_instance_id = i.id
            join private.events e on e.id = m.event_id
            where i.controller_id = c.id),
        'instances', (
            select coalesce(jsonb_agg(jsonb_build_object(
                       'name', i.name, 'public_id', i.public_id, 'plugin', i.plugin, 'demo', i.demo_mode,
                       'enabled', i.enabled, 'interval_seconds', i.interval_seconds, 'config', i.config || i.secrets,
                       'channels', private.wanted_channels(i.id)) order by i.name), '[]')
            from private.plugin_instances i
            where i.controller_id = c.id),
        'packages', private.wanted_packages(c.id),
        'update', private.wanted_update(c.id))
    from private.controllers c
    where c.id = controller_welcome.controller_id
$$;
comment on function private.controller_welcome(int) is
    'What a controller is told: who it is, the version of its configuration, the clock of the database, the event of '
    'each channel, each instance as an administrator wants it, with its secrets, its packages and its update.';
