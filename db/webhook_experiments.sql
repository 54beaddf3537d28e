-- Experiments for webhooks: started and stopped when they do, not when somebody enters it.

create function private.tick_experiments(at timestamptz default clock_timestamp()) returns void
    language plpgsql security definer
    set search_path = ''
    set timezone = 'UTC'
as $$
#variable_conflict use_column
declare
    announced record;
begin
    with present as (
        select x.*, a.step as before,
               case when x.stopped_at <= at then 'stopped' when x.started_at <= at then 'started' end as step
        from private.experiments x left join private.experiment_steps a on a.experiment_id = x.id
    ), changed as (
        insert into private.experiment_steps as a (experiment_id, step)
        select id, step from present where step is distinct from before and step is not null
        order by id
        on conflict (experiment_id) do update set step = excluded.step where excluded.step <> a.step
        returning experiment_id
    )
    select array_agg('experiment.' || s.step order by s.happened_at) as types,
           array_agg(s.happened_at order by s.happened_at) as happened_at,
           array_agg(jsonb_build_object(
               'experiment', p.name, 'experiment_public_id', p.public_id, 'kind', p.kind,
               'started_at', p.started_at, 'stopped_at', p.stopped_at) order by s.happened_at) as data
    into announced
    from present p
    join changed c on c.experiment_id = p.id
    cross join lateral (
        -- one that runs again started now
        select 'started' as step, case when p.before is null then p.started_at else at end as happened_at
        where p.before is null or p.step = 'started'
        union all
        select 'stopped', p.stopped_at where p.step = 'stopped') s;

    if announced.types is not null then
        perform private.emit(announced.types, array_fill(null::int, array[cardinality(announced.types)]),
                             array_fill(null::text, array[cardinality(announced.types)]),
                             announced.happened_at, announced.data);
    end if;
end
$$;
comment on function private.tick_experiments(timestamptz) is
    'Experiments that have begun or ended since this was last called tell webhooks.';
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
