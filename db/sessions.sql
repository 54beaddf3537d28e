-- Sessions: logins of people, prolonged by refresh tokens that count once.
--
-- A session has short access tokens, all with its `jti`, and one refresh token at a time. Everyone sees their own
-- sessions, administrators all. The sidecar opens and refreshes them; refresh tokens themselves are nowhere kept.

grant select (id, jti, kind, user_id, controller_id, role, name, read_only, created_at, expires_at, revoked_at,
              last_used_at, last_used_address, last_used_agent, first_address, first_agent)
    on private.credentials to webmacs_viewer;

create policy "everyone sees their own" on private.credentials for select to webmacs_viewer
    using (user_id = (select access.user_id()));
create policy "administrators see all" on private.credentials for select to webmacs_admin using (true);

create view api.sessions with (security_invoker) as
    select t.jti, u.public_id as user_public_id, t.role, t.id = (select access.credential_id()) as is_current,
           t.created_at, t.expires_at, t.last_used_at, t.revoked_at,
           host(t.first_address) as first_address, t.first_agent,
           host(t.last_used_address) as last_used_address, t.last_used_agent,
           u.username,
           case when t.revoked_at is not null then 'revoked' when t.expires_at <= now() then 'expired' else 'active'
           end as state
    from private.credentials t join private.users u on u.id = t.user_id
    where t.kind = 'session';
comment on view api.sessions is
    'Logins, one''s own; an administrator sees all. To end one: rpc/revoke; to end all but this one: rpc/revoke_all.';
comment on column api.sessions.jti is 'Identifier, the same in every access token of this session.';
comment on column api.sessions.user_public_id is 'Who logged in.';
comment on column api.sessions.role is 'What it may do: the role of the user at login.';
comment on column api.sessions.is_current is 'Whether it is the one that asks.';
comment on column api.sessions.created_at is 'When the user logged in.';
comment on column api.sessions.expires_at is 'When it ends by itself, however often it is refreshed.';
comment on column api.sessions.last_used_at is 'When it was last used, to a few minutes; null: not noted yet.';
comment on column api.sessions.revoked_at is 'When it was ended before its time, or null.';
comment on column api.sessions.first_address is 'From which address the user logged in, or null.';
comment on column api.sessions.first_agent is 'With which program the user logged in, as it calls itself, or null.';
comment on column api.sessions.last_used_address is 'From which address it last came to the sidecar, or null.';
comment on column api.sessions.last_used_agent is 'With which program, as it calls itself, or null.';
comment on column api.sessions.username is 'The name of that user.';
comment on column api.sessions.state is 'active, revoked, or expired.';
grant select on api.sessions to webmacs_viewer;


create function private.end_sessions() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    update private.credentials t set revoked_at = now()
    where t.user_id = new.id and t.kind = 'session' and t.revoked_at is null;
    return null;
end
$$;
comment on function private.end_sessions() is
    'After an account was disabled or has another role: its logins stay ended when it gets back what it had.';
create trigger end_sessions after update on private.users
    for each row when (new.role <> old.role or (new.state <> 'active' and old.state = 'active'))
    execute function private.end_sessions();


-- for the sidecar ---------------------------------------------------------------

create function private.open_session(
    user_id                int,
    kid                    text,
    session_seconds        int,
    access_seconds         int,
    refresh_hash           bytea,
    address                inet,
    agent                  text,
    password_hash          text default null,   -- of the password that was right; null: the user came by a provider
    identity_id            int default null,
    provider               text default null,
    provider_token         text default null,   -- with which the provider can be asked again; null: it gave none
    trust_seconds          int default null,    -- how long counts what the provider has said
    out jti                uuid,
    out sub                uuid,
    out role               text,
    out issued_at          timestamptz,
    out expires_at         timestamptz,
    out session_expires_at timestamptz
)
    language sql security definer
    set search_path = ''
as $$
    with opened as (
        insert into private.credentials (kind, user_id, role, kid, expires_at, first_address, first_agent)
        select 'session', u.id, u.role, open_session.kid,
               now() + interval '1 second' * least(session_seconds,
                                                   case when provider_token is null then trust_seconds end),
               address, left(agent, 300)
        from private.users u
        where u.id = open_session.user_id and u.state = 'active'
          -- it may have been changed since it was looked at, or is at this moment; that ends all sessions
          and (open_session.password_hash is null or u.password_hash = open_session.password_hash)
        for share
        returning *
    ), refreshable as (
        insert into private.refresh_tokens (credential_id, hash) select id, refresh_hash from opened
    ), provided as (
        insert into private.sso_sessions (credential_id, identity_id, provider, refresh_token, confirmed_until)
        select id, open_session.identity_id, open_session.provider, provider_token,
               now() + trust_seconds * interval '1 second'
        from opened where open_session.identity_id is not null
    )
    select o.jti, u.public_id, 'webmacs_' || o.role, now(),
           now() + interval '1 second' * least(access_seconds, trust_seconds, session_seconds), o.expires_at
    from opened o join private.users u on u.id = o.user_id
$$;
comment on function private.open_session is
    'A login: the claims of its first access token, and when the session ends. All null if the account is not active, '
    'or its password another by now.';
grant execute on function private.open_session to webmacs_sidecar;


create function private.refresh_session(
    hash                   bytea,
    nonce                  bytea,
    successor_hash         bytea,
    kid                    text,
    access_seconds         int,
    out jti                uuid,
    out sub                uuid,
    out role               text,
    out issued_at          timestamptz,
    out expires_at         timestamptz,
    out session_expires_at timestamptz,
    out successor_nonce    bytea
)
    language plpgsql security definer
    set search_path = ''
as $$
declare
    token           private.refresh_tokens;
    session         private.credentials;
    confirmed_until timestamptz;
begin
    -- two at the same moment go one after the other, and the second finds what the first has noted
    select * into token from private.refresh_tokens r where r.hash = refresh_session.hash for update;
    select * into session from private.credentials t where t.id = token.credential_id;
    if session.id is null then
        return;
    -- one that was used in the future was used before the clock was set back
    elsif token.used_at not between now() - interval '10 seconds' and now() + interval '10 seconds' then
        perform private.end_replayed(session.id);
        return;
    end if;

    select s.public_id into sub from private.users s where s.id = session.user_id;
    jti := session.jti;
    role := 'webmacs_' || session.role;
    issued_at := now();
    select s.confirmed_until into confirmed_until from private.sso_sessions s where s.credential_id = session.id;
    expires_at := least(now() + access_seconds * interval '1 second', session.expires_at, confirmed_until);
    session_expires_at := session.expires_at;
    perform access.check_claims(json_build_object(
        'jti', jti, 'sub', sub, 'role', role, 'exp', extract(epoch from session.expires_at),
        'iss', s.issuer, 'aud', s.audience)) from private.settings s;
    if confirmed_until <= now() then
        raise sqlstate 'PT503' using message = 'The identity provider cannot be asked at the moment, and what it said '
                                               'of this login is too old.',
                                     hint = 'Try again in a minute, or log in with a password.';
    end if;

    if token.used_at is null then
        update private.refresh_tokens r set used_at = now(), nonce = refresh_session.nonce where r.id = token.id;
        insert into private.refresh_tokens (credential_id, hash) values (session.id, successor_hash);
    end if;
    successor_nonce := coalesce(token.nonce, refresh_session.nonce);
    update private.credentials t set kid = refresh_session.kid where t.id = session.id and t.kid <> refresh_session.kid;
end
$$;
comment on function private.refresh_session(bytea, bytea, bytea, text, int) is
    'Uses the refresh token with this hash: the claims of a new access token, and the nonce from which its successor '
    'is derived: the given one, or, if it was used in the last 10 seconds, the one of then. All null if it does not '
    'count; was it used before that, somebody has stolen it, and the session ends. PT401 if the session has ended; '
    'PT503 if its provider has to say yes first (db/sso_sessions.sql).';
grant execute on function private.refresh_session(bytea, bytea, bytea, text, int) to webmacs_sidecar;


create function private.end_replayed(credential_id int) returns void
    language plpgsql security definer
    set search_path = ''
as $$
declare
    username text;
begin
    update private.credentials t set revoked_at = now()
    from private.users u
    where t.id = end_replayed.credential_id and t.revoked_at is null and u.id = t.user_id
    returning u.username into username;
    if found then
        perform private.write_log('warning', format('A refresh token of %s was used twice, so that session was ended: '
                                                    'somebody may have stolen it.', username), 'accounts');
    end if;
end
$$;
comment on function private.end_replayed(int) is 'Ends a session whose refresh token came a second time, and logs it.';


create function private.end_session(refresh_hash bytea) returns boolean
    language sql security definer
    set search_path = ''
as $$
    with ended as (
        update private.credentials t set revoked_at = now()
        from private.refresh_tokens r
        where r.hash = refresh_hash and t.id = r.credential_id and t.revoked_at is null
        returning 1
    )
    select exists (select from ended)
$$;
comment on function private.end_session(bytea) is
    'Logs out the session that this refresh token belongs to. False: it is not known, or was ended before.';
grant execute on function private.end_session(bytea) to webmacs_sidecar;


create function private.prune_refresh_tokens() returns bigint
    language sql security definer
    set search_path = ''
as $$
    with pruned as (
        delete from private.refresh_tokens r
        where r.id in (
            select e.id
            from private.refresh_tokens e join private.credentials t on t.id = e.credential_id
            -- a clock that jumped ahead must not end what counts
            where t.revoked_at is not null or t.expires_at <= (select private.trusted_time())
            limit 5000)
        returning 1
    )
    select count(*) from pruned
$$;
comment on function private.prune_refresh_tokens() is
    'Forgets refresh tokens of sessions that have ended, at most 5000: they prove nothing any more. Returns how many.';
grant execute on function private.prune_refresh_tokens() to webmacs_sidecar;
