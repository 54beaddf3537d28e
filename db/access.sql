-- Who is asking: claim accessors, and the check that PostgREST runs before each
-- request and the sidecar before each socket.

grant usage on schema access to
    webmacs_anon, webmacs_viewer, webmacs_controller, webmacs_authenticator, webmacs_sidecar, webmacs_reader;
grant usage on schema api to
    webmacs_anon, webmacs_viewer, webmacs_controller, webmacs_sidecar, webmacs_reader;
grant usage on schema private to webmacs_sidecar;


-- They are plpgsql because that keeps its plans; SQL that cannot be inlined is planned anew at each call, which cost
-- more than all the rest of the check.

-- Any SQL login can set `request.jwt.claims`, so they count only on connections
-- of PostgREST and the sidecar. The setting is '' and not null later in a session.
create function access.claims() returns json
    language plpgsql stable
    set search_path = ''
as $$
begin
    return case when session_user in ('webmacs_authenticator', 'webmacs_sidecar')
                then nullif(current_setting('request.jwt.claims', true), '')::json end;
end
$$;
comment on function access.claims() is 'The verified claims of this request''s token, or null.';
grant execute on function access.claims() to webmacs_anon, webmacs_viewer, webmacs_controller, webmacs_sidecar;


create function access.credential_id() returns int
    language plpgsql stable security definer
    set search_path = ''
as $$
begin
    return (select id from private.credentials where jti = (access.claims() ->> 'jti')::uuid);
end
$$;
comment on function access.credential_id() is
    'The row of private.credentials that this request''s token names, or null.';
grant execute on function access.credential_id() to webmacs_viewer, webmacs_controller, webmacs_sidecar;


create function access.user_id() returns int
    language plpgsql stable security definer
    set search_path = ''
as $$
begin
    return (select user_id from private.credentials where jti = (access.claims() ->> 'jti')::uuid);
end
$$;
comment on function access.user_id() is 'The user who asks, or null: a controller, or a login of psql.';
grant execute on function access.user_id() to webmacs_viewer, webmacs_controller, webmacs_sidecar;


create function access.in_person() returns boolean
    language plpgsql stable security definer
    set search_path = ''
as $$
begin
    return exists (select from private.credentials
                   where jti = (access.claims() ->> 'jti')::uuid and kind = 'session');
end
$$;
comment on function access.in_person() is 'Whether a user asks who logged in, and not a program or a controller.';
grant execute on function access.in_person() to webmacs_viewer;


create function access.controller_id() returns int
    language plpgsql stable security definer
    set search_path = ''
as $$
begin
    return (select controller_id from private.credentials where jti = (access.claims() ->> 'jti')::uuid);
end
$$;
comment on function access.controller_id() is 'The controller that asks, or null.';
grant execute on function access.controller_id() to webmacs_viewer, webmacs_controller, webmacs_sidecar;


create function access.actor() returns text
    language plpgsql stable security definer
    set search_path = ''
as $$
begin
    return coalesce(
        (select coalesce(u.username, 'controller ' || c.name)
         from private.credentials t
         left join private.users u on u.id = t.user_id
         left join private.controllers c on c.id = t.controller_id
         where t.jti = (access.claims() ->> 'jti')::uuid),
        session_user);
end
$$;
comment on function access.actor() is 'The name of who asks: user, controller, or the login of psql.';
grant execute on function access.actor() to webmacs_viewer, webmacs_controller, webmacs_sidecar;


create function access.refuse(reason text, hint text default null) returns void
    language plpgsql
    set search_path = ''
as $$
begin
    raise sqlstate 'PT401' using message = reason, hint = coalesce(hint, 'Log in again.');
end
$$;
comment on function access.refuse(text, text) is 'Ends a request with HTTP status 401.';


create function access.refuse_closed(reason text) returns void
    language plpgsql
    set search_path = ''
as $$
begin
    if reason is not null then
        raise sqlstate 'PT503' using message = reason, hint = 'Try again in a few minutes.';
    end if;
end
$$;
comment on function access.refuse_closed(text) is
    'Ends a request with HTTP status 503 where there is a reason (private.settings.closed) to let nobody in.';


create function access.check_claims(
    claims            json,
    out credential_id int,
    out kind          api.credential_kind,
    out user_id       int,
    out controller_id int,
    out public_id     uuid,
    out name          text,
    out role          api.role,
    out expires_at    timestamptz,
    out read_only     boolean,
    out last_used_at  timestamptz
)
    language plpgsql stable security definer
    set search_path = ''
as $$
declare
    key_id      text;
    key_retired boolean;
    revoked     boolean;
    enabled     boolean;    -- the account that it was issued to, and that account's role
    own_role    api.role;
    issuer      text;
    audience    text;
    closed      text;
begin
    -- Every request waits for this. These look-ups by key take less than one join of the tables, for starting that
    -- costs more than running it; and as the function is stable, all of them see the same moment.
    select t.id, t.kind, t.user_id, t.controller_id, t.role, t.expires_at, t.read_only, t.last_used_at,
           t.revoked_at is not null, t.kid
    into credential_id, kind, user_id, controller_id, role, expires_at, read_only, last_used_at,
         revoked, key_id
    from private.credentials t where t.jti = (claims ->> 'jti')::uuid;

    if not found then
        perform access.refuse('This token is not known.');
    elsif controller_id is null then
        select u.public_id, u.username, u.state = 'active', u.role
        into public_id, name, enabled, own_role
        from private.users u where u.id = user_id;
    else
        select c.public_id, c.name, c.enabled, 'controller'
        into public_id, name, enabled, own_role
        from private.controllers c where c.id = controller_id;
    end if;
    select s.issuer, s.audience, s.closed into issuer, audience, closed from private.settings s;
    -- the sidecar knows the key of the signature, which a session may have gone on without
    select bool_or(k.retired_at is not null) into key_retired
    from private.signing_keys k where k.kid in (key_id, claims ->> 'kid');

    if closed is not null then
        perform access.refuse_closed(closed);
    elsif key_retired then
        perform access.refuse('The key that signed this token was retired.');
    elsif expires_at <= now() or ((claims ->> 'exp')::float8 > extract(epoch from now())) is not true then
        perform access.refuse('This token has expired.');
    elsif claims ->> 'iss' is distinct from issuer or claims ->> 'aud' is distinct from audience then
        perform access.refuse('This token is not meant for this system.');
    elsif (claims ->> 'sub')::uuid is distinct from public_id
          or claims ->> 'role' is distinct from 'webmacs_' || role then
        perform access.refuse('The claims of this token contradict what it was issued for.');
    elsif not enabled then
        perform access.refuse('This account is disabled.', 'Ask an administrator.');
    elsif kind = 'session' and role <> own_role or role > own_role then
        perform access.refuse('The role of this account has changed.');
    elsif revoked then
        perform access.refuse('This token was revoked.');
    end if;
end
$$;
comment on function access.check_claims(json) is
    'Whose token this is. Raises PT401 (HTTP 401) if it is unknown, revoked, expired or foreign, its key retired, '
    'its account disabled, or its role no longer the account''s. The signature was checked before.';
grant execute on function access.check_claims(json) to webmacs_sidecar;


create function access.only_read() returns void
    language plpgsql stable
    set search_path = ''
as $$
begin
    perform set_config('transaction_read_only', 'on', true);
    -- PostgreSQL would refuse it too, but with words that help nobody; a function that is not volatile only reads
    if current_setting('request.method', true) not in ('GET', 'HEAD', 'OPTIONS') and not exists (
        select from pg_catalog.pg_proc p
        where p.pronamespace = 'api'::regnamespace and p.provolatile <> 'v'
          and '/rpc/' || p.proname = current_setting('request.path', true)) then
        raise sqlstate 'PT403' using message = 'This token may only read.',
                                     hint = 'Use one that was not made read-only.';
    end if;
end
$$;
comment on function access.only_read() is 'For a read-only token: nothing is written in this request.';


create function access.check_request() returns void
    language plpgsql stable security definer
    set search_path = ''
as $$
declare
    claims json := access.claims();
    asking record;
begin
    -- what is much larger PostgreSQL does not take, and the connection would break; a GET brings no body into it
    if current_setting('request.method', true) is distinct from 'GET'
       and (nullif(current_setting('request.headers', true), '')::json ->> 'content-length')::numeric > 67108864 then
        raise sqlstate 'PT413' using message = 'The body of a request must have at most 64 MiB.';
    end if;
    if claims ->> 'jti' is null then
        -- /health asks as the role webmacs_anon, which may do nothing; strangers do not get here
        if claims ->> 'role' is distinct from 'webmacs_anon' then
            perform access.refuse('This token has no jti.');
        end if;
    else
        asking := access.check_claims(claims);
        if asking.read_only then
            perform access.only_read();
        end if;
        -- what it may say, and to whom: db/activity.sql
        if (asking.last_used_at >= now() - interval '5 minutes') is not true then
            perform pg_notify('webmacs_seen', claims ->> 'jti');
        end if;
    end if;
end
$$;
comment on function access.check_request() is 'Runs before every request of PostgREST (db-pre-request).';
grant execute on function access.check_request() to webmacs_anon, webmacs_viewer, webmacs_controller;


create function private.stamp_author() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    new.created_by := access.user_id();
    return new;
end
$$;
comment on function private.stamp_author() is 'Before insert: created_by is the user who asks.';


create function private.stamp_author_name() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    new.user_id := access.user_id();
    new.author := access.actor();
    return new;
end
$$;
comment on function private.stamp_author_name() is
    'Before insert: user_id is the user who asks, author its name, which stays when the user goes.';
