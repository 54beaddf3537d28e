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
