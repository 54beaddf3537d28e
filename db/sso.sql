-- Logging in by identity providers: which account a subject of theirs is, and the two secrets that are used once.
--
-- People see which identities are linked to their account, and unlink them if a password remains; administrators see
-- and unlink all. Linking is done by logging in alone. The sidecar checks what a provider says; what follows is decided
-- here.

-- identities -----------------------------------------------------------------

create view api.identities with (security_invoker) as
    select i.id, i.user_id, (select u.public_id from private.users u where u.id = i.user_id) as user_public_id,
           i.issuer, i.subject, i.created_at
    from private.identities i;
comment on view api.identities is
    'Which person at which identity provider is which account: one''s own; an administrator sees all. '
    'To unlink one: delete it, which ends the sessions that came by it; one''s own needs a login, and a password that '
    'remains. Linked by logging in.';
comment on column api.identities.id is 'Number, in the order of linking.';
comment on column api.identities.user_id is 'Number of the account.';
comment on column api.identities.user_public_id is 'Whose account it is.';
comment on column api.identities.issuer is 'Address that names the provider.';
comment on column api.identities.subject is 'What the provider calls the person; never given to another.';
comment on column api.identities.created_at is 'When the two were linked.';

grant select, delete on private.identities, api.identities to webmacs_viewer;
create policy "everyone sees their own" on private.identities for select to webmacs_viewer
    using (user_id = (select access.user_id()));
create policy "everyone unlinks their own" on private.identities for delete to webmacs_viewer
    using (user_id = (select access.user_id()));
create policy "administrators see all" on private.identities for select to webmacs_admin using (true);
create policy "administrators unlink all" on private.identities for delete to webmacs_admin using (true);


create function private.unlink_identity() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    if old.user_id = access.user_id() and not access.in_person() then
        raise sqlstate 'PT403' using message = 'A program cannot unlink the account that it acts for.',
                                     hint = 'Log in.';
    elsif old.user_id = access.user_id()
          and exists (select from private.users u where u.id = old.user_id and u.password_hash is null) then
        raise sqlstate 'PT409' using
            message = 'This account has no password: without the identity provider nobody could log in to it.',
            hint = 'Ask an administrator for a one-time secret, and set a password with it.';
    end if;
    update private.credentials t set revoked_at = now()
    from private.sso_sessions s
    where s.identity_id = old.id and t.id = s.credential_id and t.revoked_at is null;
    return old;
end
$$;
comment on function private.unlink_identity() is
    'Before an identity is unlinked: its user needs another way in, unless another administrator unlinks it or the '
    'account goes as a whole. Ends the sessions that came by it.';
create trigger unlink_identity before delete on private.identities
    for each row execute function private.unlink_identity();


-- addresses that may be believed ----------------------------------------------

create function private.confirm_email() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    new.email_confirmed := new.email is not null and case
        when tg_op = 'UPDATE' and new.email = old.email and old.email_confirmed then true
        when access.claims() is not null then access.claims() ->> 'role' = 'webmacs_admin'
        -- those of the sidecar's functions that make accounts say it themselves
        when session_user = 'webmacs_sidecar' then tg_op = 'INSERT' and new.email_confirmed
        else true
    end;
    return new;
end
$$;
comment on function private.confirm_email() is
    'An address that its user enters may be another''s, and by it the user would get what that person may do at the '
    'first login by a provider. So only what an administrator enters, saving the same address included, is believed.';
create trigger confirm_email before insert or update of email on private.users
    for each row execute function private.confirm_email();


-- logins under way -------------------------------------------------------------

create function private.purge_sso() returns void
    language sql security definer
    set search_path = ''
as $$
    delete from private.sso_codes where expires_at <= now();
    -- what ended needs no asking about
    delete from private.sso_sessions s using private.credentials t
    where t.id = s.credential_id and (t.revoked_at is not null or t.expires_at <= now());
    -- anybody may begin one: so many of them that the oldest go are a flood
    delete from private.sso_logins
    where expires_at <= now() or id <= (select max(id) - 10000 from private.sso_logins);
$$;
comment on function private.purge_sso() is
    'Forgets logins by providers that came to nothing, codes that nobody took, and how sessions came that have ended.';
grant execute on function private.purge_sso() to webmacs_sidecar;


create function private.begin_sso_login(
    provider text, state_hash bytea, browser_hash bytea, nonce_hash bytea, verifier text, next text, seconds int
) returns void
    language sql security definer
    set search_path = ''
as $$
    select private.purge_sso();
    insert into private.sso_logins (provider, state_hash, browser_hash, nonce_hash, verifier, next, expires_at)
    values (provider, state_hash, browser_hash, nonce_hash, verifier, next, now() + seconds * interval '1 second');
$$;
comment on function private.begin_sso_login(text, bytea, bytea, bytea, text, text, int) is
    'Notes a browser that is sent to a provider.';
grant execute on function private.begin_sso_login(text, bytea, bytea, bytea, text, text, int) to webmacs_sidecar;


create function private.take_sso_login(
    state_hash bytea, browser_hash bytea, out provider text, out nonce_hash bytea, out verifier text, out next text
)
    language sql security definer
    set search_path = ''
as $$
    with taken as (
        delete from private.sso_logins l
        where l.state_hash = take_sso_login.state_hash and l.browser_hash = take_sso_login.browser_hash
        returning *
    )
    select t.provider, t.nonce_hash, t.verifier, t.next from taken t where t.expires_at > now()
$$;
comment on function private.take_sso_login(bytea, bytea) is
    'The login that this browser began with this state, once. All null: there is none, or no longer.';
grant execute on function private.take_sso_login(bytea, bytea) to webmacs_sidecar;


create function private.take_sso_code(
    code_hash         bytea,
    browser_hash      bytea,
    out user_id       int,
    out identity_id   int,
    out provider      text,
    out refresh_token text
)
    language plpgsql security definer
    set search_path = ''
as $$
declare
    taken private.sso_codes;
begin
    -- in the order in which unlinking locks them
    select i.user_id into user_id
    from private.sso_codes c join private.identities i on i.id = c.identity_id
    where c.code_hash = take_sso_code.code_hash and c.browser_hash = take_sso_code.browser_hash
    for key share of i;

    delete from private.sso_codes c
    where c.code_hash = take_sso_code.code_hash and c.browser_hash = take_sso_code.browser_hash
    returning * into taken;
    if taken.expires_at > now() then
        identity_id := taken.identity_id;
        provider := taken.provider;
        refresh_token := taken.refresh_token;
    else
        user_id := null;
    end if;
end
$$;
comment on function private.take_sso_code(bytea, bytea) is
    'Who may log in for this code, which this browser was given, and how they came; once. All null: there is none, or '
    'no longer.';
grant execute on function private.take_sso_code(bytea, bytea) to webmacs_sidecar;


-- from a person at a provider to an account -------------------------------------

create function private.free_username(wanted text) returns text
    language sql stable security definer
    set search_path = ''
as $$
    select c.name
    from generate_series(1, 100000) n,
         lateral (values (case n when 1 then wanted else left(wanted, 44) || '-' || n end)) c (name)
    where not exists (select from private.users u where lower(u.username) = lower(c.name))
    order by n
    limit 1
$$;
comment on function private.free_username(text) is 'The name itself, or with the lowest number that makes it free.';


create function private.sso_user(
    issuer text, subject text, email text, username text, role api.role, create_users boolean, link_by_email boolean,
    out user_id int, out identity_id int, out refusal text
)
    language plpgsql security definer
    set search_path = ''
as $$
declare
    known private.users;
begin
    select i.user_id, i.id into user_id, identity_id from private.identities i
    where i.issuer = sso_user.issuer and i.subject = sso_user.subject;
    if found then
        return;
    end if;
    select * into known from private.users u where lower(u.email) = lower(sso_user.email);
    if found then
        refusal := case
            when not link_by_email or not known.email_confirmed then 'account_exists'
            when known.role = 'admin' then 'admin_not_linked'
            when known.state <> 'active' then 'account_' || known.state
        end;
        user_id := known.id;
    elsif not create_users then
        refusal := 'no_account';
    else
        insert into private.users (username, email, email_confirmed, role)
        values (private.free_username(sso_user.username), sso_user.email, sso_user.email is not null, sso_user.role)
        returning id into user_id;
    end if;
    if refusal is null then
        insert into private.identities (user_id, issuer, subject)
        values (sso_user.user_id, sso_user.issuer, sso_user.subject)
        returning id into identity_id;
    end if;
end
$$;
comment on function private.sso_user(text, text, text, text, api.role, boolean, boolean) is
    'The account of a person at a provider: the one linked before, or the one with the same e-mail address, verified '
    'by the provider and confirmed by an administrator or another provider, or a new one with `role`.';


create function private.follow_provider(user_id int, role api.role, allow_admin boolean) returns text
    language plpgsql security definer
    set search_path = ''
as $$
declare
    account private.users;
begin
    select * into account from private.users u where u.id = follow_provider.user_id for no key update;
    if account.state <> 'active' then
        return 'account_' || account.state;
    elsif account.role = 'admin' and not allow_admin then
        return 'admin_not_allowed';
    elsif follow_provider.role <> account.role then
        update private.users u set role = follow_provider.role where u.id = account.id;
    end if;
    return null;
exception
    when check_violation then   -- raised by keep_an_admin
        return 'last_admin';
end
$$;
comment on function private.follow_provider(int, api.role, boolean) is
    'Gives an account the role that its provider says, unless that says none. Null, or why the person may not log in.';


create function private.log_in_by_sso(
    issuer        text,
    subject       text,
    email         text,       -- only if the provider has verified it
    username      text,       -- wanted for a new account
    role          api.role,   -- what the provider says; null: nothing
    default_role  api.role,   -- of a new account of which it says nothing
    create_users  boolean,
    link_by_email boolean,
    allow_admin   boolean,
    provider      text,       -- its name in the configuration
    refresh_token text,       -- the provider's, if it gave one
    code_hash     bytea,
    browser_hash  bytea,
    seconds       int,
    out user_id   int,
    out refusal   text
)
    language plpgsql security definer
    set search_path = ''
as $$
declare
    identity_id int;
begin
    if role = 'admin' and not allow_admin then
        refusal := 'admin_not_allowed';
        return;
    end if;
    -- two first logins of one person at the same moment are one account
    perform pg_advisory_xact_lock(hashtext('private.log_in_by_sso'));
    select s.user_id, s.identity_id, s.refusal into user_id, identity_id, refusal
    from private.sso_user(issuer, subject, email, username, coalesce(role, default_role), create_users,
                          link_by_email) s;
    refusal := coalesce(refusal, private.follow_provider(user_id, role, allow_admin));
    if refusal is null then
        insert into private.sso_codes (code_hash, browser_hash, identity_id, provider, refresh_token, expires_at)
        values (code_hash, browser_hash, identity_id, provider, refresh_token, now() + seconds * interval '1 second');
    end if;
end
$$;
comment on function private.log_in_by_sso is
    'What follows from a person whom a provider has recognised: a code for this browser, or a refusal: account_exists, '
    'admin_not_linked, admin_not_allowed, account_pending, account_disabled, last_admin, no_account.';
grant execute on function private.log_in_by_sso to webmacs_sidecar;
