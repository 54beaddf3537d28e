-- Commands: what somebody wants an actuator to be, how far that has come, and what has to hold meanwhile.

create table private.interlocks (
    id              int generated always as identity primary key,
    public_id       uuid not null default gen_random_uuid() unique,
    event_id        int not null,
    source_event_id int,   -- null: it was purged, and the interlock blocks
    operator        text not null,
    threshold       double precision not null,
    threshold_high  double precision,
    max_age_seconds double precision not null,
    description     text,
    enabled         boolean not null default true,
    created_at      timestamptz not null default now(),
    created_by      int references private.users on delete set null,

    constraint "event_id must name an event" foreign key (event_id) references private.events on delete cascade,
    constraint "source_event_id must name an event"
        foreign key (source_event_id) references private.events on delete set null,
    constraint "operator must be gt, lt, gte, lte, eq, between or not_between"
        check (operator in ('gt', 'lt', 'gte', 'lte', 'eq', 'between', 'not_between')),
    constraint "threshold_high must be given for between and not_between alone"
        check ((threshold_high is not null) = (operator in ('between', 'not_between'))),
    constraint "threshold and threshold_high must be from -1e300 to 1e300"
        check (threshold between -1e300 and 1e300 and threshold_high between -1e300 and 1e300),
    constraint "threshold_high must not be less than threshold" check (threshold_high >= threshold),
    constraint "max_age_seconds must be from 0.1 to 86400" check (max_age_seconds between 0.1 and 86400),
    constraint "description must be 1 to 500 characters"
        check (description !~ '^\s|\s$' and length(description) between 1 and 500)
);
create index on private.interlocks (event_id);
create index on private.interlocks (source_event_id);
create index on private.interlocks (created_by);
alter table private.interlocks enable row level security;

create table private.commands (
    id            bigint generated always as identity primary key,   -- a later command has the greater one
    public_id     uuid not null default gen_random_uuid(),
    event_id      int not null references private.events on delete cascade,
    controller_id int references private.controllers on delete set null,   -- null: the value is only stored
    value         double precision not null,
    reason        text,
    requested_by  text not null,
    user_id       int references private.users on delete set null,
    rule_id       int references private.rules on delete set null,
    state         text not null default 'queued',
    created_at    timestamptz not null default clock_timestamp(),
    expires_at    timestamptz not null,
    sent_at       timestamptz,
    finished_at   timestamptz,
    value_read    double precision,
    error         text,
    socket_id     uuid,   -- over which it was pushed last

    constraint "public_id is taken by another command" unique (public_id),
    constraint "value must be finite" check (value not in ('NaN', 'Infinity', '-Infinity')),
    constraint "reason must be 1 to 500 characters" check (reason ~ '\S' and length(reason) <= 500),
    constraint "state must be one of the states of a command" check (state in
        ('queued', 'sent', 'done', 'failed', 'expired', 'superseded', 'outcome_unknown')),
    constraint "expires_at must be 1 to 3600 seconds after created_at"
        check (expires_at between created_at + interval '1 second' and created_at + interval '3600 seconds'),
    constraint "a command that was sent has sent_at"
        check (case state when 'queued' then sent_at is null
                          when 'superseded' then sent_at is null
                          when 'sent' then sent_at is not null
                          when 'outcome_unknown' then sent_at is not null else true end),
    constraint "a finished command has finished_at"
        check ((state in ('queued', 'sent')) = (finished_at is null)),
    constraint "value_read must be finite" check (value_read not in ('NaN', 'Infinity', '-Infinity')),
    constraint "error must have at most 1000 characters" check (length(error) <= 1000)
);
create index on private.commands (event_id, id);
create index on private.commands (controller_id);
create index on private.commands (user_id);
create index on private.commands (rule_id);
create index on private.commands (created_at);
create index commands_unfinished on private.commands (id) where state in ('queued', 'sent');
alter table private.commands enable row level security;

-- The newest socket on which the controller said hello: commands go over this one alone.
alter table private.controllers add column socket_id uuid;
