-- Times of experiments are those that series and exports take. What was entered before is looked at when it changes.

alter table private.experiments
    drop constraint "started_at and stopped_at must be finite",
    add constraint "started_at and stopped_at must be in the years 1900 to 2200"
        check (started_at >= '1900-01-01 00:00+00' and started_at < '2201-01-01 00:00+00'
               and coalesce(stopped_at, started_at) < '2201-01-01 00:00+00') not valid;
