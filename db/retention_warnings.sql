-- What retention says in the log, once each: budgets that cannot be kept, partitions that cannot be dropped, and what
-- was gone already when somebody decided to keep it.

-- budgets -------------------------------------------------------------------------

create function private.warn_of_budgets() returns void
    language plpgsql
    set search_path = ''
as $$
begin
    perform private.write_log('warning', t.message, 'retention') from private.turn_budgets() t;
end
$$;
comment on function private.warn_of_budgets() is 'Warns of each budget once that cannot be kept.';


create function private.turn_budgets() returns table (message text)
    language sql
    set search_path = ''
as $$
    with used as (
        select u.unit, coalesce(sum(p.bytes), 0) as bytes
        from private.history_units() u
        left join private.history_partitions() p
            on p.unit = u.unit and p.name not in (select e.name from private.expired_partitions e)
        group by u.unit
    ), kept as (
        select string_agg(x.name, ', ' order by x.started_at) as names
        from (select * from private.experiments where keep order by started_at limit 5) x
    ), turned as (
        update private.retention r set over_budget = coalesce(u.bytes > r.budget_bytes, false)
        from used u
        where u.unit = r.unit and r.over_budget <> coalesce(u.bytes > r.budget_bytes, false)
        returning r.unit, r.over_budget, r.budget_bytes, u.bytes
    )
    select format('History of %s takes %s, more than its budget of %s, and nothing more may go: the rest is covered by '
                  'kept experiments (%s), needed by what is finer, or too new.',
                  t.unit, pg_size_pretty(t.bytes), pg_size_pretty(t.budget_bytes), coalesce(k.names, 'none'))
    from turned t, kept k
    where t.over_budget
$$;
comment on function private.turn_budgets() is
    'Notes which budgets cannot be kept. Returns what is to be said of those that are new.';


-- readers -------------------------------------------------------------------------

create function private.readers(names text[]) returns table (who text)
    language sql stable
    set search_path = ''
as $$
    select distinct format('process %s (%s)', l.pid, concat_ws(', ', a.usename, nullif(a.application_name, '')))
    from pg_catalog.pg_locks l
    join pg_catalog.pg_class c on c.oid = l.relation
    join pg_catalog.pg_database d on d.oid = l.database and d.datname = current_database()
    left join pg_catalog.pg_stat_activity a on a.pid = l.pid
    where c.relnamespace = 'private'::regnamespace and c.relname = any (names) and l.granted
$$;
comment on function private.readers(text[]) is 'Who holds one of these tables of private.';


create function private.turn_waiting() returns table (message text)
    language sql
    set search_path = ''
as $$
    with waiting as (
        update private.expired_partitions e set told = true
        where not e.told and e.decided_at < now() - interval '1 hour'
        returning e.name, e.decided_at
    )
    select format('Since %s UTC retention cannot drop %s. %s. `webmacs maintain` tries at once, and says why.',
                  to_char(min(w.decided_at) at time zone 'UTC', 'YYYY-MM-DD HH24:MI'),
                  string_agg(w.name, ', ' order by w.name),
                  coalesce('They are read by ' || (select string_agg(r.who, ', ' order by r.who)
                                                   from private.readers(array_agg(w.name)) r),
                           'Perhaps a transaction that read values is still open'))
    from waiting w
    having count(*) > 0
$$;
comment on function private.turn_waiting() is
    'Notes what could not be dropped within an hour after it was decided. Returns what is to be said of what is new.';


create function private.warn_of_waiting() returns void
    language plpgsql
    set search_path = ''
as $$
begin
    perform private.write_log('warning', t.message, 'retention') from private.turn_waiting() t;
end
$$;
comment on function private.warn_of_waiting() is 'Warns once of what cannot be dropped.';


-- experiments ---------------------------------------------------------------------

create function private.warn_of_what_is_gone() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
declare
    gone tstzmultirange := (select r.gone from private.retention r where r.unit = 'raw');
    lost tstzmultirange := gone * tstzmultirange(tstzrange(new.started_at, new.stopped_at));
begin
    if tg_op = 'UPDATE' and old.keep and lost <@ (gone * tstzmultirange(tstzrange(old.started_at, old.stopped_at))) then
        return null;   -- was said before
    elsif not isempty(lost) then
        perform private.write_log('warning', format(
            'Experiment %s is to be kept, but retention had dropped raw values from %s to %s (UTC) before.', new.name,
            lower(lost) at time zone 'UTC', upper(lost) at time zone 'UTC'), 'retention');
    end if;
    return null;
end
$$;
create trigger warn_of_what_is_gone after insert or update on private.experiments
    for each row when (new.keep) execute function private.warn_of_what_is_gone();
