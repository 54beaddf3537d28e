-- Plugins: what is installed on controllers, which device drivers they run, and which of their channels feed which
-- events. People read, administrators manage, a controller reads its own. plugins_saving.sql: how settings are written.

create view api.controller_plugins with (security_invoker) as
    select controller_id, plugin, name, version, description, schema from private.controller_plugins;
comment on view api.controller_plugins is 'The plugins that are installed on each controller, as it last said.';
comment on column api.controller_plugins.controller_id is 'Number of the controller.';
comment on column api.controller_plugins.plugin is 'Identifier, as plugin_instances.plugin has it.';
comment on column api.controller_plugins.name is 'Name, for people.';
comment on column api.controller_plugins.version is 'Version of the plugin.';
comment on column api.controller_plugins.description is 'What it measures or drives, for people.';
comment on column api.controller_plugins.schema is
    'JSON Schema of its settings, by which plugin_instances.config is checked; what is writeOnly there goes into '
    'plugin_instances.secrets. Null: anything is taken.';

grant select on private.controller_plugins, api.controller_plugins to webmacs_viewer, webmacs_controller;
create policy "people read" on private.controller_plugins for select to webmacs_viewer using (true);
create policy "a controller reads its own" on private.controller_plugins for select to webmacs_controller
    using (controller_id = (select access.controller_id()));


create view api.plugin_instances with (security_invoker) as
    select id, public_id, controller_id, name, plugin, demo_mode, enabled, interval_seconds, config,
           null::jsonb as secrets, secret_names,
           -- what was reported before its controller left is not how it is
           case when (select c.connected_at is not null from private.controllers c where c.id = controller_id)
                then status else 'unknown' end as status,
           case when (select c.connected_at is not null from private.controllers c where c.id = controller_id)
                then status_detail end as status_detail,
           setting_error, reported_at, created_at
    from private.plugin_instances;
comment on view api.plugin_instances is 'Configured device drivers of a controller.';
comment on column api.plugin_instances.id is 'Number within this database.';
comment on column api.plugin_instances.public_id is 'Identifier to the outside.';
comment on column api.plugin_instances.controller_id is 'Number of the controller that runs it.';
comment on column api.plugin_instances.name is 'Name, unique within its controller.';
comment on column api.plugin_instances.plugin is 'Identifier of the driver, for example simulated or modbus.';
comment on column api.plugin_instances.demo_mode is
    'Whether its values are made up, whatever the driver, and have quality 96.';
comment on column api.plugin_instances.enabled is 'Values of the events of a disabled instance are refused.';
comment on column api.plugin_instances.interval_seconds is 'How often it is read, in seconds: 0.01 to 86400.';
comment on column api.plugin_instances.config is
    'Settings of the driver, checked by controller_plugins.schema where the controller has told it.';
comment on column api.plugin_instances.secrets is
    'Settings that nobody may read, as passwords: only written, null here. What is given joins those that are there; '
    'a null takes one away: {"password": null}.';
comment on column api.plugin_instances.secret_names is 'The names of its secrets, as an array.';
comment on column api.plugin_instances.status is
    'unknown, connected, error, demo or stopped, as its controller reported; unknown while that is not connected.';
comment on column api.plugin_instances.status_detail is 'What went wrong, in words.';
comment on column api.plugin_instances.setting_error is
    'Which of these settings its controller refuses, and why; it goes on with those before. Null: none.';
comment on column api.plugin_instances.reported_at is 'When its controller last reported its status.';
comment on column api.plugin_instances.created_at is 'When it was made.';

-- what is not given to an insert
alter view api.plugin_instances alter demo_mode set default false;
alter view api.plugin_instances alter enabled set default true;
alter view api.plugin_instances alter interval_seconds set default 1;
alter view api.plugin_instances alter config set default '{}';

grant select (id, public_id, controller_id, name, plugin, demo_mode, enabled, interval_seconds, config, secret_names,
              status, status_detail, setting_error, reported_at, created_at)
    on private.plugin_instances to webmacs_viewer, webmacs_controller;
grant select on api.plugin_instances to webmacs_viewer, webmacs_controller;
grant delete on private.plugin_instances to webmacs_admin;
grant insert (controller_id, name, plugin, demo_mode, enabled, interval_seconds, config, secrets),
      update (controller_id, name, plugin, demo_mode, enabled, interval_seconds, config, secrets), delete
    on api.plugin_instances to webmacs_admin;

create policy "people read" on private.plugin_instances for select to webmacs_viewer using (true);
create policy "a controller reads its own" on private.plugin_instances for select to webmacs_controller
    using (controller_id = (select access.controller_id()));
create policy "administrators read and delete" on private.plugin_instances to webmacs_admin using (true);


create view api.channel_mappings with (security_invoker) as
    select id, public_id, plugin_instance_id, channel, channel_name, direction, unit, min_value, max_value, safe_value,
           event_id, calibration, report, deadband, heartbeat_seconds, safe_after_seconds,
           case when (select c.connected_at is not null
                      from private.plugin_instances i join private.controllers c on c.id = i.controller_id
                      where i.id = plugin_instance_id)
                then status else 'unknown' end as status,
           case when (select c.connected_at is not null
                      from private.plugin_instances i join private.controllers c on c.id = i.controller_id
                      where i.id = plugin_instance_id)
                then status_detail end as status_detail,
           created_at
    from private.channel_mappings;
comment on view api.channel_mappings is 'The channels of a plugin instance and the events that they feed.';
comment on column api.channel_mappings.id is 'Number within this database.';
comment on column api.channel_mappings.public_id is 'Identifier to the outside.';
comment on column api.channel_mappings.plugin_instance_id is 'Number of the plugin instance.';
comment on column api.channel_mappings.channel is 'Identifier of the channel within the plugin.';
comment on column api.channel_mappings.channel_name is 'Name of the channel, for people.';
comment on column api.channel_mappings.direction is 'input, output or bidirectional.';
comment on column api.channel_mappings.unit is 'Unit of the channel.';
comment on column api.channel_mappings.min_value is 'Lower end of the range it can have, in its unit.';
comment on column api.channel_mappings.max_value is 'Upper end of the range it can have, in its unit.';
comment on column api.channel_mappings.safe_value is 'What an output is set to when nobody controls it. Null: nothing.';
comment on column api.channel_mappings.event_id is
    'The event it feeds or that drives it; at most one channel an event. Null: none.';
comment on column api.channel_mappings.calibration is
    'What becomes of what the device gives: 2 to 100 pairs [raw, value], raw rising, between which and beyond whose '
    'ends it goes on in straight lines. Null: it stays as it is.';
comment on column api.channel_mappings.report is
    'every: each value is sent; change: what differs from the one sent before by more than deadband, or is of another '
    'quality, and one each heartbeat_seconds.';
comment on column api.channel_mappings.deadband is 'By how much a value must differ to be sent, in its unit.';
comment on column api.channel_mappings.heartbeat_seconds is
    'After how many seconds a value is sent though nothing has changed: 1 to 86400.';
comment on column api.channel_mappings.safe_after_seconds is
    'How long an output stays as it is when the server, its device or the controller is lost, before it is set to its '
    'safe value. Null: it stays.';
comment on column api.channel_mappings.status is
    'unknown, ok, no_value, uncertain or bad, as its controller reported; unknown while that is not connected.';
comment on column api.channel_mappings.status_detail is 'What is wrong with it, in words.';
comment on column api.channel_mappings.created_at is 'When it was made.';

grant select on private.channel_mappings, api.channel_mappings to webmacs_viewer, webmacs_controller;
-- name, direction, unit and range are what the controller says; where it has not said it yet somebody else may
grant insert (plugin_instance_id, channel, channel_name, direction, unit, event_id, calibration, report, deadband,
              heartbeat_seconds, safe_after_seconds),
      update (plugin_instance_id, channel, event_id, calibration, report, deadband, heartbeat_seconds,
              safe_after_seconds), delete
    on private.channel_mappings, api.channel_mappings to webmacs_admin;

create policy "people read" on private.channel_mappings for select to webmacs_viewer using (true);
create policy "a controller reads its own" on private.channel_mappings for select to webmacs_controller
    using (plugin_instance_id in (select i.id from private.plugin_instances i
                                  where i.controller_id = (select access.controller_id())));
create policy "administrators do everything" on private.channel_mappings
    to webmacs_admin using (true) with check (true);

