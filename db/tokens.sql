-- Tokens of programs and controllers. Everyone sees their own, administrators all; a token itself is shown once.

create view api.api_tokens with (security_invoker) as
    select t.jti, t.name, u.public_id as user_public_id, t.role, t.read_only, t.created_at, t.expires_at,
           t.last_used_at, t.revoked_at, host(t.last_used_address) as last_used_address, t.last_used_agent,
           u.username,
           case when t.revoked_at is not null then 'revoked' when t.expires_at <= now() then 'expired' else 'active'
           end as state
    from private.credentials t join private.users u on u.id = t.user_id
    where t.kind = 'api_token';
comment on view api.api_tokens is
    'Tokens for programs, one''s own; an administrator sees all. Made by POST /auth/tokens, ended by rpc/revoke.';
comment on column api.api_tokens.jti is 'Identifier of the token; not the token, which is shown once.';
comment on column api.api_tokens.name is 'What it is for.';
comment on column api.api_tokens.user_public_id is 'For whom it acts.';
comment on column api.api_tokens.role is 'What it may do; not above the role of its user.';
comment on column api.api_tokens.read_only is 'Whether it may only read, whatever its role may do.';
comment on column api.api_tokens.created_at is 'When it was issued.';
comment on column api.api_tokens.expires_at is 'When it ends by itself.';
comment on column api.api_tokens.last_used_at is 'When it was last used, to a few minutes; null: not noted yet.';
comment on column api.api_tokens.revoked_at is 'When it was ended before its time, or null.';
comment on column api.api_tokens.last_used_address is
    'From which address it last came to the sidecar, or null. PostgREST does not know the address of who asks it.';
comment on column api.api_tokens.last_used_agent is 'With which program, as it calls itself, or null.';
comment on column api.api_tokens.username is 'The name of that user.';
comment on column api.api_tokens.state is 'active, revoked, or expired.';
grant select on api.api_tokens to webmacs_viewer;


create view api.controller_tokens with (security_invoker) as
    select t.jti, t.name, c.public_id as controller_public_id, t.created_at, t.expires_at, t.last_used_at, t.revoked_at,
           p.jti as renews_jti, host(t.last_used_address) as last_used_address, t.last_used_agent,
           case when t.revoked_at is not null then 'revoked' when t.expires_at <= now() then 'expired' else 'active'
           end as state
    from private.credentials t
    join private.controllers c on c.id = t.controller_id
    left join private.credentials p on p.id = t.renews
    where t.kind = 'controller_token';
comment on view api.controller_tokens is
    'Tokens of controllers, for administrators. Made by POST /auth/controller-tokens of the sidecar or `webmacs token '
    'issue`, renewed over their socket in time.';
comment on column api.controller_tokens.jti is 'Identifier of the token; not the token, which is shown once.';
comment on column api.controller_tokens.name is 'Name of the controller when it was issued.';
comment on column api.controller_tokens.controller_public_id is 'Whose token it is.';
comment on column api.controller_tokens.created_at is 'When it was issued.';
comment on column api.controller_tokens.expires_at is 'When it ends by itself.';
comment on column api.controller_tokens.last_used_at is 'When it was last used, to a few minutes; null: not noted yet.';
comment on column api.controller_tokens.revoked_at is 'When it was ended before its time, or null.';
comment on column api.controller_tokens.renews_jti is
    'The token that it was given out to take over from, or null. Whoever revokes that ends this one too.';
comment on column api.controller_tokens.last_used_address is 'From which address it last came to the sidecar, or null.';
comment on column api.controller_tokens.last_used_agent is 'With which program, as it calls itself, or null.';
comment on column api.controller_tokens.state is 'active, revoked, or expired.';
grant select (renews) on private.credentials to webmacs_viewer;
grant select on api.controller_tokens to webmacs_admin;


-- for the sidecar and the `webmacs` command -----------------------------------

create function private.issue_api_token(
    user_id        int,
    role           api.role,
    name           text,
    kid            text,
    seconds        int,
    read_only      boolean default false,
    out jti        uuid,
    out sub        uuid,
    out claim_role text,
    out issued_at  timestamptz,
    out expires_at timestamptz
)
    language plpgsql security definer
    set search_path = ''
as $$
declare
    owner private.users;
    issued private.credentials;
begin
    select * into owner from private.users u where u.id = issue_api_token.user_id and u.state = 'active';
    if owner.id is null then
        raise sqlstate 'PT404' using message = 'No such active user.';
    elsif issue_api_token.role > owner.role or issue_api_token.role = 'controller' then
        raise sqlstate 'PT403' using
            message = format('role must not be above that of the user, %s.', owner.role),
            hint = format('Choose %s.', array_to_string(enum_range('viewer', owner.role), ' or '));
    end if;
    insert into private.credentials (kind, user_id, role, name, kid, read_only, expires_at)
    values ('api_token', owner.id, issue_api_token.role, issue_api_token.name, issue_api_token.kid,
            issue_api_token.read_only, now() + seconds * interval '1 second')
    returning * into issued;
    jti := issued.jti;
    sub := owner.public_id;
    claim_role := 'webmacs_' || issued.role;
    issued_at := issued.created_at;
    expires_at := issued.expires_at;
end
$$;
comment on function private.issue_api_token(int, api.role, text, text, int, boolean) is
    'A token for a program: its claims.';
grant execute on function private.issue_api_token(int, api.role, text, text, int, boolean) to webmacs_sidecar;


create function private.renew_controller_token(
    credential_id  int,
    kid            text,
    seconds        int,
    out due_in     double precision,
    out jti        uuid,
    out sub        uuid,
    out role       text,
    out issued_at  timestamptz,
    out expires_at timestamptz,
    out signed_by  text
)
    language plpgsql security definer
    set search_path = ''
as $$
declare
    old   private.credentials;
    fresh private.credentials;
begin
    select * into old from private.credentials t
    where t.id = renew_controller_token.credential_id and t.kind = 'controller_token' and t.revoked_at is null;
    due_in := greatest(extract(epoch from old.created_at + (old.expires_at - old.created_at) / 2 - now()), 0);
    if old.id is null or due_in > 0 then
        return;
    end if;
    -- one successor, however often it is asked for: a controller that cannot keep it makes no more of them
    insert into private.credentials as t (kind, controller_id, role, name, kid, expires_at, renews)
    values (old.kind, old.controller_id, old.role, old.name, renew_controller_token.kid,
            greatest(now() + seconds * interval '1 second', old.expires_at), old.id)
    -- and always with the same key, for which it was noted: it may have kept the first answer
    on conflict (renews) do update set kid = t.kid
    returning * into fresh;
    if fresh.revoked_at is not null then
        return;
    end if;
    jti := fresh.jti;
    role := 'webmacs_controller';
    issued_at := fresh.created_at;
    expires_at := fresh.expires_at;
    signed_by := fresh.kid;
    select c.public_id into sub from private.controllers c where c.id = fresh.controller_id;
end
$$;
comment on function private.renew_controller_token(int, text, int) is
    'The claims of the token that takes over from this one of a controller, from the middle of its life on; the old '
    'one counts until its end. `signed_by`: the key to sign it with. `due_in`: seconds until that middle. '
    'Null if it, or the fresh one, does not count.';
grant execute on function private.renew_controller_token(int, text, int) to webmacs_sidecar;


create function private.revoke_successor() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    update private.credentials t set revoked_at = now() where t.renews = new.id and t.revoked_at is null;
    return null;
end
$$;
comment on function private.revoke_successor() is
    'After a controller''s token was revoked: who has stolen it may have been given the fresh one.';
create trigger revoke_successor after update of revoked_at on private.credentials
    for each row when (new.revoked_at is not null and old.revoked_at is null and new.kind = 'controller_token')
    execute function private.revoke_successor();
