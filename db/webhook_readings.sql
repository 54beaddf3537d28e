-- Measured values for webhooks: at most one of an event per interval of the webhook, by the time of the measurement,
-- and the same ones however the points are cut into batches.

create function private.readings_wanted() returns boolean
    language sql stable
    set search_path = ''
as $$
    select exists (select from private.webhooks w where w.enabled and w.types && '{sensor.reading,sensor.*}')
$$;
comment on function private.readings_wanted() is 'Whether any webhook is called about single values.';


create function private.first_place(times timestamptz[], at timestamptz) returns int
    language sql stable   -- as arithmetic with intervals is: else it would not be inlined
    return width_bucket(at - interval '1 microsecond', times) + 1;
comment on function private.first_place(timestamptz[], timestamptz) is
    'The place of the first of these ascending times that is not before this one, found by bisection.';


create function private.due_readings(event_ids int[], timestamps timestamptz[], "values" float8[], ordinals int[])
    returns table (webhook_id int, event_id int, ts timestamptz, value float8)
    language sql stable
    set search_path = ''
as $$
    with recursive series as materialized (
        select event_id, array_agg(ts order by ts) as times, array_agg(value order by ts) as "values"
        from (
            select *, max(ts) over (partition by event_id order by ordinal
                                    rows between unbounded preceding and 1 preceding) as before
            from unnest(event_ids, timestamps, "values", ordinals) as p (event_id, ts, value, ordinal)
        ) point
        where ts > before or before is null   -- in the order of arrival; what is late is not told
        group by event_id
    ), due as (
        -- the place of the first point that is not too early, then of the first that is not too early after it
        select w.id as webhook_id, s.event_id, w.reading_interval_seconds * interval '1 second' as pause,
               case when r.ts is null then 1
                    else private.first_place(s.times, r.ts + w.reading_interval_seconds * interval '1 second')
               end as place
        from private.webhooks w
        cross join series s
        left join private.webhook_readings r on r.webhook_id = w.id and r.event_id = s.event_id
        where w.enabled and w.types && '{sensor.reading,sensor.*}'
          and (not w.filters_events
               or exists (select from private.webhook_events f where f.webhook_id = w.id and f.event_id = s.event_id))
        union all
        select d.webhook_id, d.event_id, d.pause, private.first_place(s.times, s.times[d.place] + d.pause)
        from due d join series s using (event_id)
        where d.place <= cardinality(s.times)
    )
    select d.webhook_id, d.event_id, s.times[d.place], s."values"[d.place]
    from due d join series s using (event_id)
    where d.place <= cardinality(s.times)
$$;
comment on function private.due_readings(int[], timestamptz[], float8[], int[]) is
    'Which of these points which webhook is to get, none sooner after the one before than its interval.';


create function private.webhook_readings(
    event_ids int[], timestamps timestamptz[], "values" float8[], ordinals int[]
)
    returns void
    language plpgsql
    set search_path = ''
as $$
#variable_conflict use_column
declare
    due record;
begin
    select array_agg(d.webhook_id order by d.ts, d.webhook_id) as webhook_ids,
           array_agg(d.event_id order by d.ts, d.webhook_id) as event_ids,
           array_agg(d.ts order by d.ts, d.webhook_id) as happened_at,
           array_agg(jsonb_build_object('event', e.name, 'event_public_id', e.public_id, 'unit', e.unit,
                                        'value', d.value) order by d.ts, d.webhook_id) as data
    into due
    from private.due_readings(event_ids, timestamps, "values", ordinals) d
    join private.events e on e.id = d.event_id;
    if due.webhook_ids is null then
        return;
    end if;

    -- locked as queue_deliveries does, and before the readings are: in the order in which deleting a webhook locks
    with hooks as materialized (
        select w.id from private.webhooks w where w.id = any (due.webhook_ids) order by w.id for key share
    )
    insert into private.webhook_readings (webhook_id, event_id, ts)
    select d.webhook_id, d.event_id, max(d.ts)
    from unnest(due.webhook_ids, due.event_ids, due.happened_at) as d (webhook_id, event_id, ts)
    join hooks on hooks.id = d.webhook_id
    group by d.webhook_id, d.event_id
    order by d.webhook_id, d.event_id
    on conflict (webhook_id, event_id) do update set ts = excluded.ts;
    perform private.queue_deliveries(
        due.webhook_ids, array_fill('sensor.reading'::text, array[cardinality(due.webhook_ids)]), due.happened_at,
        due.data);
end
$$;
comment on function private.webhook_readings(int[], timestamptz[], float8[], int[]) is
    'Step of the pipeline: stored points to the webhooks that want single values. Called after the step that keeps the '
    'newest values, whose locks let writers of the same event take turns.';
