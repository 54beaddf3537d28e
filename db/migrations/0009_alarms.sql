-- Alarms: one row from its raising until nothing is left to do, and a journal of every step.

create table private.alarms (
    id                   bigint generated always as identity primary key,
    public_id            uuid not null default gen_random_uuid() unique,
    rule_id              int references private.rules on delete set null,
    event_id             int references private.events on delete set null,
    name                 text not null,
    severity             text not null,
    latched              boolean not null,
    message              text not null,
    value                double precision,
    state                text not null default 'normal',   -- made normal: the first line of its journal raises it
    silenced_by          text,
    occurrences          int not null default 0,
    raised_at            timestamptz not null,   -- first
    last_raised_at       timestamptz not null,
    returned_at          timestamptz,            -- null: the condition holds
    unacknowledged_since timestamptz,            -- when people could first know of what nobody acknowledged yet
    acknowledged_at      timestamptz,
    acknowledged_by      text,
    changed_at           timestamptz not null default now(),

    constraint "severity must be low, medium, high or critical"
        check (severity in ('low', 'medium', 'high', 'critical')),
    constraint "state must be one of ISA-18.2" check (state in (
        'active_unacknowledged', 'active_acknowledged', 'returned_unacknowledged',
        'latched_unacknowledged', 'latched_acknowledged', 'normal')),
    constraint "only a latched alarm waits for its reset, and it always does"
        check (case when latched then state <> 'returned_unacknowledged' else state not like 'latched%' end),
    constraint "silenced_by must be shelved or suppressed" check (silenced_by in ('shelved', 'suppressed')),
    constraint "an alarm that is not open is not silenced"
        check (state <> 'normal' or occurrences = 0 or silenced_by is null),
    constraint "unacknowledged_since belongs to unacknowledged states"
        check ((unacknowledged_since is not null) = (state like '%unacknowledged')),
    -- looked at when a statement is done, so that one can close an alarm and raise the next
    constraint "a rule has at most one open alarm"
        exclude (rule_id with =) where (state <> 'normal') deferrable initially immediate
);
create index on private.alarms (rule_id);
create index on private.alarms (event_id);
create index on private.alarms (raised_at);
create index on private.alarms (severity) where state <> 'normal';
alter table private.alarms enable row level security;

-- Append-only. What alarms say follows from it, by trigger.
create table private.alarm_journal (
    id             bigint generated always as identity primary key,
    alarm_id       bigint not null references private.alarms on delete cascade,
    step           text not null,
    state          text not null,       -- after the step
    silent         boolean not null,    -- whether it was silenced then
    happened_at    timestamptz not null,
    recorded_at    timestamptz not null default clock_timestamp(),
    actor          text not null,
    user_id        int references private.users on delete set null,
    comment        text,
    value          double precision,
    message        text,
    shelved_until  timestamptz,
    waited_seconds double precision,    -- of acknowledged: since people could know

    constraint "comment must be 1 to 1000 characters" check (comment ~ '\S' and length(comment) <= 1000)
);
create index on private.alarm_journal (alarm_id, id);
create index on private.alarm_journal (user_id);
create index on private.alarm_journal (happened_at);
-- what the figures count
create index on private.alarm_journal (happened_at) include (alarm_id, silent) where step = 'raised';
create index on private.alarm_journal (happened_at) include (alarm_id, waited_seconds)
    where step = 'acknowledged' and not silent;
alter table private.alarm_journal enable row level security;

create table private.alarm_shelves (
    rule_id       int primary key references private.rules on delete cascade,
    shelved_until timestamptz not null,
    reason        text not null,
    shelved_by    text not null,
    shelved_at    timestamptz not null default now(),

    constraint "reason must be 1 to 1000 characters" check (reason ~ '\S' and length(reason) <= 1000)
);
alter table private.alarm_shelves enable row level security;

-- which experiments run
create index on private.experiments (stopped_at);
