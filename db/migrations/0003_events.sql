-- Channels of measurement and control, and where their values come from.

create type api.event_type as enum (
    'sensor',      -- measured
    'actuator',    -- driven
    'range',       -- a set point that a person chooses
    'cmd_button',  -- starts a local sequence while it is 1
    'cmd_opened',  -- seconds that the sequence holds open
    'cmd_closed'   -- seconds that the sequence holds closed
);

create type api.direction as enum ('input', 'output', 'bidirectional');

create table private.events (
    id          int generated always as identity primary key,
    public_id   uuid not null default gen_random_uuid() unique,
    name        text not null unique,
    event_type  api.event_type not null default 'sensor',
    unit        text not null,
    min_value   double precision not null,
    max_value   double precision not null,
    area        text,
    description text,
    archived_at timestamptz,
    created_at  timestamptz not null default now(),
    created_by  int references private.users on delete set null,

    constraint "name must be 1 to 255 characters" check (name = btrim(name) and length(name) between 1 and 255),
    constraint "unit must be 1 to 255 characters" check (unit = btrim(unit) and length(unit) between 1 and 255),
    constraint "area must be 1 to 255 characters" check (area = btrim(area) and length(area) between 1 and 255),
    constraint "description must have at most 2000 characters" check (length(description) <= 2000),
    constraint "min_value and max_value must be finite" check (
        min_value not in ('NaN', 'Infinity', '-Infinity') and max_value not in ('NaN', 'Infinity', '-Infinity')),
    constraint "min_value must be less than max_value" check (min_value < max_value)
);
create index on private.events (created_by);
alter table private.events enable row level security;

create table private.plugin_instances (
    id            int generated always as identity primary key,
    public_id     uuid not null default gen_random_uuid() unique,
    controller_id int not null references private.controllers on delete cascade,
    name          text not null,
    plugin        text not null,
    demo_mode     boolean not null default false,
    enabled       boolean not null default true,
    config        jsonb not null default '{}',
    status        text not null default 'unknown',
    status_detail text,
    reported_at   timestamptz,
    created_at    timestamptz not null default now(),

    unique (controller_id, name),
    constraint "name must be 1 to 255 characters" check (name = btrim(name) and length(name) between 1 and 255),
    constraint "plugin must be 1 to 100 characters" check (plugin = btrim(plugin) and length(plugin) between 1 and 100),
    constraint "config must be an object" check (jsonb_typeof(config) = 'object'),
    constraint "status must be unknown, connected, error, demo or stopped"
        check (status in ('unknown', 'connected', 'error', 'demo', 'stopped'))
);
alter table private.plugin_instances enable row level security;

create table private.channel_mappings (
    id                 int generated always as identity primary key,
    public_id          uuid not null default gen_random_uuid() unique,
    plugin_instance_id int not null references private.plugin_instances on delete cascade,
    channel            text not null,
    channel_name       text not null,
    direction          api.direction not null default 'input',
    unit               text not null,
    event_id           int unique references private.events on delete set null,
    created_at         timestamptz not null default now(),

    unique (plugin_instance_id, channel),
    constraint "channel must be 1 to 100 characters" check (channel = btrim(channel) and length(channel) between 1 and 100),
    constraint "channel_name must be 1 to 255 characters"
        check (channel_name = btrim(channel_name) and length(channel_name) between 1 and 255),
    constraint "unit must be 1 to 255 characters" check (unit = btrim(unit) and length(unit) between 1 and 255)
);
alter table private.channel_mappings enable row level security;
