-- What whoever watches this installation counts and what it costs nothing to count: open things, not history.

create function private.figures() returns table (name text, label text, value float8)
    language sql stable security definer
    set search_path = ''
as $$
    select 'alarms', severities.severity, count(a)::float8
      from unnest(array['low', 'medium', 'high', 'critical']) severities (severity)
      left join private.alarms a on a.severity = severities.severity and a.state <> 'normal'
     group by severities.severity
    union all
    select 'alarms_unacknowledged', severities.severity, count(a)::float8
      from unnest(array['low', 'medium', 'high', 'critical']) severities (severity)
      left join private.alarms a on a.severity = severities.severity and a.state like '%\_unacknowledged'
     group by severities.severity
    union all
    select 'deliveries_waiting', null, count(*)::float8 from private.webhook_deliveries where due_at is not null
    union all
    select 'deliveries_oldest_seconds', null, coalesce(extract(epoch from now() - min(created_at)), 0)::float8
      from private.webhook_deliveries where due_at is not null
    union all
    select 'controllers_connected', null, count(*)::float8 from private.controllers where connected_at is not null
    union all
    select 'controllers', null, count(*)::float8 from private.controllers where enabled
    union all
    select 'commands_waiting', null, count(*)::float8 from private.commands where state in ('queued', 'sent')
    union all
    select 'rollups_behind_seconds', null,   -- nothing is while nothing was measured
           case when isfinite(computed_to) and isfinite(rolled_to) then extract(epoch from rolled_to - computed_to)
                else 0 end::float8
      from private.settings
    union all
    select 'partitions_ahead_seconds', null, extract(epoch from covered_to - now())::float8 from private.settings
    union all
    select 'installed_time_seconds', null, extract(epoch from min(applied_at))::float8 from private.migrations
    union all
    select 'disk_level', null,
           coalesce((select l.place from private.disk_levels() l where l.level = d.level), 0)::float8
      from private.disk d
    union all
    (select 'stored_bytes', null, bytes::float8 from private.disk_reports order by day desc limit 1)
$$;
comment on function private.figures() is
    'For GET /metrics: open alarms by severity, what waits in the outbox and how long, how many controllers there are, '
    'how far rollups and partitions are, what is stored, since when all of it is there.';
grant execute on function private.figures() to webmacs_sidecar;
