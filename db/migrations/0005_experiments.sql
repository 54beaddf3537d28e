-- Experiments are time ranges; what was measured belongs to one by its time.

create table private.experiments (
    id          int generated always as identity primary key,
    public_id   uuid not null default gen_random_uuid() unique,
    name        text not null unique,
    kind        text,
    description text,
    started_at  timestamptz not null default now(),
    stopped_at  timestamptz,
    created_at  timestamptz not null default now(),
    created_by  int references private.users on delete set null,

    constraint "name must be 1 to 255 characters" check (name = btrim(name) and length(name) between 1 and 255),
    constraint "kind must be 1 to 100 characters" check (kind = btrim(kind) and length(kind) between 1 and 100),
    constraint "description must have at most 10000 characters" check (length(description) <= 10000),
    constraint "stopped_at must be after started_at" check (stopped_at > started_at)
);
create index on private.experiments (created_by);
alter table private.experiments enable row level security;

create table private.experiment_events (
    experiment_id int references private.experiments on delete cascade,
    event_id      int references private.events on delete cascade,
    primary key (experiment_id, event_id)
);
create index on private.experiment_events (event_id);
alter table private.experiment_events enable row level security;
