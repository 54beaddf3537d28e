-- Experiments: time ranges with a name. Everyone reads; operators start, stop and edit.
-- Deleting one deletes no measured value.

create view api.experiments with (security_invoker) as
    select id, public_id, name, kind, description, parameters, keep, started_at, stopped_at, created_at
    from private.experiments;
comment on view api.experiments is 'Time ranges with a name. What was measured meanwhile belongs to them.';
comment on column api.experiments.id is 'Number within this database.';
comment on column api.experiments.public_id is 'Identifier to the outside.';
comment on column api.experiments.name is 'Unique name.';
comment on column api.experiments.kind is 'What sort of run it is, as the lab calls it.';
comment on column api.experiments.description is 'What is tried, and how.';
comment on column api.experiments.parameters is 'What was set for it: an object, as JSON at most 100000 characters.';
comment on column api.experiments.keep is 'Whether what was measured meanwhile is kept longer than all other values.';
comment on column api.experiments.started_at is 'Begin, inclusive. Now, if not given.';
comment on column api.experiments.stopped_at is 'End, exclusive; null: it runs.';
comment on column api.experiments.created_at is 'When it was entered.';

grant select (id, public_id, name, kind, description, parameters, keep, started_at, stopped_at, created_at)
    on private.experiments to webmacs_viewer, webmacs_controller;
grant insert (name, kind, description, parameters, keep, started_at, stopped_at),
      update (name, kind, description, parameters, keep, started_at, stopped_at), delete
    on private.experiments, api.experiments to webmacs_operator;
grant select on api.experiments to webmacs_viewer, webmacs_controller;

create policy "everyone reads" on private.experiments for select to webmacs_viewer, webmacs_controller using (true);
create policy "operators do everything" on private.experiments to webmacs_operator using (true) with check (true);

create trigger stamp_author before insert on private.experiments
    for each row execute function private.stamp_author();


create view api.experiment_events with (security_invoker) as
    select experiment_id, event_id from private.experiment_events;
comment on view api.experiment_events is 'The events of an experiment. An experiment without any means all events.';
comment on column api.experiment_events.experiment_id is 'Number of the experiment.';
comment on column api.experiment_events.event_id is 'Number of an event that belongs to it.';
grant select on private.experiment_events, api.experiment_events to webmacs_viewer, webmacs_controller;
grant insert, delete on private.experiment_events, api.experiment_events to webmacs_operator;

create policy "everyone reads" on private.experiment_events for select to webmacs_viewer, webmacs_controller
    using (true);
create policy "operators do everything" on private.experiment_events to webmacs_operator using (true) with check (true);


create function api.stop_experiment(experiment_id int) returns setof api.experiments
    language plpgsql
    set search_path = ''
as $$
begin
    update api.experiments x set stopped_at = clock_timestamp()
    where x.id = experiment_id and x.stopped_at is null;
    if not found then
        if exists (select from api.experiments x where x.id = experiment_id) then
            raise sqlstate 'PT409' using message = format('Experiment %s was stopped before.', experiment_id);
        end if;
        raise sqlstate 'PT404' using message = format('There is no experiment %s.', experiment_id);
    end if;
    return query select * from api.experiments x where x.id = experiment_id;
end
$$;
comment on function api.stop_experiment(int) is 'Ends a running experiment now. 409 if it does not run.';
grant execute on function api.stop_experiment(int) to webmacs_operator;


create function api.start_experiment(
    name text, event_ids int[] default '{}', kind text default null, description text default null,
    parameters jsonb default '{}', keep boolean default false, started_at timestamptz default now()
)
    returns setof api.experiments
    language plpgsql
    set search_path = ''
as $$
declare
    experiment int;
    unknown text := (select string_agg(coalesce(i::text, 'null'), ', ' order by i) from unnest(event_ids) i
                     where not exists (select from api.events e where e.id = i));
begin
    if unknown is not null then
        raise sqlstate 'PT422' using message = format('event_ids must be numbers of events, but %s are not.', unknown),
            hint = 'Without event_ids all events belong to it.';
    end if;
    insert into api.experiments (name, kind, description, parameters, keep, started_at)
    values (start_experiment.name, start_experiment.kind, start_experiment.description, start_experiment.parameters,
            start_experiment.keep, start_experiment.started_at)
    returning id into experiment;
    insert into api.experiment_events (experiment_id, event_id) select distinct experiment, i from unnest(event_ids) i;
    return query select * from api.experiments x where x.id = experiment;
end
$$;
comment on function api.start_experiment(text, int[], text, text, jsonb, boolean, timestamptz) is
    'Starts an experiment together with its events, all or nothing; without event_ids all events belong to it. It runs '
    'until rpc/stop_experiment. Answers with the experiment.';
grant execute on function api.start_experiment(text, int[], text, text, jsonb, boolean, timestamptz)
    to webmacs_operator;
