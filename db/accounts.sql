-- Accounts: users.
--
-- A viewer or operator sees itself, and renames itself when logged in; an administrator does everything,
-- but the last active administrator stays one. Password hashes are read by the
-- sidecar alone, through functions.

-- users ----------------------------------------------------------------------

create view api.users with (security_invoker) as
    select u.id, u.public_id, u.username, u.email, u.email_confirmed, u.role, u.state, u.created_at,
           (select max(t.last_used_at) from private.credentials t where t.user_id = u.id) as last_seen_at,
           (select host(t.last_used_address) from private.credentials t
            where t.user_id = u.id and t.last_used_address is not null
            order by t.last_used_at desc limit 1) as last_seen_address,
           (select t.last_used_agent from private.credentials t
            where t.user_id = u.id and t.last_used_address is not null
            order by t.last_used_at desc limit 1) as last_seen_agent
    from private.users u;
comment on view api.users is 'Accounts of people. Viewers and operators see their own.';
comment on column api.users.id is 'Number within this database.';
comment on column api.users.public_id is 'Identifier to the outside; `sub` of the tokens.';
comment on column api.users.username is
    'Name to log in with: 2 to 50 letters, digits, dots, - or _; unique in any case.';
comment on column api.users.email is 'Address to log in with; unique in any case.';
comment on column api.users.email_confirmed is
    'Whether an administrator or an identity provider says that the address is the user''s, and not the user alone.';
comment on column api.users.role is 'viewer, operator or admin; each includes the one before.';
comment on column api.users.state is 'pending (registered, not yet approved), active or disabled.';
comment on column api.users.created_at is 'When the account was made.';
comment on column api.users.last_seen_at is
    'When a session or token of the user was last used, to a few minutes, or null.';
comment on column api.users.last_seen_address is 'From which address they last came to the sidecar, or null.';
comment on column api.users.last_seen_agent is 'With which program, as it calls itself, or null.';

grant select (id, public_id, username, email, email_confirmed, role, state, created_at)
    on private.users to webmacs_viewer;
grant update (username, email) on private.users to webmacs_viewer;
grant insert (username, email, role, state), update (role, state), delete on private.users, api.users to webmacs_admin;
grant select, update (username, email) on api.users to webmacs_viewer;

create policy "everyone sees itself" on private.users for select to webmacs_viewer
    using (id = (select access.user_id()));
-- not by a program's token: who has one must not move the address that an account logs in with
create policy "who is logged in renames itself" on private.users for update to webmacs_viewer
    using (id = (select access.user_id()) and (select access.in_person()));
create policy "administrators do everything" on private.users to webmacs_admin using (true) with check (true);


create function private.keep_an_admin() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    -- serialises the check: two administrators cannot remove each other at once
    perform pg_advisory_xact_lock(hashtext('private.keep_an_admin'));
    if exists (select from gone where role = 'admin' and state = 'active')
       and not exists (select from private.users where role = 'admin' and state = 'active') then
        raise exception 'At least one active administrator must remain.'
            using errcode = 'check_violation', hint = 'Make another account an administrator first.';
    end if;
    return null;
end
$$;
create trigger keep_an_admin_on_update after update on private.users
    referencing old table as gone for each statement execute function private.keep_an_admin();
create trigger keep_an_admin_on_delete after delete on private.users
    referencing old table as gone for each statement execute function private.keep_an_admin();


create function private.announce_revocation() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    -- carries no payload: the receiver asks again about every open socket
    notify webmacs_revoked;
    return null;
end
$$;
comment on function private.announce_revocation() is
    'After a change of who may come in, of accounts, controllers or tokens: open sockets are checked again.';
-- of these columns alone: others change with each use, and are no revocation
create trigger announce_revocation after update of role, state on private.users
    for each statement execute function private.announce_revocation();
create trigger announce_revocation_on_delete after delete on private.users
    for each statement execute function private.announce_revocation();
create trigger announce_revocation after update of role, expires_at, revoked_at on private.credentials
    for each statement execute function private.announce_revocation();
create trigger announce_revocation_on_delete after delete on private.credentials
    for each statement execute function private.announce_revocation();
create trigger announce_revocation after update or delete on private.signing_keys
    for each statement execute function private.announce_revocation();


-- me -------------------------------------------------------------------------

create view api.me with (security_invoker) as
    select public_id, username as name, email, role from private.users where id = (select access.user_id())
    union all
    select public_id, name, null, 'controller' from private.controllers where id = (select access.controller_id());
comment on view api.me is 'Who the token of this request belongs to: one row.';
comment on column api.me.public_id is 'Identifier to the outside; `sub` of the token.';
comment on column api.me.name is 'User name, or the name of the controller.';
comment on column api.me.email is 'Address of the user; null for a controller.';
comment on column api.me.role is 'controller, viewer, operator or admin.';
grant select (id, public_id, username, email, role) on private.users to webmacs_controller;
grant select on api.me to webmacs_viewer, webmacs_controller;


-- for the sidecar and the `webmacs` command -----------------------------------

create function private.login_candidate(login text)
    returns table (user_id int, state api.account_state, role api.role, password_hash text)
    language sql stable security definer
    set search_path = ''
as $$
    select u.id, u.state, u.role, u.password_hash
    from private.users u
    where lower(u.username) = lower(login) or lower(u.email) = lower(login)
$$;
comment on function private.login_candidate(text) is
    'The account with this user name or e-mail, in any case, or no row.';
grant execute on function private.login_candidate(text) to webmacs_sidecar;


create function private.add_user(username text, email text, role api.role, password_hash text) returns uuid
    language sql security definer
    set search_path = ''
as $$
    insert into private.users (username, email, role, password_hash)
    values (username, email, role, password_hash)
    returning public_id
$$;
comment on function private.add_user(text, text, api.role, text) is 'An active account. For the `webmacs` command.';


create function private.register(username text, email text, password_hash text) returns uuid
    language sql security definer
    set search_path = ''
as $$
    insert into private.users (username, email, role, state, password_hash)
    values (username, email, 'viewer', 'pending', password_hash)
    on conflict do nothing
    returning public_id
$$;
comment on function private.register(text, text, text) is
    'An account that waits for an administrator''s approval. Null if the name or the address is taken.';
grant execute on function private.register(text, text, text) to webmacs_sidecar;
