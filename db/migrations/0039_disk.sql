-- How full the disk of the database is, what follows from that, and what may go then.

alter table private.settings
    add column disk_warn_percent   int    not null default 80,
    add column disk_thin_percent   int    not null default 90,
    add column disk_refuse_percent int    not null default 99,
    add column disk_reserve_bytes  bigint not null default 64000000,
    -- why no value is taken; null: values are
    add column no_room             text,
    add constraint "[storage] warn, thin and refuse_percent must rise, 10 to 100"
        check (10 <= disk_warn_percent and disk_warn_percent < disk_thin_percent
               and disk_thin_percent < disk_refuse_percent and disk_refuse_percent <= 100),
    add constraint "reserve_megabytes of [storage] must not be negative" check (disk_reserve_bytes >= 0);

-- One row: as a sidecar on the machine of the database finds it.
create table private.disk (
    only_row    boolean     primary key default true check (only_row),
    level       text        not null default 'fine' check (level in ('fine', 'warn', 'thin', 'refuse')),
    free_bytes  bigint,   -- null: nobody has reported yet
    total_bytes bigint,
    reported_at timestamptz,
    changed_at  timestamptz not null default now()
);
alter table private.disk enable row level security;
insert into private.disk default values;

alter table private.retention
    add column least_days int,   -- what is older may go while the disk is nearly full; null: nothing
    add constraint "least_days must be from 1 to 36500, or null" check (least_days between 1 and 36500),
    add constraint "least_days must not be more than age_days" check (least_days <= age_days);

-- How long is kept what is no history of values. Nobody can shorten by it what shows who did something: below.
create table private.housekeeping (
    what       text primary key,
    days       int,            -- null: for ever
    least_days int,            -- while the disk is nearly full; null: as ever
    shortest   int  not null,  -- that may be chosen

    constraint "days must be at most 36500, or null" check (days <= 36500),
    constraint "days must not be shorter than what it is for allows" check (days >= shortest),
    constraint "least_days must not be shorter than what it is for allows" check (least_days >= shortest),
    constraint "least_days must not be more than days" check (least_days <= days)
);
alter table private.housekeeping enable row level security;
insert into private.housekeeping (what, days, least_days, shortest) values
    ('delivery', 30, 1, 1), ('log_info', 365, 30, 7), ('log_trouble', 1825, 365, 30),
    ('session', 90, null, 30), ('login_failure', 90, null, 30);
