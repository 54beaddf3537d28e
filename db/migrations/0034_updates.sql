-- Updates of the software: bundles, and what becomes of each on its way to a controller.

alter table private.settings add column ota_second_person boolean not null default false;
comment on column private.settings.ota_second_person is
    'Whether another administrator has to approve an update before a controller is told of it.';

create table private.update_bundles (
    id           int generated always as identity primary key,
    product      text not null,
    version      text not null,
    counter      int not null,
    from_version text not null,
    architecture text not null,
    python       text not null,
    made_at      timestamptz not null,
    expires_at   timestamptz not null,
    changes      text not null,
    parts        jsonb not null,
    content      text not null,     -- a digest of the parts: a version has one
    signed_by    jsonb not null,
    file_name    text not null,
    size         bigint not null,
    sha256       text not null,
    author       text not null,
    user_id      int references private.users on delete set null,
    created_at   timestamptz not null default now(),

    constraint "counter is that of another bundle" unique (product, architecture, python, counter),
    constraint "this file is another bundle" unique (sha256),
    constraint "product must be webmacs-controller or webmacs-server"
        check (product in ('webmacs-controller', 'webmacs-server')),
    constraint "counter must be more than 0" check (counter > 0),
    constraint "size must be more than 0" check (size > 0),
    constraint "sha256 must be 64 hexadecimal digits" check (sha256 ~ '^[0-9a-f]{64}$')
);
create index on private.update_bundles (user_id);
alter table private.update_bundles enable row level security;

-- Apart, so that neither lists nor the audit log read the bytes; in pieces, so that nobody holds all of them in memory.
create table private.update_bundle_pieces (
    bundle_id int references private.update_bundles on delete cascade,
    number    int,     -- from 0; each but the last has 1 MiB
    bytes     bytea not null,

    primary key (bundle_id, number),
    constraint "a piece has at most 1 MiB" check (octet_length(bytes) between 1 and 1048576)
);
-- wheels are compressed already
alter table private.update_bundle_pieces alter column bytes set storage external;
alter table private.update_bundle_pieces enable row level security;

-- The steps that the life of an update may take; all others are impossible.
create table private.update_transitions (
    from_state text,
    to_state   text,

    primary key (from_state, to_state)
);
alter table private.update_transitions enable row level security;
insert into private.update_transitions values
    ('pending', 'downloading'), ('downloading', 'verified'), ('verified', 'installing'),
    ('installing', 'probation'), ('probation', 'completed'),
    ('pending', 'failed'), ('downloading', 'failed'), ('verified', 'failed'), ('installing', 'failed'),
    ('probation', 'failed'),
    ('probation', 'rolled_back'), ('completed', 'rolled_back');

create table private.updates (
    id            int generated always as identity primary key,
    controller_id int not null references private.controllers on delete cascade,
    bundle_id     int not null references private.update_bundles,
    state         text not null default 'pending',
    detail        text,
    received      bigint not null default 0,
    author        text not null,
    user_id       int references private.users on delete set null,
    approved_by   text,
    approver_id   int references private.users on delete set null,
    approved_at   timestamptz,
    roll_back_by  text,
    roll_back_at  timestamptz,
    created_at    timestamptz not null default now(),
    changed_at    timestamptz not null default now(),
    finished_at   timestamptz,

    constraint "state must be one of the life of an update" check (state in (
        'pending', 'downloading', 'verified', 'installing', 'probation', 'completed', 'failed', 'rolled_back')),
    constraint "an update that has begun is approved" check (state in ('pending', 'failed') or approved_at is not null),
    constraint "received must not be negative" check (received >= 0)
);
create unique index "controller_id has another update under way" on private.updates (controller_id)
    where state in ('pending', 'downloading', 'verified', 'installing', 'probation');
create index on private.updates (controller_id);
create index on private.updates (bundle_id);
create index on private.updates (user_id);
create index on private.updates (approver_id);
alter table private.updates enable row level security;

-- Each step of each update: what a controller has lived through.
create table private.update_steps (
    id        bigint generated always as identity primary key,
    update_id int not null references private.updates on delete cascade,
    state     text not null,
    detail    text,
    at        timestamptz not null default clock_timestamp()
);
create index on private.update_steps (update_id);
alter table private.update_steps enable row level security;
