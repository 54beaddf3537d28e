-- Retention: how long raw points and rollups are kept, what went, and how the disk fills.

create table private.retention (
    unit         text primary key,   -- as series names it: raw points, or what a minute, an hour, a day comes to
    age_days     int,                -- null: for ever
    budget_bytes bigint,             -- null: without limit
    gone         tstzmultirange not null default '{}',   -- of these times all was dropped; nothing is taken any more
    over_budget  boolean        not null default false,  -- and nothing more may go, which was said
    late_at      timestamptz    not null default '-infinity',   -- when points older than age_days came last

    constraint "unit must be raw, minute, hour or day" check (unit in ('raw', 'minute', 'hour', 'day')),
    constraint "age_days must be from 1 to 36500, or null" check (age_days between 1 and 36500),
    constraint "budget_bytes must be at least 1000000, or null" check (budget_bytes >= 1000000)
);
alter table private.retention enable row level security;
insert into private.retention (unit) values ('raw'), ('minute'), ('hour'), ('day');

-- Partitions that are to be dropped. Nobody writes to them any more, so each step may be interrupted and done later.
create table private.expired_partitions (
    name       text primary key,
    unit       text        not null references private.retention,
    lower      timestamptz not null,
    upper      timestamptz not null,
    bytes      bigint      not null,
    decided_at timestamptz not null default now()
);
create index on private.expired_partitions (unit);
alter table private.expired_partitions enable row level security;

-- One row a day: what our tables take, and what is free beside them.
create table private.disk_reports (
    day         date primary key,
    bytes       bigint      not null,
    free_bytes  bigint,   -- null: the server is on another machine
    reported_at timestamptz not null
);
alter table private.disk_reports enable row level security;

-- What a kept experiment covers is not dropped.
alter table private.experiments add column keep boolean not null default false;
