-- Housekeeping: how long is kept what is no history of values. Everybody reads, administrators decide, within what may
-- be chosen. How long it is kept who did what, config.toml says ([audit] keep_days).

create view api.housekeeping with (security_invoker) as
    select what, days, least_days, shortest from private.housekeeping;
comment on view api.housekeeping is
    'How long what is no history of values is kept: deliveries of webhooks once they are finished, log entries, '
    'sessions and tokens once they have ended, failed logins.';
comment on column api.housekeeping.what is
    'delivery; log_info: entries of level info; log_trouble: warnings and errors; session; login_failure.';
comment on column api.housekeeping.days is 'What is older goes; null: never.';
comment on column api.housekeeping.least_days is 'The same while the disk is nearly full; null: no earlier than ever.';
comment on column api.housekeeping.shortest is 'The least that may be chosen for both.';

grant select on private.housekeeping, api.housekeeping to webmacs_viewer;
grant update (days, least_days) on private.housekeeping, api.housekeeping to webmacs_admin;
create policy "people read" on private.housekeeping for select to webmacs_viewer using (true);
create policy "administrators decide" on private.housekeeping for update to webmacs_admin
    using (true) with check (true);


create function private.kept_from(what text) returns timestamptz
    language sql stable security definer
    set search_path = ''
as $$
    select private.trusted_time() - interval '1 day'
           * case when private.disk_is_nearly_full() then coalesce(h.least_days, h.days) else h.days end
    from private.housekeeping h
    where h.what = kept_from.what
$$;
comment on function private.kept_from(text) is
    'What is older goes; null: nothing does. By the time that is trusted: a clock that jumped ahead removes nothing.';


create function private.prune_log() returns bigint
    language sql security definer
    set search_path = ''
as $$
    with pruned as (
        delete from private.log_entries l
        where l.id in (
            select o.id
            from private.log_entries o
            where o.created_at < greatest(private.kept_from('log_info'), private.kept_from('log_trouble'))
              and o.created_at < private.kept_from(case o.level when 'info' then 'log_info' else 'log_trouble' end)
            limit 5000)
        returning 1
    )
    select count(*) from pruned
$$;
comment on function private.prune_log() is 'Removes log entries that are too old, at most 5000. Returns how many.';
grant execute on function private.prune_log() to webmacs_sidecar;
