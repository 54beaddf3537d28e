-- Who withdraws an update has not seen it fail.
alter table private.updates
    add column withdrawn_by text,
    add constraint "an update that is withdrawn goes no further" check (withdrawn_by is null or state = 'failed');
