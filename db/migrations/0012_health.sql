-- What is there and what works: which sidecar holds a controller's socket, and what each sidecar finds about the parts.

create table private.controller_presence (
    controller_id int not null references private.controllers on delete cascade,
    sidecar       uuid not null,
    seen_at       timestamptz not null default now(),
    doubted_at    timestamptz,   -- since when the clock has missed it

    primary key (controller_id, sidecar)
);
alter table private.controller_presence enable row level security;

-- Whether log and webhooks were told last that it is connected, or that it is not.
alter table private.controllers add column connection_told boolean not null default false;
update private.controllers set connection_told = connected_at is not null;

create table private.health_reports (
    sidecar     uuid primary key,
    problems    jsonb not null,   -- by part; null: it works
    reported_at timestamptz not null default now()
);
alter table private.health_reports enable row level security;

create table private.health (
    part       text primary key,
    problem    text,   -- null: it works
    changed_at timestamptz not null
);
alter table private.health enable row level security;
