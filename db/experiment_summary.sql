-- What an experiment came to: of each event a few figures, exact to the last point, and what people and alarms said
-- meanwhile. The middle of its range comes from rollups, only its edges from raw points.

create function private.whole_units("from" timestamptz, "to" timestamptz)
    returns table (unit text, begins timestamptz, ends timestamptz)
    language sql immutable
    set search_path = ''
as $$
    with whole as (
        select w.unit, w.width,
               tstzrange(w.first, greatest(w.first, date_bin(w.width, "to", '2001-01-01 00:00:00+00'))) as span
        from (
            select u.unit, u.width,
                   date_bin(u.width, "from" + u.width - interval '1 microsecond', '2001-01-01 00:00:00+00') as first
            from (values ('day', interval '1 day'), ('hour', interval '1 hour'), ('minute', interval '1 minute'),
                         ('raw', interval '1 microsecond')) as u (unit, width)
            where "from" < "to"
        ) w
    ), rest as (
        -- what whole units of the next size leave
        select w.unit, unnest(tstzmultirange(w.span) - coalesce(tstzmultirange(w.larger), '{}')) as span
        from (select unit, span, lag(span) over (order by width desc) as larger from whole) w
    )
    select r.unit, lower(r.span), upper(r.span) from rest r
$$;
comment on function private.whole_units(timestamptz, timestamptz) is
    'This range cut into whole days, hours and minutes, as large as can be, and the raw rest: at most seven pieces.';


create function private.covers_all("from" timestamptz, "to" timestamptz) returns boolean
    language plpgsql stable
    set search_path = ''
as $$
begin
    -- hours with too few points for minutes get these before their points go
    return (
        select coalesce(bool_and(private.is_kept(w.unit, w.begins, w.ends)), true)
        from private.whole_units("from", "to") w);
end
$$;
comment on function private.covers_all(timestamptz, timestamptz) is
    'Whether all that figures of this range stand on is there still, and was not dropped by retention.';


create function private.experiment_figures(event_ids int[], "from" timestamptz, "to" timestamptz) returns json
    language plpgsql stable
    set search_path = ''
as $$
begin
    return (
        with figures as (
            select b.event_id, sum(b.points)::bigint as points, min(b.min) as min, max(b.max) as max, sum(b.sum) as sum,
                   (array_agg(b.first order by b.first_at))[1] as first, min(b.first_at) as first_at,
                   (array_agg(b.last order by b.last_at desc nulls last))[1] as last, max(b.last_at) as last_at,
                   min(b.worst_quality) as worst_quality, sum(b.bad)::bigint as bad
            from private.whole_units("from", "to") w
            cross join lateral private.series_buckets(w.unit, event_ids, w.begins, w.ends, w.ends - w.begins) b
            group by b.event_id
        )
        select json_agg(json_build_object(
            'event_id', e.id, 'event_public_id', e.public_id, 'name', e.name, 'unit', e.unit,
            'count', coalesce(f.points, 0), 'bad', coalesce(f.bad, 0), 'min', f.min, 'max', f.max,
            'mean', private.mean(f.sum, f.points - f.bad),
            'first', f.first, 'first_at', f.first_at, 'last', f.last, 'last_at', f.last_at,
            'worst_quality', f.worst_quality) order by e.name)
        from private.events e left join figures f on f.event_id = e.id
        where e.id = any (event_ids));
end
$$;
comment on function private.experiment_figures(int[], timestamptz, timestamptz) is
    'Of each of these events: how many points there are in this range, and what they come to.';


create function private.experiment_alarms(event_ids int[], "from" timestamptz, "to" timestamptz, most int) returns json
    language sql stable
    set search_path = ''
as $$
    select json_agg(to_json(raised) order by raised.raised_at desc)
    from (
        select j.alarm_id, a.public_id as alarm_public_id, a.rule_id, a.event_id, a.name, a.severity,
               j.happened_at as raised_at, j.value, j.message, j.silent
        from private.alarm_journal j join private.alarms a on a.id = j.alarm_id
        where j.step = 'raised' and j.happened_at >= "from" and j.happened_at < "to" and a.event_id = any (event_ids)
        order by j.happened_at desc limit most
    ) raised
$$;
comment on function private.experiment_alarms(int[], timestamptz, timestamptz, int) is
    'The alarms of these events that were raised in this range, the newest, at most so many.';


create function api.experiment_summary(experiment_id int) returns json
    language plpgsql stable security definer
    set search_path = ''
as $$
declare
    experiment record;
    ends timestamptz;
    events int[];
begin
    select * into experiment from api.experiments x where x.id = experiment_summary.experiment_id;
    if not found then
        raise sqlstate 'PT404' using
            message = format('There is no experiment %s.', coalesce(experiment_id::text, 'null'));
    end if;
    -- one that has not begun yet lasted for no time
    ends := greatest(experiment.started_at, coalesce(experiment.stopped_at, now()));
    events := array(
        select e.id from private.events e
        where experiment.all_events
           or e.id in (select l.event_id from private.experiment_events l where l.experiment_id = experiment.id));
    return json_build_object(
        'experiment', to_json(experiment), 'until', ends,
        'duration_seconds', extract(epoch from ends - experiment.started_at),
        'complete', private.covers_all(experiment.started_at, ends),
        'events', coalesce(private.experiment_figures(events, experiment.started_at, ends), '[]'),
        'alarms', coalesce(private.experiment_alarms(events, experiment.started_at, ends, 1000), '[]'),
        'notes', (select coalesce(json_agg(to_json(n) order by n.noted_at, n.id), '[]')
                  from api.experiment_notes n where n.experiment_id = experiment.id),
        'files', (select coalesce(json_agg(to_json(f) order by f.id), '[]')
                  from api.experiment_files f where f.experiment_id = experiment.id));
end
$$;
comment on function api.experiment_summary(int) is
    'What an experiment came to, until now if it runs. Of each of its events: count, of which so many are bad (quality '
    'below 64), of the others min, max, mean, first and last with their times; worst_quality; exact to the newest '
    'point, in the unit of the event; complete is false if retention has dropped points at its edges, which then do '
    'not count. Besides alarms of its events that were raised meanwhile (the newest 1000), notes and files.';
grant execute on function api.experiment_summary(int) to webmacs_viewer;
