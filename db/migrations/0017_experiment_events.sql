-- Whether all events belong to an experiment is said, and not meant by an empty list: a list whose last event was
-- purged does not become all events.

alter table private.experiments add column all_events boolean not null default true;
update private.experiments x set all_events = false
where exists (select from private.experiment_events e where e.experiment_id = x.id);
