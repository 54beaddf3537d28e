-- Keys: which have signed tokens, until when they are needed, and that a retired one counts no more.
-- Private halves are files ([auth] keys_dir); the database knows names.

create function private.register_key(kid text) returns void
    language plpgsql security definer
    set search_path = ''
as $$
begin
    -- asked at each login: an insert of nothing would cost as much as the audit log's line of something
    if not exists (select from private.signing_keys k where k.kid = register_key.kid) then
        insert into private.signing_keys (kid) values (register_key.kid) on conflict do nothing;
    end if;
end
$$;
comment on function private.register_key(text) is 'Makes a signing key known, so that tokens may name it.';
grant execute on function private.register_key(text) to webmacs_sidecar;


create function private.appoint_key(kid text) returns void
    language sql security definer
    set search_path = ''
as $$
    select private.register_key(kid);
    update private.signing_keys k
    set replaced_at = case when k.kid <> appoint_key.kid then coalesce(k.replaced_at, now()) end
    where (k.kid <> appoint_key.kid) = (k.replaced_at is null);
$$;
comment on function private.appoint_key(text) is 'This key signs from now on, and no other.';


create function private.list_keys()
    returns table (kid text, created_at timestamptz, replaced_at timestamptz, retired_at timestamptz,
                   removed_at timestamptz, tokens bigint, until timestamptz, spent boolean)
    language sql stable security definer
    set search_path = ''
as $$
    select k.kid, k.created_at, k.replaced_at, k.retired_at, k.removed_at, t.tokens, t.until,
           -- a session that went on with a newer key has access tokens of this one for at most a day
           t.tokens = 0 and coalesce(k.replaced_at < c.now - interval '1 day', false)
    from private.signing_keys k
    -- a clock that jumped ahead must not let a key go whose tokens will count again
    cross join (select private.trusted_time() as now) c
    cross join lateral (
        select count(*) as tokens, max(t.expires_at) as until
        from private.credentials t
        where t.kid = k.kid and t.revoked_at is null and t.expires_at > c.now) t
    order by k.created_at, k.kid
$$;
comment on function private.list_keys() is
    'Every key that ever signed, how many of its tokens count, until when, and whether nothing needs it any more.';


create function private.retire_key(kid text) returns table (kind api.credential_kind, owner text, name text)
    language plpgsql security definer
    set search_path = ''
as $$
declare
    ended int;
begin
    perform private.register_key(kid);
    return query
        with revoked as (
            update private.credentials t set revoked_at = now()
            where t.kid = retire_key.kid and t.revoked_at is null and t.expires_at > now()
            returning t.kind, t.user_id, t.controller_id, t.name
        )
        select r.kind, coalesce(u.username, c.name), r.name
        from revoked r
        left join private.users u on u.id = r.user_id
        left join private.controllers c on c.id = r.controller_id
        order by r.kind, 2, 3;
    get diagnostics ended = row_count;
    update private.signing_keys k set retired_at = now() where k.kid = retire_key.kid and k.retired_at is null;
    if found then
        perform private.write_log('warning', format('The signing key %s… was retired; %s tokens ended with it.',
                                                    left(kid, 8), ended), 'accounts');
    end if;
    perform private.announce_keys();
end
$$;
comment on function private.retire_key(text) is
    'From the commit on no token that names this key counts. Returns those that ended. May be repeated.';


create function private.note_removed_keys(kids text[]) returns void
    language sql security definer
    set search_path = ''
as $$
    update private.signing_keys k set removed_at = now() where k.kid = any (kids) and k.removed_at is null
$$;
comment on function private.note_removed_keys(text[]) is 'The files of these keys are gone.';


create function private.retired_keys(kids text[]) returns table (kid text)
    language sql stable security definer
    set search_path = ''
as $$
    select k.kid from private.signing_keys k where k.kid = any (kids) and k.retired_at is not null
$$;
comment on function private.retired_keys(text[]) is 'Which of these keys were retired.';
grant execute on function private.retired_keys(text[]) to webmacs_sidecar;


create function private.announce_keys() returns void
    language plpgsql security definer
    set search_path = ''
as $$
begin
    notify webmacs_keys;
    notify pgrst, 'reload config';
end
$$;
comment on function private.announce_keys() is 'Every sidecar and PostgREST read the files of the keys again.';
grant execute on function private.announce_keys() to webmacs_sidecar;


create function private.upkeep_keys() returns void
    language sql security definer
    set search_path = ''
as $$
    select private.announce_keys()
    where exists (select from private.signing_keys k
                  where k.retired_at between now() - interval '26 hours' and now() - interval '1 day')
$$;
comment on function private.upkeep_keys() is 
    'Hourly: PostgREST uses its cache of tokens again, a day after a retirement.';
grant execute on function private.upkeep_keys() to webmacs_sidecar;


create function access.configure_postgrest() returns void
    language sql stable security definer
    set search_path = ''
as $$
    select set_config('pgrst.jwt_cache_max_lifetime', '0', true)
    where exists (select from private.signing_keys k where k.retired_at > now() - interval '1 day')
$$;
comment on function access.configure_postgrest() is
    'Asked when PostgREST reads its configuration (db-pre-config). It would know tokens that it has verified before '
    'with a key that was retired, so for a day after that it verifies each.';
grant execute on function access.configure_postgrest() to webmacs_authenticator;
