-- What controllers report of their instances and channels: always all of it, so that a report that was lost is made
-- good by the next.

create function private.report_status(controller_id int, instances jsonb) returns void
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_column
begin
    perform private.check_list(coalesce(instances, 'null'), 'instances',
                               '{name, state, detail, setting_error, channels}');
    -- two sockets of one controller take turns
    perform from private.plugin_instances i where i.controller_id = report_status.controller_id
    order by i.id for no key update;

    update private.plugin_instances i
    set status = coalesce(r.state, 'unknown'), status_detail = r.detail, setting_error = r.setting_error,
        reported_at = case when r.name is null then i.reported_at else now() end
    from private.plugin_instances own
    left join private.reported_instances(instances) r on r.name = own.name
    where own.id = i.id and i.controller_id = report_status.controller_id
      and (r.name is not null or i.status <> 'unknown');

    update private.channel_mappings m
    set status = coalesce(r.state, 'unknown'), status_detail = r.detail
    from private.channel_mappings own
    join private.plugin_instances i on i.id = own.plugin_instance_id
    left join private.reported_channels(instances) r on r.instance = i.name and r.channel = own.channel
    where own.id = m.id and i.controller_id = report_status.controller_id
      and (m.status, m.status_detail) is distinct from (coalesce(r.state, 'unknown'), r.detail);
end
$$;
comment on function private.report_status(int, jsonb) is
    'The state of all instances and channels of a controller is this; what it does not name is unknown, and what we do '
    'not know is passed over.';
grant execute on function private.report_status(int, jsonb) to webmacs_sidecar;


create function private.reported_instances(instances jsonb)
    returns table (name text, state text, detail text, setting_error text)
    language sql stable
    set search_path = ''
as $$
    select distinct on (r.name) r.name, r.state, left(r.detail, 1000), left(r.setting_error, 1000)
    from jsonb_to_recordset(instances) as r (name text, state text, detail text, setting_error text)
$$;
comment on function private.reported_instances(jsonb) is 'The instances of a status, as the table has room for them.';


create function private.reported_channels(instances jsonb)
    returns table (instance text, channel text, state text, detail text)
    language sql stable
    set search_path = ''
as $$
    select distinct on (r.name, c.id) r.name, c.id, c.state, left(c.detail, 1000)
    from jsonb_to_recordset(instances) as r (name text, channels jsonb),
         jsonb_to_recordset(r.channels) as c (id text, state text, detail text)
$$;
comment on function private.reported_channels(jsonb) is 'The channels of a status, as the table has room for them.';
