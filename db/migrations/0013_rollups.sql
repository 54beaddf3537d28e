-- Rollups: what a minute, an hour, a day of an event comes to, so that years open as fast as minutes.

alter table private.settings
    -- hours before rolled_to are to be rolled up, hours before computed_to are; what is written to them marks them
    add column rolled_to timestamptz not null default '-infinity',
    add column computed_to timestamptz not null default '-infinity',
    add constraint "computed_to must not be after rolled_to" check (computed_to <= rolled_to);

create table private.rollup_minutes (
    event_id      int              not null,
    worst_quality smallint         not null,
    bucket        timestamptz      not null,   -- begin, inclusive; hours and days are of UTC
    points        bigint           not null,
    sum           double precision not null,
    min           double precision not null,
    max           double precision not null,
    first         double precision not null,
    last          double precision not null,
    first_at      timestamptz      not null,
    last_at       timestamptz      not null,

    primary key (event_id, bucket)
) partition by range (bucket);
alter table private.rollup_minutes enable row level security;

create table private.rollup_hours (
    like private.rollup_minutes including all,
    has_minutes boolean not null   -- else its points are few, and its minutes are not kept
) partition by range (bucket);
alter table private.rollup_hours enable row level security;

create table private.rollup_days (like private.rollup_minutes including all) partition by range (bucket);
alter table private.rollup_days enable row level security;

-- Hours that were written to after they were rolled up.
create table private.rollup_dirty (
    event_id int         not null,
    hour     timestamptz not null,

    primary key (event_id, hour)
);
alter table private.rollup_dirty enable row level security;
