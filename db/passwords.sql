-- Passwords: their hashes, which the sidecar alone reads and writes. It sees them in clear; nothing here does.

create function private.own_password(user_id int, out password_hash text, out email text)
    language sql stable security definer
    set search_path = ''
as $$
    select u.password_hash, u.email from private.users u where u.id = own_password.user_id
$$;
comment on function private.own_password(int) is
    'The hash of a user''s password, or null; and the address, which cannot be one.';
grant execute on function private.own_password(int) to webmacs_sidecar;


create function private.set_password(user_id int, password_hash text, keep_jti uuid) returns void
    language sql security definer
    set search_path = ''
as $$
    update private.users u set password_hash = set_password.password_hash where u.id = set_password.user_id;
    update private.credentials t set revoked_at = now()
    where t.user_id = set_password.user_id and t.kind = 'session' and t.revoked_at is null
      and t.jti is distinct from keep_jti;
    -- what belongs to the old password: a secret that replaces it, where it was used, guesses
    delete from private.password_resets r where r.user_id = set_password.user_id;
    delete from private.familiar_addresses f where f.user_id = set_password.user_id;
    delete from private.login_limits c
    where c.kind in ('account', 'familiar', 'password')
      and (c.subject = 'user ' || user_id or starts_with(c.subject, 'user ' || user_id || ' '));
$$;
comment on function private.set_password(int, text, uuid) is
    'Sets a password and ends the user''s sessions but the one named. API tokens go on.';


create function private.change_password(user_id int, old_hash text, new_hash text, keep_jti uuid) returns boolean
    language plpgsql security definer
    set search_path = ''
as $$
declare
    same boolean;
begin
    -- whoever sets it at the same moment is waited for
    select u.password_hash = old_hash into same from private.users u
    where u.id = change_password.user_id
    for no key update;
    if same then
        perform private.set_password(user_id, new_hash, keep_jti);
    end if;
    return same is true;
end
$$;
comment on function private.change_password(int, text, text, uuid) is
    'As set_password, unless the password is another than the one that its user was found to know: false.';
grant execute on function private.change_password(int, text, text, uuid) to webmacs_sidecar;


create function private.rehash_password(user_id int, old_hash text, new_hash text) returns void
    language sql security definer
    set search_path = ''
as $$
    update private.users u set password_hash = new_hash
    where u.id = rehash_password.user_id and u.password_hash = old_hash
$$;
comment on function private.rehash_password(int, text, text) is
    'Keeps the same password as another hash, unless it was changed since; no session ends.';
grant execute on function private.rehash_password(int, text, text) to webmacs_sidecar;
