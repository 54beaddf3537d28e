-- Measured values, and the newest of each event.

create table private.datapoints (
    event_id int              not null,
    quality  smallint         not null,   -- beside the int, where it fits into padding
    ts       timestamptz      not null,
    value    double precision not null,

    primary key (event_id, ts)
) partition by range (ts);
alter table private.datapoints enable row level security;

create table private.latest (
    event_id int primary key references private.events on delete cascade,
    quality  smallint         not null,
    ts       timestamptz      not null,
    value    double precision not null
) with (fillfactor = 50);   -- room for the next version of a row on its page: heap-only updates
alter table private.latest enable row level security;
