-- The clock: what happens because time goes by and not because a value came.

create function private.tick(at timestamptz default clock_timestamp()) returns boolean
    language plpgsql security definer
    set search_path = ''
    set lock_timeout = '1s'   -- who holds a row for long, delays what needs it and nothing else
as $$
declare
    step text;
begin
    if not pg_try_advisory_xact_lock(hashtext('private.tick')) then
        return false;
    end if;
    foreach step in array '{rules,late_points,alarms,commands,set_points,controllers,experiments}'::text[] loop
        begin
            execute format('select private.tick_%s($1)', step) using at;
        exception
            when others then
                raise warning 'private.tick_% failed: %', step, sqlerrm;
        end;
    end loop;
    return true;
end
$$;
comment on function private.tick(timestamptz) is
    'Called every second by every sidecar; one of them does the work. Delays, cooldowns and absent data of rules, '
    'reports on late points, shelved and suppressed alarms, commands that expire, set points that rules gave, '
    'controllers that vanished, experiments that begin or end. False: another is at it. A part that fails leaves the '
    'others undisturbed and a warning in the log of PostgreSQL.';
grant execute on function private.tick(timestamptz) to webmacs_sidecar;


-- trusting it --------------------------------------------------------------------

create function private.note_time(at timestamptz default clock_timestamp()) returns void
    language plpgsql security definer
    set search_path = ''
as $$
declare
    known private.clock;
begin
    insert into private.clock (seen_at) values (at) on conflict do nothing;
    select * into known from private.clock for update;
    if at <= known.seen_at + interval '7 days' or at >= known.doubted_since + interval '1 day' then
        update private.clock set seen_at = greatest(at, seen_at), doubted_since = null
        where seen_at < at or doubted_since is not null;
    elsif at < known.doubted_since or known.doubted_since is null then
        update private.clock set doubted_since = at;
        perform private.write_log('warning', format(
            'The clock says %s, %s days after the last time that was noted. Until it has said so for a day, nothing is '
            'rolled up, and nothing goes because of its age.', 
            to_char(at at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'), extract(day from at - known.seen_at)), 'clock');
    end if;
end
$$;
comment on function private.note_time(timestamptz) is
    'Called hourly: remembers the newest time. One that is more than a week ahead of it is believed after a day.';
grant execute on function private.note_time(timestamptz) to webmacs_sidecar;


create function private.trusted_time(at timestamptz default clock_timestamp()) returns timestamptz
    language sql stable security definer
    set search_path = ''
as $$
    select coalesce((select c.seen_at from private.clock c where at > c.seen_at + interval '7 days'), at)
$$;
comment on function private.trusted_time(timestamptz) is
    'This time, or, when it is more than a week ahead of the newest that was noted, that one: for what cannot be '
    'undone. A clock that jumped years ahead must not make history expire.';
grant execute on function private.trusted_time(timestamptz) to webmacs_sidecar;


create function private.clock_problem(at timestamptz default clock_timestamp()) returns text
    language sql stable security definer
    set search_path = ''
as $$
    select case
        when at < c.seen_at - interval '1 minute' then
            format('It is %s behind a time that was seen before.', date_trunc('second', c.seen_at - at))
        when at > c.seen_at + interval '7 days' then
            format('It went %s ahead at once; that is believed after a day.', date_trunc('second', at - c.seen_at))
        end
    from private.clock c
$$;
comment on function private.clock_problem(timestamptz) is 'What is wrong with the clock of this machine, or null.';
grant execute on function private.clock_problem(timestamptz) to webmacs_sidecar;


create function private.trust_clock() returns void
    language sql
    set search_path = ''
as $$
    insert into private.clock (seen_at) values (clock_timestamp())
    on conflict (only_row) do update set seen_at = excluded.seen_at, doubted_since = null
$$;
comment on function private.trust_clock() is 'For the owner of the database: the clock is right as it is now.';
