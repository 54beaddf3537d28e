-- Experiments for webhooks and the log: started and stopped when they do, not when somebody enters it.

create function private.tell_experiments(steps text[], happened_at timestamptz[], experiments private.experiments[])
    returns void
    language plpgsql
    set search_path = ''
    set timezone = 'UTC'
as $$
#variable_conflict use_column
declare
    told record;
begin
    with news as (
        select n.*
        from rows from (unnest(steps), unnest(happened_at), unnest(experiments)) with ordinality as n (step, at)
    ), written as (
        insert into private.log_entries (level, source, message)
        select 'info', 'experiments',
               format('The experiment %s %s at %s UTC.', n.name, n.step, to_char(n.at, 'YYYY-MM-DD HH24:MI:SS'))
        from news n
        -- one that is over when it is entered is no news
        where n.stopped_at is null or n.stopped_at > n.created_at
        order by n.ordinality
    )
    select array_agg('experiment.' || n.step order by n.ordinality) as types, array_agg(null::int) as events,
           array_agg(null::text) as severities, array_agg(n.at order by n.ordinality) as happened_at,
           array_agg(jsonb_build_object(
               'experiment', n.name, 'experiment_public_id', n.public_id, 'kind', n.kind, 'started_at', n.started_at,
               'stopped_at', case n.step when 'stopped' then n.at else n.stopped_at end) order by n.ordinality) as data
    into told
    from news n;
    perform private.emit(told.types, told.events, told.severities, told.happened_at, told.data);
end
$$;
comment on function private.tell_experiments(text[], timestamptz[], private.experiments[]) is
    'Tells webhooks and the log that these experiments started or stopped, and when.';


create function private.tick_experiments(at timestamptz default clock_timestamp()) returns void
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_column
declare
    news record;
begin
    with present as (
        select x, x.id, x.started_at, x.stopped_at, a.step as before,
               case when x.stopped_at <= at then 'stopped' when x.started_at <= at then 'started' end as step
        from private.experiments x left join private.experiment_steps a on a.experiment_id = x.id
    ), changed as (
        insert into private.experiment_steps as a (experiment_id, step)
        select id, step from present where step is distinct from before and step is not null
        order by id
        on conflict (experiment_id) do update set step = excluded.step where excluded.step <> a.step
        returning experiment_id
    )
    select array_agg(s.step order by s.happened_at) as steps,
           array_agg(s.happened_at order by s.happened_at) as happened_at,
           array_agg(p.x order by s.happened_at) as experiments
    into news
    from present p
    join changed c on c.experiment_id = p.id
    cross join lateral (
        -- one that runs again started now
        select 'started' as step, case when p.before is null then p.started_at else at end as happened_at
        where p.before is null or p.step = 'started'
        union all
        select 'stopped', p.stopped_at where p.step = 'stopped') s;

    if news.steps is not null then
        perform private.tell_experiments(news.steps, news.happened_at, news.experiments);
    end if;
end
$$;
comment on function private.tick_experiments(timestamptz) is
    'Experiments that have begun or ended since this was last called tell webhooks and the log.';
grant execute on function private.tick_experiments(timestamptz) to webmacs_sidecar;


create function private.announce_experiments() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    perform private.tick_experiments();
    return null;
end
$$;
comment on function private.announce_experiments() is 'What begins or ends with this change is told with it.';
create trigger announce_experiments after insert or update on private.experiments
    for each statement execute function private.announce_experiments();


create function private.announce_deleted_experiments() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
declare
    at timestamptz := clock_timestamp();
    running record;
begin
    select array_agg('stopped'::text) as steps, array_agg(at) as happened_at,
           array_agg(jsonb_populate_record(null::private.experiments, to_jsonb(x)) order by x.id) as experiments
    into running
    from deleted x
    where x.started_at <= at and (x.stopped_at is null or x.stopped_at > at);
    if running.steps is not null then
        perform private.tell_experiments(running.steps, running.happened_at, running.experiments);
    end if;
    return null;
end
$$;
comment on function private.announce_deleted_experiments() is 'Who was told that it started is told that it is over.';
create trigger announce_deleted after delete on private.experiments referencing old table as deleted
    for each statement execute function private.announce_deleted_experiments();
