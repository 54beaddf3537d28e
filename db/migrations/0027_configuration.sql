-- The configuration of controllers: what an administrator wants of each instance and channel, what the controllers
-- say that they have, and which version each of them has to have.

-- Apart from the controllers, because a transaction that changes a configuration may be long, and those rows are
-- written every few seconds by whoever notes which controllers are there. No row: version 1.
create table private.configurations (
    controller_id int primary key references private.controllers on delete cascade,
    version       int not null
);
alter table private.configurations enable row level security;

-- What is installed on each controller, as it said.
create table private.controller_plugins (
    controller_id int references private.controllers on delete cascade,
    plugin        text,
    name          text not null,
    version       text not null,
    description   text,
    schema        jsonb,

    primary key (controller_id, plugin),
    constraint "plugin must be 1 to 100 characters" check (plugin !~ '^\s|\s$' and length(plugin) between 1 and 100),
    constraint "schema must be an object" check (jsonb_typeof(schema) = 'object')
);
alter table private.controller_plugins enable row level security;

alter table private.plugin_instances
    add column interval_seconds double precision not null default 1,
    add column secrets          jsonb not null default '{}',
    add column secret_names     jsonb not null
        generated always as (
            jsonb_path_query_array(secrets, 'strict $ ? (@.type() == "object").keyvalue().key')) stored,
    add column setting_error    text,
    add constraint "interval_seconds must be from 0.01 to 86400" check (interval_seconds between 0.01 and 86400),
    add constraint "config must have at most 200000 characters" check (length(config::text) <= 200000),
    add constraint "secrets must be an object" check (jsonb_typeof(secrets) = 'object'),
    add constraint "secrets must have at most 20000 characters" check (length(secrets::text) <= 20000);

alter table private.channel_mappings
    -- declared by the controller
    add column min_value          double precision,
    add column max_value          double precision,
    add column safe_value         double precision,
    -- set by an administrator
    add column calibration        jsonb,
    add column report             text not null default 'every',
    add column deadband           double precision not null default 0,
    add column heartbeat_seconds  double precision not null default 60,
    add column safe_after_seconds double precision default 60,
    -- reported by the controller
    add column status             text not null default 'unknown',
    add column status_detail      text,
    add constraint "min_value and max_value must be finite" check (
        min_value not in ('NaN', 'Infinity', '-Infinity') and max_value not in ('NaN', 'Infinity', '-Infinity')),
    add constraint "min_value must be less than max_value" check (min_value < max_value),
    add constraint "safe_value must be from min_value to max_value" check (safe_value between min_value and max_value),
    add constraint "report must be every or change" check (report in ('every', 'change')),
    add constraint "deadband must be a finite number, 0 or more" check (deadband >= 0 and deadband < 'Infinity'),
    add constraint "heartbeat_seconds must be from 1 to 86400" check (heartbeat_seconds between 1 and 86400),
    add constraint "safe_after_seconds must be null or from 0 to 86400" check (safe_after_seconds between 0 and 86400),
    add constraint "status must be unknown, ok, no_value, uncertain or bad"
        check (status in ('unknown', 'ok', 'no_value', 'uncertain', 'bad'));
