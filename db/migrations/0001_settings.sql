-- What the database needs to know of the configuration, in one row.
-- `webmacs migrate` fills it by private.configure; an administrator may update it.

create table private.settings (
    only_row             boolean     primary key default true check (only_row),
    issuer               text        not null default 'webmacs',
    audience             text        not null default 'webmacs',
    past_horizon         interval    not null default '3650 days',
    future_tolerance     interval    not null default '600 seconds',
    partition_width      interval    not null default '7 days',
    partitions_ahead     int         not null default 8,
    -- datapoints has a partition for every instant from … to (exclusive)
    covered_from         timestamptz,
    covered_to           timestamptz,

    constraint "past_horizon must be positive" check (past_horizon > interval '0'),
    constraint "future_tolerance must not be negative" check (future_tolerance >= interval '0'),
    constraint "partition_width must be from 1 to 366 days" check (partition_width between '1 day' and '366 days'),
    constraint "partitions_ahead must be from 1 to 1000" check (partitions_ahead between 1 and 1000)
);
alter table private.settings enable row level security;
insert into private.settings default values;
comment on table private.settings is 'What the database needs of the configuration. One row.';
comment on column private.settings.past_horizon is 'A point older than this is refused as out_of_horizon.';
comment on column private.settings.future_tolerance is 'A point further ahead of the clock than this is refused as future.';
comment on column private.settings.partition_width is 'Width of new partitions of datapoints.';
comment on column private.settings.partitions_ahead is 'How many partitions are kept ready beyond the present one.';
