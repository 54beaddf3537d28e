-- What the system and people wrote down, and who changed what.

create type api.log_level as enum ('info', 'warning', 'error');

create table private.log_entries (
    id            bigint generated always as identity primary key,
    created_at    timestamptz not null default now(),
    level         api.log_level not null default 'info',
    message       text not null,
    source        text,
    is_read       boolean not null default false,
    user_id       int references private.users on delete set null,
    controller_id int references private.controllers on delete set null,

    constraint "message must be 1 to 2000 characters" check (length(message) between 1 and 2000 and btrim(message) <> ''),
    constraint "source must have at most 255 characters" check (length(source) <= 255)
);
create index on private.log_entries (created_at);
create index on private.log_entries (user_id);
create index on private.log_entries (controller_id);
alter table private.log_entries enable row level security;

create table private.audit_log (
    id         bigint generated always as identity primary key,
    changed_at timestamptz not null default clock_timestamp(),
    actor      text not null,
    role       text not null,
    table_name text not null,
    operation  text not null check (operation in ('insert', 'update', 'delete', 'purge')),
    row_id     text not null,
    old        jsonb,
    new        jsonb
);
create index on private.audit_log (changed_at);
create index on private.audit_log (table_name, row_id);
alter table private.audit_log enable row level security;
