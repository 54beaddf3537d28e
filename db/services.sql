-- Local services: a program of this machine that the configuration names has signed a request, and gets a short token.
--
-- The sidecar has checked the signature, the database decides the rest: by its one clock and its one table of nonces,
-- however many sidecars there are.

create function private.open_service(
    service         text,
    nonce           text,
    created         bigint,
    username        text,
    role            api.role,
    read_only       boolean,
    kid             text,
    seconds         int,
    out refusal     text,
    out server_time timestamptz,
    out jti         uuid,
    out sub         uuid,
    out claim_role  text,
    out issued_at   timestamptz,
    out expires_at  timestamptz
)
    language plpgsql security definer
    set search_path = ''
as $$
declare
    tolerance constant interval := '60 seconds';
    signed_at timestamptz := to_timestamp(created);
    owner     private.users;
    issued    private.credentials;
begin
    server_time := now();
    if signed_at not between now() - tolerance and now() + tolerance then
        refusal := 'outside_time_window';
        return;
    end if;
    -- who comes with the same nonce at the same moment waits here for the other
    insert into private.service_nonces (service, nonce, expires_at) values (service, nonce, signed_at + tolerance)
    on conflict do nothing;
    if not found then
        refusal := 'replayed';
        return;
    end if;

    select * into owner from private.users u
    where lower(u.username) = lower(open_service.username) and u.state = 'active';
    if owner.id is null then
        refusal := 'no_active_user';
        return;
    end if;
    insert into private.credentials (kind, user_id, role, name, service, kid, read_only, expires_at)
    values ('api_token', owner.id, least(open_service.role, owner.role), 'service ' || service, service, kid,
            open_service.read_only, now() + seconds * interval '1 second')
    returning * into issued;
    jti := issued.jti;
    sub := owner.public_id;
    claim_role := 'webmacs_' || issued.role;
    issued_at := issued.created_at;
    expires_at := issued.expires_at;
end
$$;
comment on function private.open_service(text, text, bigint, text, api.role, boolean, text, int) is
    'The claims of a token for a service whose request was signed at `created` (seconds since 1970); its role is not '
    'above that of its user. Or a refusal: outside_time_window (60 seconds), replayed, no_active_user.';
grant execute on function private.open_service(text, text, bigint, text, api.role, boolean, text, int)
    to webmacs_sidecar;


create function private.purge_services() returns void
    language sql security definer
    set search_path = ''
as $$
    -- Kept a day longer than the clock needs: it may be set back, and what was forgotten could be replayed.
    delete from private.service_nonces where expires_at < now() - interval '1 day';
    delete from private.credentials where service is not null and expires_at < now() - interval '1 day';
$$;
comment on function private.purge_services() is
    'Forgets nonces and tokens of local services that expired more than a day ago.';
grant execute on function private.purge_services() to webmacs_sidecar;
