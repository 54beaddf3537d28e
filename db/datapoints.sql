-- Datapoints: measured values, the one pipeline through which they all come, and
-- the newest of each event. Everyone reads; operators enter values by hand;
-- controllers insert what is theirs; administrators delete deliberately.

-- reading --------------------------------------------------------------------

create view api.datapoints with (security_invoker) as
    select d.event_id, e.public_id as event_public_id, d.ts, d.value, d.quality
    from private.datapoints d join private.events e on e.id = d.event_id;
comment on view api.datapoints is
    'Measured values. Inserting takes event_id or event_public_id, value, and, if wanted, ts and quality; '
    'many at once go through rpc/ingest.';
comment on column api.datapoints.event_id is 'Number of the event.';
comment on column api.datapoints.event_public_id is 'Identifier of the event to the outside.';
comment on column api.datapoints.ts is 'Time of the measurement. Inserting: now, if not given.';
comment on column api.datapoints.value is 'Value in the unit of the event; always finite.';
comment on column api.datapoints.quality is 'Quality as OPC has it: 192 good, 64 uncertain, 0 bad, the reason in the low bits.';

create view api.latest with (security_invoker) as
    select l.event_id, e.public_id as event_public_id, l.ts, l.value, l.quality
    from private.latest l join private.events e on e.id = l.event_id;
comment on view api.latest is 'The newest value of each event.';
comment on column api.latest.event_id is 'Number of the event.';
comment on column api.latest.event_public_id is 'Identifier of the event to the outside.';
comment on column api.latest.ts is 'Time of the measurement.';
comment on column api.latest.value is 'Value in the unit of the event.';
comment on column api.latest.quality is 'Quality as OPC has it: 192 good, 64 uncertain, 0 bad.';

grant select on private.datapoints, private.latest to webmacs_viewer;
grant select on api.datapoints, api.latest to webmacs_viewer;
grant insert on api.datapoints to webmacs_operator, webmacs_controller;
create policy "people read" on private.datapoints for select to webmacs_viewer using (true);
create policy "people read" on private.latest for select to webmacs_viewer using (true);


create function private.newest()
    returns table (event_id int, event_public_id uuid, ts timestamptz, value double precision, quality smallint)
    language sql stable security definer
    set search_path = ''
as $$
    select l.event_id, e.public_id, l.ts, l.value, l.quality
    from private.latest l join private.events e on e.id = l.event_id
$$;
comment on function private.newest() is 'The newest value of each event, for the live stream.';
grant execute on function private.newest() to webmacs_sidecar;


-- partitions -----------------------------------------------------------------

create function private.datapoint_partitions()
    returns table (name text, lower timestamptz, upper timestamptz)
    language sql stable
    set search_path = ''
as $$
    select c.relname, bounds[1]::timestamptz, bounds[2]::timestamptz
    from pg_catalog.pg_inherits i
    join pg_catalog.pg_class c on c.oid = i.inhrelid
    cross join regexp_match(pg_get_expr(c.relpartbound, c.oid), $re$FROM \('(.+)'\) TO \('(.+)'\)$re$) as bounds
    where i.inhparent = 'private.datapoints'::regclass
$$;
comment on function private.datapoint_partitions() is 'The partitions of datapoints and their bounds, lower inclusive.';


create function private.make_partition(instant timestamptz) returns boolean
    language plpgsql
    set search_path = ''
    set timezone = 'UTC'
as $$
declare
    width interval := (select partition_width from private.settings);
    -- aligned to a Monday, so that widths of days and weeks begin with one
    lower_bound timestamptz := date_bin(width, instant, '2001-01-01 00:00:00+00');
    upper_bound timestamptz := lower_bound + width;
    made text;
begin
    if exists (select from private.datapoint_partitions() p where p.lower <= instant and instant < p.upper) then
        return false;
    end if;
    -- the width may have been another once: fit between the neighbours
    select greatest(lower_bound, max(p.upper) filter (where p.upper <= instant)),
           least(upper_bound, min(p.lower) filter (where p.lower > instant))
    into lower_bound, upper_bound
    from private.datapoint_partitions() p;

    made := to_char(lower_bound, '"datapoints_"YYYYMMDD"T"HH24MI');
    -- attaching, unlike `create … partition of`, lets others read and write meanwhile
    execute format('create table private.%I (like private.datapoints including all)', made);
    execute format('alter table private.%I enable row level security', made);
    execute format('alter table private.datapoints attach partition private.%I for values from (%L) to (%L)',
                   made, lower_bound, upper_bound);
    return true;
end
$$;
comment on function private.make_partition(timestamptz) is 'Makes the partition of this instant. False: there is one.';


create function private.keep_partitions() returns int
    language plpgsql security definer
    set search_path = ''
    set timezone = 'UTC'
as $$
declare
    present private.settings;
    made int;
begin
    perform pg_advisory_xact_lock(hashtext('private.partitions'));
    select * into present from private.settings;
    select count(*) into made
    from generate_series(now() - present.partition_width, now() + present.partitions_ahead * present.partition_width,
                         least(present.partition_width, interval '1 day')) as instants (instant)
    where private.make_partition(instants.instant);

    update private.settings set
        covered_from = now() - partition_width,
        covered_to = now() + partitions_ahead * partition_width;
    return made;
end
$$;
comment on function private.keep_partitions() is
    'Makes the partitions from the last one to `partitions_ahead` beyond the present one. Returns how many.';
grant execute on function private.keep_partitions() to webmacs_sidecar;


create function private.make_partitions_for(timestamps timestamptz[]) returns void
    language plpgsql
    set search_path = ''
as $$
begin
    perform pg_advisory_xact_lock(hashtext('private.partitions'));
    perform private.make_partition(bins.instant)
    from (
        select min(point.ts) as instant
        from unnest(timestamps) as point (ts), private.settings s
        where point.ts between now() - s.past_horizon and now() + s.future_tolerance
        group by date_bin(s.partition_width, point.ts, '2001-01-01 00:00:00+00')
    ) bins;
end
$$;
comment on function private.make_partitions_for(timestamptz[]) is
    'Makes what partitions these points need within the horizon: late points, or a clock far ahead of the last upkeep.';


-- the pipeline -----------------------------------------------------------------

create function private.keep_newest(event_ids int[], qualities smallint[], timestamps timestamptz[], "values" float8[])
    returns void
    language plpgsql   -- which, unlike sql, keeps its plan
    set search_path = ''
as $$
#variable_conflict use_column
begin
    insert into private.latest as l (event_id, quality, ts, value)
    select distinct on (event_id) event_id, quality, ts, value
    from unnest(event_ids, qualities, timestamps, "values") as point (event_id, quality, ts, value)
    order by event_id, ts desc
    on conflict (event_id) do update set quality = excluded.quality, ts = excluded.ts, value = excluded.value
        where excluded.ts > l.ts;
end
$$;
comment on function private.keep_newest(int[], smallint[], timestamptz[], float8[]) is
    'Step of the pipeline: each event''s newest value, in the order of events so that two writers cannot deadlock.';


create function private.announce(event_ids int[], qualities smallint[], timestamps timestamptz[], "values" float8[])
    returns void
    language plpgsql
    set search_path = ''
as $$
begin
    -- 128 points of at most 58 bytes stay under the 8000 bytes of a notification
    perform pg_notify('webmacs_datapoints', json_build_object(
        'e', array_to_json(event_ids[page : page + 127]),
        't', (select json_agg((extract(epoch from t) * 1000000)::bigint) from unnest(timestamps[page : page + 127]) t),
        'v', array_to_json("values"[page : page + 127]),
        'q', array_to_json(qualities[page : page + 127]))::text)
    from generate_series(1, cardinality(event_ids), 128) as page;
end
$$;
comment on function private.announce(int[], smallint[], timestamptz[], float8[]) is
    'Step of the pipeline: the points to whoever listens on webmacs_datapoints, e: events, '
    't: microseconds since 1970, v: values, q: qualities.';


create function private.stored_before(
    event_ids         int[],
    qualities         smallint[],
    timestamps        timestamptz[],
    "values"          float8[],
    refused           int[],
    stored_event_ids  int[],
    stored_timestamps timestamptz[]
)
    returns table (ordinal int, reason text)
    language sql stable
    set search_path = ''
as $$
    with points as (
        select *, row_number() over (partition by event_id, ts order by ordinal) as repetition
        from unnest(event_ids, qualities, timestamps, "values")
             with ordinality as p (event_id, quality, ts, value, ordinal)
        where ordinal <> all (coalesce(refused, '{}'))
    ), repeated as (
        select p.*
        from points p
        left join unnest(stored_event_ids, stored_timestamps) as s (event_id, ts) using (event_id, ts)
        where s.event_id is null or p.repetition > 1
    )
    select r.ordinal::int,
           case when (d.value, d.quality) = (r.value, r.quality) then 'duplicate' else 'conflict' end
    from repeated r
    left join private.datapoints d using (event_id, ts)
$$;
comment on function private.stored_before(int[], smallint[], timestamptz[], float8[], int[], int[], timestamptz[]) is
    'What of a batch was neither refused nor stored now: a duplicate of the stored point, or in conflict with it.';


create function private.ingest(
    sources    int[],
    event_ids  int[],
    qualities  smallint[],
    timestamps timestamptz[],
    "values"   float8[]
)
    returns table (ordinal int, reason text)
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_column
declare
    present private.settings;
    batch record;   -- what is stored, in the order of the key; what was refused, and why
begin
    select * into present from private.settings;
    if exists (select from unnest(timestamps) t where t < present.covered_from or t >= present.covered_to) then
        perform private.make_partitions_for(timestamps);
    end if;

    with judged as materialized (
        select p.*,
               case
                   when e.id is null then 'unknown_event'
                   when e.archived_at is not null or not i.enabled then 'disabled'
                   when p.source is not null
                        and (t.id is null or t.revoked_at is not null or t.role = 'viewer'
                             or t.controller_id <> coalesce(i.controller_id, 0)) then 'not_yours'
                   when p.ts is null or p.value is null or p.quality is null then 'malformed'
                   when p.value in ('NaN', 'Infinity', '-Infinity') then 'not_finite'
                   when p.ts < now() - present.past_horizon then 'out_of_horizon'
                   when p.ts > now() + present.future_tolerance then 'future'
               end as reason
        from unnest(sources, event_ids, qualities, timestamps, "values")
             with ordinality as p (source, event_id, quality, ts, value, ordinal)
        left join private.events e on e.id = p.event_id
        left join private.channel_mappings m on m.event_id = p.event_id
        left join private.plugin_instances i on i.id = m.plugin_instance_id
        left join private.credentials t on t.id = p.source
    )
    select accepted.*, refused.*
    into batch
    from (select array_agg(event_id) as event_ids, array_agg(quality) as qualities, array_agg(ts) as timestamps,
                 array_agg(value) as "values"
          from (select * from judged where reason is null order by event_id, ts, ordinal) by_key) accepted,
         (select array_agg(ordinal::int) as ordinals, array_agg(reason) as reasons
          from judged where reason is not null) refused;
    return query select * from unnest(batch.ordinals, batch.reasons);

    begin
        -- nearly always all are new, and a plain insert takes half the time of `on conflict`
        insert into private.datapoints (event_id, quality, ts, value)
        select * from unnest(batch.event_ids, batch.qualities, batch.timestamps, batch."values");
    exception when unique_violation then
        with inserted as (
            insert into private.datapoints (event_id, quality, ts, value)
            select * from unnest(batch.event_ids, batch.qualities, batch.timestamps, batch."values")
            on conflict do nothing
            returning event_id, quality, ts, value
        )
        select array_agg(event_id) as event_ids, array_agg(quality) as qualities, array_agg(ts) as timestamps,
               array_agg(value) as "values", batch.ordinals
        into batch
        from inserted;
        return query
            select * from private.stored_before(event_ids, qualities, timestamps, "values",
                                                batch.ordinals, batch.event_ids, batch.timestamps);
    end;

    if batch.event_ids is not null then
        perform private.keep_newest(batch.event_ids, batch.qualities, batch.timestamps, batch."values");
        perform private.announce(batch.event_ids, batch.qualities, batch.timestamps, batch."values");
    end if;
end
$$;
comment on function private.ingest(int[], int[], smallint[], timestamptz[], float8[]) is
    'The one way in for measured values: rights, insertion, newest value, live notification, in one transaction. '
    'sources: the credential of each point, null where the caller is trusted; event_ids: null where unknown. '
    'Returns what was not stored, by its place from 1: unknown_event, not_yours, disabled, malformed, not_finite, '
    'out_of_horizon, future, conflict (the same event and time with another value), or duplicate (stored before).';
grant execute on function private.ingest(int[], int[], smallint[], timestamptz[], float8[]) to webmacs_sidecar;


-- the doors to the pipeline through REST and SQL ---------------------------------

create function api.ingest(points json) returns json
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_column
declare
    caller int := access.credential_id();
    batch record;
    answer json;
begin
    if json_typeof(points) is distinct from 'array' then
        raise sqlstate 'PT400' using message = 'points must be an array of objects.',
            hint = 'Each has event_public_id or event_id, value, and, if wanted, timestamp and quality.';
    elsif json_array_length(points) > 5000 then
        raise sqlstate 'PT413' using message = 'points must have at most 5000 items.', hint = 'Send several requests.';
    end if;

    select array_agg(e.id order by p.ordinal) as event_ids,
           array_agg(coalesce(p.quality, 192)::smallint order by p.ordinal) as qualities,
           array_agg(coalesce(p.timestamp, clock_timestamp()) order by p.ordinal) as timestamps,
           array_agg(p.value order by p.ordinal) as "values",
           array_agg(p.event_public_id order by p.ordinal) as event_public_ids,
           array_agg(caller) as sources
    into batch
    from rows from (json_to_recordset(points)
             as (event_public_id uuid, event_id int, value float8, "timestamp" timestamptz, quality smallint))
         with ordinality as p (event_public_id, event_id, value, "timestamp", quality, ordinal)
    left join private.events e on e.public_id = p.event_public_id or (p.event_public_id is null and e.id = p.event_id);

    select json_build_object(
        'accepted', coalesce(cardinality(batch.event_ids), 0) - count(*),
        'duplicates', count(*) filter (where reason = 'duplicate'),
        'rejected', coalesce(json_agg(json_build_object(
                'index', ordinal - 1, 'event_public_id', batch.event_public_ids[ordinal], 'reason', reason)
            order by ordinal) filter (where reason <> 'duplicate' and place <= 100), '[]'),
        'rejected_total', count(*) filter (where reason <> 'duplicate'))
    into answer
    from (
        select ordinal, reason, count(*) filter (where reason <> 'duplicate') over (order by ordinal) as place
        from private.ingest(batch.sources, batch.event_ids, batch.qualities, batch.timestamps, batch."values")
    ) refused;
    return answer;
end
$$;
comment on function api.ingest(json) is
    'Stores measured values: an array of at most 5000 objects {event_public_id or event_id, value, timestamp, quality}. '
    'What is refused is named with its reason, at most 100; the rest is stored. Repeating a request does no harm '
    'if it has timestamps.';
grant execute on function api.ingest(json) to webmacs_operator, webmacs_controller;


create function private.insert_datapoint() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
declare
    refusal text;
begin
    new.event_id := coalesce(new.event_id, (select e.id from private.events e where e.public_id = new.event_public_id));
    new.event_public_id := (select e.public_id from private.events e where e.id = new.event_id);
    new.ts := coalesce(new.ts, clock_timestamp());
    new.quality := coalesce(new.quality, 192);
    select i.reason into refusal
    from private.ingest(array[access.credential_id()], array[new.event_id], array[new.quality], array[new.ts],
                        array[new.value]) i;
    if refusal <> 'duplicate' then
        raise sqlstate 'PT422' using
            message = format('The datapoint was refused: %s.', refusal),
            detail = json_build_object('event_id', new.event_id, 'ts', new.ts, 'reason', refusal)::text;
    end if;
    return new;
end
$$;
create trigger insert_datapoint instead of insert on api.datapoints
    for each row execute function private.insert_datapoint();


create function api.delete_datapoints(event_id int, "from" timestamptz, "to" timestamptz) returns bigint
    language plpgsql security definer
    set search_path = ''
as $$
declare
    removed bigint;
begin
    if not delete_datapoints."from" < delete_datapoints."to" then
        raise sqlstate 'PT400' using message = '"from" must be before "to".';
    end if;
    delete from private.datapoints d
    where d.event_id = delete_datapoints.event_id
      and d.ts >= delete_datapoints."from" and d.ts < delete_datapoints."to";
    get diagnostics removed = row_count;

    -- the newest value may be among them
    delete from private.latest l
    where l.event_id = delete_datapoints.event_id
      and l.ts >= delete_datapoints."from" and l.ts < delete_datapoints."to";
    insert into private.latest (event_id, quality, ts, value)
    select d.event_id, d.quality, d.ts, d.value
    from private.datapoints d
    where d.event_id = delete_datapoints.event_id
    order by d.ts desc
    limit 1
    on conflict do nothing;

    insert into private.audit_log (actor, role, table_name, operation, row_id, old)
    values (access.actor(), coalesce(access.claims() ->> 'role', session_user), 'datapoints', 'purge',
            delete_datapoints.event_id::text,
            jsonb_build_object('datapoints', removed, 'from', delete_datapoints."from", 'to', delete_datapoints."to"));
    return removed;
end
$$;
comment on function api.delete_datapoints(int, timestamptz, timestamptz) is
    'Removes the values of an event from "from" (inclusive) to "to" (exclusive), for ever. Returns how many there were.';
grant execute on function api.delete_datapoints(int, timestamptz, timestamptz) to webmacs_admin;
