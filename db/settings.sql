-- Settings: what the database needs to know of the configuration.

create function private.configure(configuration jsonb) returns void
    language sql security definer
    set search_path = ''
as $$
    update private.settings set
        issuer           = coalesce(configuration ->> 'issuer', issuer),
        audience         = coalesce(configuration ->> 'audience', audience),
        past_horizon     = coalesce((configuration ->> 'past_days')::int * interval '1 day', past_horizon),
        future_tolerance = coalesce((configuration ->> 'future_seconds')::int * interval '1 second', future_tolerance),
        partition_width  = coalesce((configuration ->> 'partition_days')::int * interval '1 day', partition_width),
        partitions_ahead = coalesce((configuration ->> 'partitions_ahead')::int, partitions_ahead),
        audit_days       = case when configuration ? 'audit_days' then nullif((configuration ->> 'audit_days')::int, 0)
                                else audit_days end,
        ota_second_person = coalesce((configuration ->> 'ota_second_person')::boolean, ota_second_person),
        disk_warn_percent   = coalesce((configuration ->> 'disk_warn_percent')::int, disk_warn_percent),
        disk_thin_percent   = coalesce((configuration ->> 'disk_thin_percent')::int, disk_thin_percent),
        disk_refuse_percent = coalesce((configuration ->> 'disk_refuse_percent')::int, disk_refuse_percent),
        disk_reserve_bytes  = coalesce((configuration ->> 'disk_reserve_bytes')::bigint, disk_reserve_bytes);
    select private.keep_partitions();
$$;
comment on function private.configure(jsonb) is
    'Takes the settings that the database needs: issuer, audience, past_days, future_seconds, partition_days, '
    'partitions_ahead, audit_days (0: for ever), ota_second_person, disk_warn_percent, disk_thin_percent, '
    'disk_refuse_percent, disk_reserve_bytes. What is missing stays as it is.';
