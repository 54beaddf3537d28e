-- Revocation: ending sessions and tokens before their time. It holds on the next request, and closes open sockets.

create function api.revoke(jti uuid) returns void
    language plpgsql security definer
    set search_path = ''
as $$
begin
    update private.credentials t set revoked_at = now()
    where t.jti = revoke.jti and t.revoked_at is null
      and (pg_has_role(coalesce(access.claims() ->> 'role', session_user), 'webmacs_admin', 'usage')
           or t.id = access.credential_id()
           or (t.user_id = access.user_id() and access.in_person()));
    if not found then
        raise sqlstate 'PT404' using message = 'No such token, or it was ended before.';
    end if;
end
$$;
comment on function api.revoke(uuid) is
    'Ends a session or a token at once, everywhere: one''s own; an administrator ends any. '
    'A program ends only the token that it has.';
grant execute on function api.revoke(uuid) to webmacs_viewer;


create function api.revoke_all(
    what           text default 'sessions',
    user_public_id uuid default null,
    but_this_one   boolean default true
)
    returns int
    language plpgsql security definer
    set search_path = ''
as $$
declare
    is_admin boolean := pg_has_role(coalesce(access.claims() ->> 'role', session_user), 'webmacs_admin', 'usage');
    owner_id int;
    ended    int;
begin
    if what is null or what not in ('sessions', 'api_tokens', 'everything') then
        raise sqlstate 'PT400' using message = 'what must be sessions, api_tokens or everything.';
    elsif not is_admin and not access.in_person() then
        raise sqlstate 'PT403' using message = 'A program ends only the token that it has.',
                                     hint = 'Log in, or call revoke.';
    end if;
    select u.id into owner_id from private.users u
    where case when revoke_all.user_public_id is null then u.id = access.user_id()
               else u.public_id = revoke_all.user_public_id and (is_admin or u.id = access.user_id()) end;
    if owner_id is null then
        raise sqlstate 'PT404' using message = 'No such user.';
    end if;
    update private.credentials t set revoked_at = now()
    where t.user_id = owner_id and t.revoked_at is null and t.expires_at > now()
      and case what when 'sessions' then t.kind = 'session' when 'api_tokens' then t.kind = 'api_token' else true end
      and not (coalesce(but_this_one, true) and t.id is not distinct from access.credential_id());
    get diagnostics ended = row_count;
    return ended;
end
$$;
comment on function api.revoke_all(text, uuid, boolean) is
    'Ends all `sessions`, `api_tokens` or `everything` of a user at once, and says how many: one''s own; an '
    'administrator ends anybody''s, by `user_public_id`. The one that asks goes on unless `but_this_one` is false.';
grant execute on function api.revoke_all(text, uuid, boolean) to webmacs_viewer;


create function private.revoke(jti uuid) returns boolean
    language sql security definer
    set search_path = ''
as $$
    with ended as (
        update private.credentials t set revoked_at = now()
        where t.jti = revoke.jti and t.revoked_at is null
        returning 1
    )
    select exists (select from ended)
$$;
comment on function private.revoke(uuid) is 'Ends a token at once. False: it is not known or was ended before.';
grant execute on function private.revoke(uuid) to webmacs_sidecar;


create function private.prune_credentials() returns bigint
    language sql security definer
    set search_path = ''
as $$
    with last_uses as (
        select t.user_id, max(t.last_used_at) as last_used_at from private.credentials t group by t.user_id
    ), ended as (
        select t.id
        from private.credentials t left join last_uses u using (user_id)
        -- a clock that jumped ahead must not end what counts
        where least(t.expires_at, t.revoked_at) < (select private.kept_from('session'))
          -- when its user was last seen
          and (t.last_used_at < u.last_used_at) is not false
        limit 5000
    ), pruned as (
        delete from private.credentials t using ended e where t.id = e.id returning 1
    )
    select count(*) from pruned
$$;
comment on function private.prune_credentials() is
    'Forgets sessions and tokens that ended as long ago as housekeeping says, at most 5000, but for the last that a '
    'user has used. The audit log keeps what they were. Returns how many.';
grant execute on function private.prune_credentials() to webmacs_sidecar;
