-- Limits on attempts to get in. Each attempt is counted before it is looked at, so that parallel guesses cannot race,
-- and one that succeeds is taken back.
--
-- A level rises by one with each attempt and sinks by one in each `longest`. Up to `free` nothing happens; above it
-- each attempt doubles the time until the next is looked at, up to `longest`. What comes too early is refused and not
-- counted, so nobody is kept out for longer than `longest` after the last attempt that counted.
--
-- Passwords are guessed from somewhere else than where their owner logs in. So attempts on an account from an address
-- from which its user has logged in lately are counted apart (`familiar`): a stranger cannot slow down who sits where
-- they always sit, whether by attempts on the account or by attempts from an address that both share.

create function private.limits(out kind text, out free double precision, out longest double precision)
    returns setof record
    language sql immutable
begin atomic   -- this and the next three: so that they become part of the query that asks them
    values ('account',  10.0, 900.0),   -- logins of one account, from wherever it is not familiar
           ('familiar', 10.0, 300.0),   -- logins of one account from one familiar address
           ('address',  30.0, 300.0),   -- logins of any account from one address
           ('password', 10.0, 900.0),   -- old passwords that one user said
           ('reset',    20.0, 300.0),   -- one-time secrets from one address
           ('register', 10.0, 900.0);   -- accounts that somebody asked for from one address, all of them
end;
comment on function private.limits() is
    'How many attempts of each kind are free, and the longest time in seconds until the next is looked at.';


create function private.limit_delay(level double precision, free double precision, longest double precision)
    returns double precision
    language sql immutable
begin atomic
    -- no attempt brings the exponent near its bound, which only keeps the power finite
    select case when level <= free then 0 else least(longest, 2 ^ least(level - free - 1, 60)) end;
end;
comment on function private.limit_delay(double precision, double precision, double precision) is
    'Seconds after an attempt at this level until the next is looked at.';


create function private.limit_level(level double precision, longest double precision, counted_at timestamptz)
    returns double precision
    language sql stable
begin atomic
    select greatest(0, level - greatest(0, extract(epoch from now() - counted_at)) / longest);
end;
comment on function private.limit_level(double precision, double precision, timestamptz) is
    'What is left now of a level that was reached at `counted_at`.';


create function private.limit_wait(
    level double precision, free double precision, longest double precision, counted_at timestamptz
)
    returns double precision
    language sql stable
begin atomic
    select case
        -- counted by a clock that was wrong and was set back since: else somebody would wait until then
        when counted_at > now() + longest * interval '1 second' then 0
        -- of two at the same moment, the one that began later may be counted first
        else greatest(0, private.limit_delay(level, free, longest)
                         - greatest(0, extract(epoch from now() - counted_at)))
    end;
end;
comment on function private.limit_wait(double precision, double precision, double precision, timestamptz) is
    'Seconds from now until the next attempt is looked at.';


create function private.network_of(address inet) returns inet
    language sql immutable
    set search_path = ''
as $$
    -- whoever has one address of IPv6 has 2^64 of them
    select case family(address) when 4 then address else network(set_masklen(address, 64))::inet end
$$;
comment on function private.network_of(inet) is 'What an address is counted as: itself, of IPv6 its /64.';


create function private.count_attempt(kinds text[], subjects text[]) returns int
    language plpgsql security definer
    set search_path = ''
as $$
declare
    wait double precision;
begin
    insert into private.login_limits (kind, subject, level, counted_at)
    select a.kind, a.subject, 0, now() from unnest(kinds, subjects) a (kind, subject) order by 1, 2
    on conflict do nothing;

    -- whoever comes at the same moment waits here and finds what was counted; in one order, so that nobody deadlocks
    perform from private.login_limits c
    where (c.kind, c.subject) in (select * from unnest(kinds, subjects))
    order by c.kind, c.subject
    for update;

    select max(private.limit_wait(c.level, m.free, m.longest, c.counted_at)) into wait
    from private.login_limits c join private.limits() m using (kind)
    where (c.kind, c.subject) in (select * from unnest(kinds, subjects));
    if wait > 0 then
        return ceil(wait);
    end if;

    update private.login_limits c
    set level = private.limit_level(c.level, m.longest, c.counted_at) + 1, counted_at = now()
    from private.limits() m
    where m.kind = c.kind and (c.kind, c.subject) in (select * from unnest(kinds, subjects));
    return 0;
end
$$;
comment on function private.count_attempt(text[], text[]) is
    'Counts an attempt in all of these, or in none and says after how many seconds to try again.';


-- for the sidecar -----------------------------------------------------------------

create function private.begin_login(
    login text, address inet, out retry_after int, out kinds text[], out subjects text[]
)
    language plpgsql security definer
    set search_path = ''
as $$
declare
    place    inet := private.network_of(address);
    account  int;
    person   text;
begin
    perform access.refuse_closed(s.closed) from private.settings s;
    select u.id into account from private.users u
    where lower(u.username) = lower(login) or lower(u.email) = lower(login);
    -- a name that nobody has is counted as one that somebody has; kept unread, for it may be a password
    person := coalesce('user ' || account, encode(sha256(convert_to(lower(login), 'UTF8')), 'hex'));
    if exists (select from private.familiar_addresses f where f.user_id = account and f.network = place) then
        kinds := '{familiar}';
        subjects := array[person || ' from ' || place];
    else
        kinds := '{account,address}';
        subjects := array[person, coalesce(place::text, 'nowhere')];
    end if;
    retry_after := private.count_attempt(kinds, subjects);
end
$$;
comment on function private.begin_login(text, inet) is
    'To be called before a password is looked at. `retry_after` above 0: it must not be, for so many seconds. Else it '
    'was counted, and private.end_login takes it back when the password was right.';
grant execute on function private.begin_login(text, inet) to webmacs_sidecar;


create function private.begin_by_address(
    kind text, address inet, out retry_after int, out kinds text[], out subjects text[]
)
    language plpgsql security definer
    set search_path = ''
as $$
begin
    perform access.refuse_closed(s.closed) from private.settings s;
    kinds := array[kind];
    subjects := array[coalesce(private.network_of(address)::text, 'nowhere')];
    retry_after := private.count_attempt(kinds, subjects);
end
$$;
comment on function private.begin_by_address(text, inet) is
    'The same for a `reset` or `register`, which do not say who comes.';
grant execute on function private.begin_by_address(text, inet) to webmacs_sidecar;


create function private.begin_password_change(
    user_id int, out retry_after int, out kinds text[], out subjects text[]
)
    language plpgsql security definer
    set search_path = ''
as $$
begin
    kinds := '{password}';
    subjects := array['user ' || user_id];
    retry_after := private.count_attempt(kinds, subjects);
end
$$;
comment on function private.begin_password_change(int) is
    'The same for the old password, which somebody says who is logged in.';
grant execute on function private.begin_password_change(int) to webmacs_sidecar;


create function private.end_attempt(kinds text[], subjects text[]) returns void
    language plpgsql security definer
    set search_path = ''
as $$
begin
    delete from private.login_limits c
    where c.kind in ('account', 'familiar', 'password')
      and (c.kind, c.subject) in (select * from unnest(kinds, subjects));
    -- others come from that address too: who has an account must not have it cleared by logging in between guesses
    update private.login_limits c set level = greatest(0, c.level - 1)
    where (c.kind, c.subject) in (select * from unnest(kinds, subjects));
end
$$;
comment on function private.end_attempt(text[], text[]) is
    'An attempt succeeded: its user is counted from zero again, its address as if it had not been.';
grant execute on function private.end_attempt(text[], text[]) to webmacs_sidecar;


create function private.end_login(kinds text[], subjects text[], user_id int, address inet) returns void
    language plpgsql security definer
    set search_path = ''
as $$
begin
    perform private.end_attempt(kinds, subjects);
    insert into private.familiar_addresses as f (user_id, network)
    select user_id, private.network_of(address) where address is not null
    on conflict on constraint familiar_addresses_pkey do update set last_login_at = now()
    where f.last_login_at < now() - interval '1 day';
end
$$;
comment on function private.end_login(text[], text[], int, inet) is
    'The same for a login; its address is familiar from now on.';
grant execute on function private.end_login(text[], text[], int, inet) to webmacs_sidecar;


create function private.purge_login_limits() returns void
    language sql security definer
    set search_path = ''
as $$
    delete from private.login_limits c using private.limits() m
    where m.kind = c.kind
      and (private.limit_level(c.level, m.longest, c.counted_at) = 0
           or c.counted_at > now() + m.longest * interval '1 second');
    -- by a clock that jumped ahead all would go
    delete from private.familiar_addresses where last_login_at < private.trusted_time() - interval '90 days';
    delete from private.password_resets where expires_at <= now();
$$;
comment on function private.purge_login_limits() is
    'Forgets counts that have sunk to zero, addresses that nobody has logged in from for 90 days, and expired secrets.';
grant execute on function private.purge_login_limits() to webmacs_sidecar;
