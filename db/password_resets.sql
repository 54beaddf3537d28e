-- One-time secrets with which a user sets a password: the invitation to a new account, and the way back in.
--
-- Administrators who are logged in make them; a program must not, or a leaked token would become a login. Nothing ends
-- when one is made; when it is used, all sessions of the user end.

create function private.new_password_reset(user_id int, hours int, out secret text, out expires_at timestamptz)
    language plpgsql security definer
    set search_path = ''
as $$
begin
    if (hours between 1 and 168) is not true then
        raise sqlstate 'PT400' using message = 'hours must be from 1 to 168 (a week).';
    elsif not exists (select from private.users u where u.id = new_password_reset.user_id and u.state = 'active') then
        raise sqlstate 'PT404' using message = 'No such active user.';
    end if;
    -- two times 122 bits of the system's randomness; in hexadecimal it can stand in an address as it is
    secret := encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'hex');
    expires_at := now() + hours * interval '1 hour';
    insert into private.password_resets as r (user_id, secret_hash, expires_at)
    values (new_password_reset.user_id, sha256(convert_to(secret, 'UTF8')), new_password_reset.expires_at)
    on conflict on constraint password_resets_pkey do update
    set secret_hash = excluded.secret_hash, created_at = now(), expires_at = excluded.expires_at;
end
$$;
comment on function private.new_password_reset(int, int) is
    'A secret with which this user may set a password, once; one before it counts no more. For the `webmacs` command.';


create function api.reset_password(
    user_public_id uuid, hours int default 24, out secret text, out expires_at timestamptz
)
    language plpgsql security definer
    set search_path = ''
as $$
declare
    account int;
begin
    if access.claims() is not null and not access.in_person() then
        raise sqlstate 'PT403' using message = 'A program cannot reset passwords.', hint = 'Log in.';
    end if;
    select u.id into account from private.users u where u.public_id = user_public_id;
    select r.secret, r.expires_at into secret, expires_at from private.new_password_reset(account, hours) r;
end
$$;
comment on function api.reset_password(uuid, int) is
    'A secret, shown this once, with which a user sets a password by POST /auth/reset or the page /reset#secret, once '
    'and within so many hours; one made before counts no more. For new accounts too. Using it ends all sessions.';
grant execute on function api.reset_password(uuid, int) to webmacs_admin;


-- for the sidecar -----------------------------------------------------------------

create function private.password_reset(secret_hash bytea, out user_id int, out username text, out email text)
    language sql stable security definer
    set search_path = ''
as $$
    select u.id, u.username, u.email
    from private.password_resets r join private.users u on u.id = r.user_id
    where r.secret_hash = password_reset.secret_hash and r.expires_at > now() and u.state = 'active'
$$;
comment on function private.password_reset(bytea) is 'Whose secret has this hash. All null: it does not count.';
grant execute on function private.password_reset(bytea) to webmacs_sidecar;


create function private.use_password_reset(secret_hash bytea, password_hash text) returns boolean
    language plpgsql security definer
    set search_path = ''
as $$
declare
    account private.users;
begin
    delete from private.password_resets r using private.users u
    where r.secret_hash = use_password_reset.secret_hash and r.expires_at > now()
      and u.id = r.user_id and u.state = 'active'
    returning u.* into account;
    if not found then
        return false;
    end if;
    perform private.set_password(account.id, password_hash, null);
    perform private.write_log('info', format('%s has set a password by a one-time secret.', account.username),
                              'accounts');
    return true;
end
$$;
comment on function private.use_password_reset(bytea, text) is
    'Sets the password of the user whose secret has this hash. False: it does not count, or no more.';
grant execute on function private.use_password_reset(bytea, text) to webmacs_sidecar;
