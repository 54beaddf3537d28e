-- Experiments: time ranges with a name. Everyone reads; operators start, stop and edit.
-- Deleting one deletes no measured value.

create view api.experiments with (security_invoker) as
    select id, public_id, name, kind, description, parameters, keep, all_events, started_at, stopped_at, created_at
    from private.experiments;
comment on view api.experiments is 'Time ranges with a name. What was measured meanwhile belongs to them.';
comment on column api.experiments.id is 'Number within this database.';
comment on column api.experiments.public_id is 'Identifier to the outside.';
comment on column api.experiments.name is 'Unique name.';
comment on column api.experiments.kind is 'What sort of run it is, as the lab calls it.';
comment on column api.experiments.description is 'What is tried, and how.';
comment on column api.experiments.parameters is 'What was set for it: an object, as JSON at most 100000 characters.';
comment on column api.experiments.keep is 'Whether what was measured meanwhile is kept longer than all other values.';
comment on column api.experiments.all_events is
    'Whether all events belong to it; false: only those of experiment_events. A list that is begun makes it false.';
comment on column api.experiments.started_at is 'Begin, inclusive, in the years 1900 to 2200. Now, if not given.';
comment on column api.experiments.stopped_at is 'End, exclusive; null: it runs.';
comment on column api.experiments.created_at is 'When it was entered.';

grant select (id, public_id, name, kind, description, parameters, keep, all_events, started_at, stopped_at, created_at)
    on private.experiments to webmacs_viewer, webmacs_controller;
grant insert (name, kind, description, parameters, keep, all_events, started_at, stopped_at),
      update (name, kind, description, parameters, keep, all_events, started_at, stopped_at), delete
    on private.experiments, api.experiments to webmacs_operator;
grant select on api.experiments to webmacs_viewer, webmacs_controller;

create policy "everyone reads" on private.experiments for select to webmacs_viewer, webmacs_controller using (true);
create policy "operators do everything" on private.experiments to webmacs_operator using (true) with check (true);

create trigger stamp_author before insert on private.experiments
    for each row execute function private.stamp_author();


create view api.experiment_events with (security_invoker) as
    select experiment_id, event_id from private.experiment_events;
comment on view api.experiment_events is
    'The events of an experiment, if all_events of it is false. If the last of them is purged, it has none left.';
comment on column api.experiment_events.experiment_id is 'Number of the experiment.';
comment on column api.experiment_events.event_id is 'Number of an event that belongs to it.';
grant select on private.experiment_events, api.experiment_events to webmacs_viewer, webmacs_controller;
grant insert, delete on private.experiment_events, api.experiment_events to webmacs_operator;

create policy "everyone reads" on private.experiment_events for select to webmacs_viewer, webmacs_controller
    using (true);
create policy "operators do everything" on private.experiment_events to webmacs_operator using (true) with check (true);


create function private.begin_event_list() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    update private.experiments x set all_events = false
    where x.all_events and x.id in (select l.experiment_id from listed l);
    return null;
end
$$;
comment on function private.begin_event_list() is 'Who names an event of an experiment does not mean all of them.';
create trigger begin_event_list after insert on private.experiment_events referencing new table as listed
    for each statement execute function private.begin_event_list();


create function api.stop_experiment(experiment_id int) returns setof api.experiments
    language plpgsql
    set search_path = ''
as $$
declare
    experiment record;
begin
    select * into experiment from api.experiments x where x.id = experiment_id for no key update;
    if experiment.id is null then
        raise sqlstate 'PT404' using
            message = format('There is no experiment %s.', coalesce(experiment_id::text, 'null'));
    elsif experiment.stopped_at is not null then
        raise sqlstate 'PT409' using message = format('Experiment %s was stopped before.', experiment_id);
    elsif experiment.started_at >= clock_timestamp() then
        raise sqlstate 'PT409' using
            message = format('Experiment %s has not begun; it starts at %s.', experiment_id, experiment.started_at),
            hint = 'Change started_at, or delete it.';
    end if;
    update api.experiments x set stopped_at = clock_timestamp() where x.id = experiment_id;
    return query select * from api.experiments x where x.id = experiment_id;
end
$$;
comment on function api.stop_experiment(int) is
    'Ends a running experiment now. 409 if it was stopped before, or has not begun.';
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
    -- a few of them are enough to find the mistake
    unknown text := (select string_agg(coalesce(u.i::text, 'null'), ', ')
                     from (select i from unnest(event_ids) i
                           where not exists (select from api.events e where e.id = i) order by i limit 10) u);
begin
    if unknown is not null then
        raise sqlstate 'PT422' using message = format('event_ids must be numbers of events, but %s are not.', unknown),
            hint = 'Without event_ids all events belong to it.';
    end if;
    insert into api.experiments (name, kind, description, parameters, keep, all_events, started_at)
    values (start_experiment.name, start_experiment.kind, start_experiment.description, start_experiment.parameters,
            start_experiment.keep, coalesce(cardinality(event_ids), 0) = 0, start_experiment.started_at)
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
