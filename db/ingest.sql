-- The pipeline: the one way in for measured values, whether they come over the
-- telemetry socket, through REST or in psql. Set-based; no step loops over points.

create function private.keep_newest(event_ids int[], qualities smallint[], timestamps timestamptz[], "values" float8[])
    returns void
    language plpgsql   -- which, unlike sql, keeps its plan
    set search_path = ''
as $$
#variable_conflict use_column
begin
    insert into private.latest as l (event_id, quality, ts, value, received_at)
    select distinct on (event_id) event_id, quality, ts, value, now()
    from unnest(event_ids, qualities, timestamps, "values") as point (event_id, quality, ts, value)
    order by event_id, ts desc
    on conflict (event_id) do update set quality = excluded.quality, ts = excluded.ts, value = excluded.value,
                                         received_at = excluded.received_at
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


create function private.judge(
    sources    int[],
    event_ids  int[],
    qualities  smallint[],
    timestamps timestamptz[],
    "values"   float8[]
)
    returns table (
        event_id int, quality smallint, ts timestamptz, value float8, ordinal bigint, reason text
    )
    language sql stable
begin atomic   -- so that it becomes part of the query that asks it
    select p.event_id, p.quality, p.ts, p.value, p.ordinal,
           case
               when e.id is null then 'unknown_event'
               when e.archived_at is not null or not i.enabled then 'disabled'
               when p.source is not null
                    and (t.id is null or t.revoked_at is not null or t.role = 'viewer'
                         or t.controller_id <> coalesce(i.controller_id, 0)) then 'not_yours'
               when p.ts is null or p.value is null or (p.quality between 0 and 255) is not true then 'malformed'
               when p.value in ('NaN', 'Infinity', '-Infinity') then 'not_finite'
               when p.ts < now() - (select s.past_horizon from private.settings s)
                    or p.ts <@ (select r.gone from private.retention r where r.unit = 'raw') then 'out_of_horizon'
               when p.ts > now() + (select s.future_tolerance from private.settings s) then 'future'
           end
    from unnest(sources, event_ids, qualities, timestamps, "values")
         with ordinality as p (source, event_id, quality, ts, value, ordinal)
    left join private.events e on e.id = p.event_id
    left join private.channel_mappings m on m.event_id = p.event_id
    left join private.plugin_instances i on i.id = m.plugin_instance_id
    left join private.credentials t on t.id = p.source;
end;
comment on function private.judge(int[], int[], smallint[], timestamptz[], float8[]) is
    'Step of the pipeline: each point, by its place from 1, and why it may not be stored; null: it may.';


create function private.insert_new(
    event_ids  int[],
    qualities  smallint[],
    timestamps timestamptz[],
    "values"   float8[],
    ordinals   int[]
)
    returns table (event_id int, quality smallint, ts timestamptz, value float8, ordinal int)
    language sql
    set search_path = ''
as $$
    with inserted as (
        insert into private.datapoints (event_id, quality, ts, value)
        select * from unnest(event_ids, qualities, timestamps, "values")
        on conflict do nothing
        returning event_id, quality, ts, value
    )
    select event_id, quality, ts, value, ordinal
    from inserted
    -- of points with the same key in one batch the first was stored
    join (select p.event_id, p.ts, min(p.ordinal) as ordinal
          from unnest(event_ids, timestamps, ordinals) as p (event_id, ts, ordinal)
          group by p.event_id, p.ts) arrived using (event_id, ts)
$$;
comment on function private.insert_new(int[], smallint[], timestamptz[], float8[], int[]) is
    'Stores those of these points, in the order of the key, that are not stored yet, and returns them.';


create function private.follow_up(
    event_ids  int[],
    qualities  smallint[],
    timestamps timestamptz[],
    "values"   float8[],
    ordinals   int[]
)
    returns void
    language plpgsql
    set search_path = ''
as $$
begin
    perform private.drive_rules(event_ids, qualities, timestamps, "values", ordinals);
    perform private.keep_newest(event_ids, qualities, timestamps, "values");
    if private.readings_wanted() then
        perform private.webhook_readings(event_ids, timestamps, "values", ordinals);
    end if;
    perform private.announce(event_ids, qualities, timestamps, "values");
end
$$;
comment on function private.follow_up(int[], smallint[], timestamptz[], float8[], int[]) is
    'What live points do once they are stored: rules, newest value, webhooks, live notification.';


create function private.ingest(
    sources    int[],
    event_ids  int[],
    qualities  smallint[],
    timestamps timestamptz[],
    "values"   float8[],
    live       boolean default true
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
    perform private.hold_rollups();
    select * into present from private.settings;
    if present.no_room is not null then
        raise disk_full using message = present.no_room, hint = 'Send it again later.';
    end if;
    if present.closed is not null then   -- as if the server were away: whoever sends keeps what it has
        raise cannot_connect_now using message = present.closed;
    end if;
    if exists (select from unnest(timestamps) t where t < present.covered_from or t >= present.covered_to) then
        perform private.make_partitions_for(timestamps);
    end if;

    with judged as materialized (
        select * from private.judge(sources, event_ids, qualities, timestamps, "values")
    )
    select accepted.*, refused.*
    into batch
    from (select array_agg(event_id) as event_ids, array_agg(quality) as qualities, array_agg(ts) as timestamps,
                 array_agg(value) as "values", array_agg(ordinal::int) as ordinals
          from (select * from judged where reason is null order by event_id, ts, ordinal) by_key) accepted,
         (select array_agg(ordinal::int) as refused, array_agg(reason) as reasons
          from judged where reason is not null) refused;
    return query select * from unnest(batch.refused, batch.reasons);

    begin
        -- nearly always all are new, and a plain insert takes half the time of `on conflict`
        insert into private.datapoints (event_id, quality, ts, value)
        select * from unnest(batch.event_ids, batch.qualities, batch.timestamps, batch."values");
    exception when unique_violation or check_violation then
        if sqlstate = '23514' then
            perform private.reread_partitions();
        end if;
        select array_agg(event_id) as event_ids, array_agg(quality) as qualities, array_agg(ts) as timestamps,
               array_agg(value) as "values", array_agg(ordinal) as ordinals, batch.refused
        into batch
        from private.insert_new(batch.event_ids, batch.qualities, batch.timestamps, batch."values", batch.ordinals);
        return query
            select * from private.stored_before(event_ids, qualities, timestamps, "values",
                                                batch.refused, batch.event_ids, batch.timestamps);
    end;

    if batch.event_ids is not null then
        if exists (select from unnest(batch.timestamps) t where t < present.rolled_to) then
            perform private.mark_rollups(batch.event_ids, batch.timestamps);
        end if;
        if live then
            perform private.follow_up(batch.event_ids, batch.qualities, batch.timestamps, batch."values",
                                      batch.ordinals);
        else
            perform private.keep_newest(batch.event_ids, batch.qualities, batch.timestamps, batch."values");
        end if;
    end if;
end
$$;
comment on function private.ingest(int[], int[], smallint[], timestamptz[], float8[], boolean) is
    'The one way in for measured values: rights, insertion, rules, newest value, live notification, in one '
    'transaction. sources: the credential of each point, null where the caller is trusted; event_ids: null where '
    'unknown; live: false for history, which drives no rules, calls no webhooks and is not announced. Returns what '
    'was not stored, by its place from 1: unknown_event, not_yours, disabled, malformed, not_finite, out_of_horizon, '
    'future, conflict (the same event and time with another value), or duplicate (stored before). 53100, and nothing '
    'is stored, while the disk is full (disk.sql).';
grant execute on function private.ingest(int[], int[], smallint[], timestamptz[], float8[], boolean) to webmacs_sidecar;
