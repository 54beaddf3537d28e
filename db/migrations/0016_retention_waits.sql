-- Retention: late points hold up only the days that they are of; what cannot be dropped for long is said once.

alter table private.retention drop column late_at;

-- Days that points came for after they were rolled up. More may be on its way, as when somebody imports old values.
create table private.late_days (
    day     timestamptz primary key,   -- its begin, UTC
    late_at timestamptz not null
);
alter table private.late_days enable row level security;

alter table private.expired_partitions add column told boolean not null default false;
