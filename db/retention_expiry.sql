-- Expiry: what retention lets go is decided in one transaction (private.expire), and from then on nobody writes there.
-- Then its partition is detached concurrently, which no function can do, and dropped: private.expiry_statements says
-- what is to be done next.

-- deciding ------------------------------------------------------------------------

create function private.fill_minutes("from" timestamptz, "to" timestamptz) returns void
    language plpgsql
    set search_path = ''
as $$
declare
    sparse record;
begin
    with removed as (
        delete from private.rollup_hours h
        where not h.has_minutes and h.bucket >= "from" and h.bucket < "to"
        returning h.event_id, h.bucket
    )
    select array_agg(r.event_id) as event_ids, array_agg(r.bucket) as hours into sparse from removed r;
    if sparse.hours is not null then
        perform private.roll_up(sparse.event_ids, sparse.hours, "from", "to", 0);
    end if;
end
$$;
comment on function private.fill_minutes(timestamptz, timestamptz) is
    'Makes the minutes of hours that had too few points to be worth it, before their raw points go.';


create function private.expire(at timestamptz default now()) returns text
    language plpgsql security definer
    set search_path = ''
    set lock_timeout = '500ms'
as $$
declare
    next record;
begin
    perform private.forget_dropped_partitions();
    perform private.warn_of_waiting();
    if not exists (select from private.expirable_partitions(at)) then
        perform private.warn_of_budgets();
        return null;
    end if;
    -- only now, so that rollups are not held up by asking
    perform pg_advisory_xact_lock(hashtext('private.compute_rollups'));
    select * into next from private.expirable_partitions(at) limit 1;
    if next.name is null then
        return null;
    end if;

    if next.unit = 'raw' then
        perform private.fill_minutes(next.lower, next.upper);
    end if;
    perform private.wait_for_writers(next.unit);
    if private.is_wanted_again(next.lower, next.upper) then
        raise lock_not_available using message = format('Somebody has just written to %s, or kept it; try again.',
                                                        next.name);
    end if;
    update private.retention r set gone = r.gone + tstzmultirange(tstzrange(next.lower, next.upper))
    where r.unit = next.unit;
    insert into private.expired_partitions (name, unit, lower, upper, bytes)
    values (next.name, next.unit, next.lower, next.upper, next.bytes);
    return next.name;
end
$$;
comment on function private.expire(timestamptz) is
    'Decides that the next partition goes, and returns its name; null: nothing is to go. From the commit on nothing is '
    'written there. Waits at most half a second for those who write, and for a step of rollups.';
grant execute on function private.expire(timestamptz) to webmacs_sidecar;


create function private.wait_for_writers(unit text) returns void
    language plpgsql
    set search_path = ''
as $$
begin
    -- whoever is just deciding that an experiment is kept must have committed
    lock table private.experiments in share mode;
    if unit = 'raw' then
        -- whoever is writing has read what is gone, and must have committed
        perform pg_advisory_xact_lock(hashtext('private.rollups'));
    end if;
end
$$;
comment on function private.wait_for_writers(text) is
    'Until the end of this transaction nobody writes raw points, if they are what goes, or changes experiments.';


create function private.is_wanted_again("from" timestamptz, "to" timestamptz) returns boolean
    language sql stable
    set search_path = ''
as $$
    select exists (select from private.rollup_dirty d where d.hour >= "from" and d.hour < "to")
           or exists (select from private.experiments x
                      where x.keep and tstzrange(x.started_at, x.stopped_at) && tstzrange("from", "to"))
$$;
comment on function private.is_wanted_again(timestamptz, timestamptz) is
    'Whether points came for this range that are not rolled up, or an experiment is kept that touches it.';


create function private.forget_dropped_partitions() returns void
    language plpgsql
    set search_path = ''
as $$
declare
    summary text;
begin
    with dropped as (
        delete from private.expired_partitions e
        where to_regclass(format('private.%I', e.name)) is null
        returning e.name, e.bytes
    )
    select format('Retention dropped %s, %s.', string_agg(d.name, ', ' order by d.name), pg_size_pretty(sum(d.bytes)))
    into summary
    from dropped d
    having count(*) > 0;
    if summary is not null then
        perform private.write_log('info', summary, 'retention');
    end if;
end
$$;
comment on function private.forget_dropped_partitions() is 'What is dropped needs no step any more, and is told.';


-- doing -----------------------------------------------------------------------------

create function private.expiry_statements() returns table (unit text, name text, statement text)
    language sql stable security definer
    set search_path = ''
as $$
    select e.unit, e.name,
           case when p.name is null then format('drop table private.%I', e.name)
                else format('alter table private.%I detach partition private.%I %s', p.parent, e.name,
                            case when p.pending then 'finalize' else 'concurrently' end) end
    from private.expired_partitions e
    left join private.history_partitions() p on p.name = e.name
    where to_regclass(format('private.%I', e.name)) is not null
    -- a table has at most one partition that is half detached
    order by p.pending desc nulls last, e.decided_at, e.name
$$;
comment on function private.expiry_statements() is
    'The next step of each partition that is to go. They cannot run in a transaction; with a short lock_timeout what '
    'is still being read is left for later, and nobody waits. In psql: select private.expire(); until it is null, then '
    'set lock_timeout = ''500ms''; select statement from private.expiry_statements() \gexec until it says nothing.';
grant execute on function private.expiry_statements() to webmacs_sidecar;
