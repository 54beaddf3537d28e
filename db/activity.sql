-- Activity: when a token was last used, from where and with what; logins that failed.

-- last use -------------------------------------------------------------------------
--
-- A request to PostgREST that reads cannot write, so access.check_request notifies, and the sidecar's listener has it
-- written here. Any SQL login can send such a notification, and all can hear it. So it carries the `jti` alone, which
-- gives nobody anything, and the time is that of writing: who forges one makes a token that counts look used now, and
-- can neither hide a use nor say from where it was. Addresses and programs come from the sidecar itself, which sees
-- them at each login, each refresh of a session (all 15 minutes), each request and each socket; PostgREST does not know
-- who is at the other end, only what a header says.

create function private.note_seen(jtis uuid[], addresses inet[], agents text[]) returns void
    language sql security definer
    set search_path = ''
as $$
    with used as (
        select distinct on (n.jti) n.jti, n.address, left(n.agent, 300) as agent
        from unnest(jtis, addresses, agents) as n (jti, address, agent)
        order by n.jti, n.address nulls last
    ), noted as (
        update private.credentials t set
            last_used_at      = now(),
            last_used_address = coalesce(u.address, t.last_used_address),
            last_used_agent   = case when u.address is null then t.last_used_agent else u.agent end
        from used u
        where t.jti = u.jti and t.revoked_at is null and t.expires_at > now()
          and ((t.last_used_at >= now() - interval '5 minutes') is not true
               or (u.address is not null
                   and (u.address, u.agent) is distinct from (t.last_used_address, t.last_used_agent)))
        returning t.controller_id, u.address, u.agent
    )
    update private.controllers c set last_seen_address = n.address, last_seen_agent = n.agent
    from noted n
    where c.id = n.controller_id and n.address is not null
      and (n.address, n.agent) is distinct from (c.last_seen_address, c.last_seen_agent)
$$;
comment on function private.note_seen(uuid[], inet[], text[]) is
    'These tokens were used now, from there and with that; null where it is not known. Written at most every five '
    'minutes for each, and whenever somebody comes from somewhere else or with something else.';
grant execute on function private.note_seen(uuid[], inet[], text[]) to webmacs_sidecar;


-- failed logins --------------------------------------------------------------------

create view api.login_failures with (security_invoker) as
    select f.id, f.failed_at, u.public_id as user_public_id, host(f.address) as address, f.agent, f.reason,
           u.username
    from private.login_failures f left join private.users u on u.id = f.user_id;
comment on view api.login_failures is
    'Logins that failed, of the last 90 days: one''s own; an administrator sees all. What was typed is kept nowhere.';
comment on column api.login_failures.id is 'Number.';
comment on column api.login_failures.failed_at is 'When.';
comment on column api.login_failures.user_public_id is 'Whose account it was for; null: nobody''s.';
comment on column api.login_failures.address is 'From which address, or null.';
comment on column api.login_failures.agent is 'With which program, as it calls itself, or null.';
comment on column api.login_failures.reason is
    'wrong_password, unknown_user, not_approved, disabled, or sso_refused: a login by an identity provider was.';
comment on column api.login_failures.username is 'The name of that user; null: nobody''s.';
grant select on private.login_failures, api.login_failures to webmacs_viewer;
create policy "everyone sees their own" on private.login_failures for select to webmacs_viewer
    using (user_id = (select access.user_id()));
create policy "administrators see all" on private.login_failures for select to webmacs_admin using (true);


create function private.note_login_failure(user_id int, address inet, agent text, reason text) returns void
    language plpgsql security definer
    set search_path = ''
as $$
begin
    -- that a power failure loses the last of them does no harm; that a flood of them keeps the disk busy would
    perform set_config('synchronous_commit', 'off', true);
    insert into private.login_failures (user_id, address, agent, reason)
    select u.id, note_login_failure.address, left(note_login_failure.agent, 300), note_login_failure.reason
    from (select) always left join private.users u on u.id = note_login_failure.user_id
    -- gone since it was looked up
    where note_login_failure.user_id is null or u.id is not null;
end
$$;
comment on function private.note_login_failure(int, inet, text, text) is
    'A login failed: of this user, or null where it is nobody''s; reason: as in api.login_failures. '
    'To be called by itself, not within a transaction that must be on the disk.';
grant execute on function private.note_login_failure(int, inet, text, text) to webmacs_sidecar;


create function private.prune_login_failures() returns void
    language plpgsql security definer
    set search_path = ''
as $$
begin
    -- by a clock that jumped ahead all would go
    delete from private.login_failures f where f.failed_at < (select private.kept_from('login_failure'));
    -- whoever has many addresses can make many of them
    delete from private.login_failures f
    where f.id < (select n.id from private.login_failures n order by n.id desc offset 100000 limit 1);
end
$$;
comment on function private.prune_login_failures() is 'Keeps failures as long as housekeeping says, at most 100 000.';
grant execute on function private.prune_login_failures() to webmacs_sidecar;
