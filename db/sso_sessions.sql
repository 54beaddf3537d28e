-- Sessions by identity providers go on as long as the provider says so: when such a session is refreshed the sidecar
-- asks it again, with the refresh token that it gave, and tells here what it said.
--
-- That token is worth nothing without our client's secret, which is not in the database.

create function private.claim_sso_check(
    refresh_hash bytea, out credential_id int, out provider text, out subject text, out refresh_token text
)
    language sql security definer
    set search_path = ''
as $$
    update private.sso_sessions s set asked_at = now()
    from private.refresh_tokens r, private.credentials t, private.identities i
    where r.hash = refresh_hash and s.credential_id = r.credential_id
      and t.id = s.credential_id and i.id = s.identity_id
      and t.revoked_at is null and t.expires_at > now()
      -- a token that was stolen asks nothing; refresh_session will end it
      and (r.used_at between now() - interval '10 seconds' and now() + interval '10 seconds') is not false
      -- providers that give another one each time take one that comes twice for stolen: two tabs must not ask at once
      and s.refresh_token is not null
      and s.asked_at not between now() - interval '1 minute' and now() + interval '1 minute'
    returning s.credential_id, s.provider, i.subject, s.refresh_token
$$;
comment on function private.claim_sso_check(bytea) is
    'What to ask the provider about the session that this refresh token belongs to. All null: nothing, for it came '
    'otherwise, or the provider gave nothing to ask with, or was asked within a minute.';
grant execute on function private.claim_sso_check(bytea) to webmacs_sidecar;


create function private.keep_sso_token(credential_id int, refresh_token text) returns void
    language sql security definer
    set search_path = ''
as $$
    update private.sso_sessions s set refresh_token = keep_sso_token.refresh_token
    where s.credential_id = keep_sso_token.credential_id
$$;
comment on function private.keep_sso_token(int, text) is 'The provider has given another one, to be asked with next.';
grant execute on function private.keep_sso_token(int, text) to webmacs_sidecar;


create function private.confirm_sso_session(credential_id int, role api.role, allow_admin boolean, trust_seconds int)
    returns text
    language plpgsql security definer
    set search_path = ''
as $$
declare
    user_id int := (select t.user_id from private.credentials t where t.id = confirm_sso_session.credential_id);
    refusal text;
begin
    refusal := case when role = 'admin' and not allow_admin then 'admin_not_allowed'
                    else private.follow_provider(user_id, role, allow_admin) end;
    if refusal is null then
        update private.sso_sessions s set confirmed_until = now() + trust_seconds * interval '1 second'
        where s.credential_id = confirm_sso_session.credential_id;
    end if;
    return refusal;
end
$$;
comment on function private.confirm_sso_session(int, api.role, boolean, int) is
    'The provider still knows the person: the account follows what it says, as at a login, and the session may go on. '
    'Null, or why it may not.';
grant execute on function private.confirm_sso_session(int, api.role, boolean, int) to webmacs_sidecar;


create function private.refuse_sso_session(credential_id int, reason text) returns void
    language plpgsql security definer
    set search_path = ''
as $$
declare
    account private.users;
    way     text := (select s.provider from private.sso_sessions s
                     where s.credential_id = refuse_sso_session.credential_id);
    tokens  bigint;
begin
    update private.credentials t set revoked_at = now()
    from private.users u
    where t.id = refuse_sso_session.credential_id and t.revoked_at is null and u.id = t.user_id
    returning u.* into account;
    if not found then
        return;
    end if;
    select count(*) into tokens from private.credentials t
    where t.user_id = account.id and t.kind = 'api_token' and t.revoked_at is null and t.expires_at > now();
    perform private.write_log('info', concat_ws(' ',
        format('A session of %s by %s was ended: %s.', account.username, way, reason),
        case when tokens > 0 then format('Tokens for programs go on (%s); disable the account to end them.', tokens) end
    ), 'accounts');
end
$$;
comment on function private.refuse_sso_session(int, text) is
    'The provider says no: ends the session, and logs it, with what goes on.';
grant execute on function private.refuse_sso_session(int, text) to webmacs_sidecar;
