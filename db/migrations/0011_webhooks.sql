-- Webhooks: whom to call about what, and the outbox of calls.

create table private.webhooks (
    id                       int generated always as identity primary key,
    public_id                uuid not null default gen_random_uuid() unique,
    name                     text not null unique,
    url                      text not null,
    secret                   text not null,
    previous_secret          text,
    previous_secret_until    timestamptz,
    types                    text[] not null,
    filters_events           boolean not null default false,   -- by private.webhook_events
    min_severity             text,
    template                 text,
    content_type             text not null default 'application/json',
    reading_interval_seconds double precision not null default 5,
    enabled                  boolean not null default true,
    disabled_reason          text,
    created_at               timestamptz not null default now(),
    created_by               int references private.users on delete set null,

    constraint "name must be 1 to 255 characters" check (name !~ '^\s|\s$' and length(name) between 1 and 255),
    constraint "url must be 1 to 2048 printable ASCII characters" check (url ~ '^[!-~]+$' and length(url) <= 2048),
    constraint "url must begin with http:// or https:// and name a host" check (
        url ~* '^https?://([^/?#@\\]*@)?([a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\.?|\[[0-9a-f:.]+\])(:[0-9]{1,5})?([/?#]|$)'),
    constraint "url must have a port from 1 to 65535"
        check (substring(url from '^[^/]*//[^/?#]*:([0-9]+)([/?#]|$)')::numeric between 1 and 65535),
    constraint "url must have no user name and no password in it" check (url !~ '^[^/]*//[^/?#]*@'),
    constraint "secret must be whsec_ and 24 to 64 bytes in base64" check (
        case when secret ~ '^whsec_([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$'
             then octet_length(decode(substr(secret, 7), 'base64')) between 24 and 64 else false end),
    constraint "types must name at least one type" check (cardinality(types) > 0),
    constraint "min_severity must be low, medium, high or critical"
        check (min_severity in ('low', 'medium', 'high', 'critical')),
    constraint "template must be 1 to 10000 characters" check (template ~ '\S' and length(template) <= 10000),
    constraint "content_type must be application/json or text/plain"
        check (content_type in ('application/json', 'text/plain')),
    constraint "content_type must be application/json without a template"
        check (template is not null or content_type = 'application/json'),
    constraint "reading_interval_seconds must be from 0.1 to 86400"
        check (reading_interval_seconds between 0.1 and 86400)
);
create index on private.webhooks (created_by);
alter table private.webhooks enable row level security;

create table private.webhook_events (
    webhook_id int references private.webhooks on delete cascade,
    event_id   int,
    primary key (webhook_id, event_id),
    constraint "event_ids must be numbers of events" foreign key (event_id) references private.events on delete cascade
);
create index on private.webhook_events (event_id);
alter table private.webhook_events enable row level security;

-- How a target answered lately. No row: it works. Apart from the webhook, because it changes by itself.
create table private.webhook_breakers (
    webhook_id int primary key references private.webhooks on delete cascade,
    failures   int not null,       -- consecutive
    retry_at   timestamptz         -- open until then, half-open since; null: closed
);
alter table private.webhook_breakers enable row level security;

-- When each event's last sensor.reading was measured that a webhook got.
create table private.webhook_readings (
    webhook_id int references private.webhooks on delete cascade,
    event_id   int references private.events on delete cascade,
    ts         timestamptz not null,
    primary key (webhook_id, event_id)
) with (fillfactor = 50);
create index on private.webhook_readings (event_id);
alter table private.webhook_readings enable row level security;

-- What webhooks were told of each experiment: its start and end may be entered before or after they happen.
create table private.experiment_steps (
    experiment_id int primary key references private.experiments on delete cascade,
    step          text not null check (step in ('started', 'stopped'))
);
alter table private.experiment_steps enable row level security;
insert into private.experiment_steps (experiment_id, step)
select id, case when stopped_at <= now() then 'stopped' else 'started' end
from private.experiments
where started_at <= now();

create table private.webhook_deliveries (
    id              bigint generated always as identity primary key,
    public_id       uuid not null default gen_random_uuid(),
    webhook_id      int not null references private.webhooks on delete cascade,
    type            text not null,
    content_type    text not null,
    body            text not null,
    state           text not null default 'queued'
                    check (state in ('queued', 'sending', 'failed', 'delivered', 'dead')),
    attempt         int not null default 0,
    last_attempt    int not null default 7,   -- that which is not repeated
    created_at      timestamptz not null default now(),
    expires_at      timestamptz not null default now() + interval '2 days',
    due_at          timestamptz default now(),   -- the next attempt; of one being sent, the end of its lease
    attempted_at    timestamptz,
    delivered_at    timestamptz,
    response_status int,
    response        text,
    error           text,
    constraint "what is finished is never due" check ((due_at is null) = (state in ('delivered', 'dead')))
);
-- what is finished is in neither, so that it costs nothing however much of it there is
create index webhook_deliveries_due on private.webhook_deliveries (webhook_id, due_at, id) where due_at is not null;
create index webhook_deliveries_sending on private.webhook_deliveries (webhook_id, due_at) where state = 'sending';
create index on private.webhook_deliveries (webhook_id, id);
create index on private.webhook_deliveries using brin (created_at);
alter table private.webhook_deliveries enable row level security;
