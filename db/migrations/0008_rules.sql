-- Rules: what is watched, what is done then, and how far each rule has come.

create table private.rules (
    id                int generated always as identity primary key,
    public_id         uuid not null default gen_random_uuid() unique,
    name              text not null unique,
    event_id          int not null constraint "event_id must name an event" references private.events on delete cascade,
    kind              text not null default 'threshold',
    operator          text,
    threshold         double precision,
    threshold_high    double precision,
    deadband          double precision not null default 0,
    window_seconds    double precision,
    timeout_seconds   double precision,
    on_delay_seconds  double precision not null default 0,
    off_delay_seconds double precision not null default 0,
    cooldown_seconds  double precision not null default 60,
    severity          text not null default 'medium',
    latched           boolean not null default false,
    suppressed_by     text,
    message           text,
    enabled           boolean not null default true,
    created_at        timestamptz not null default now(),
    created_by        int references private.users on delete set null,

    constraint "name must be 1 to 255 characters" check (name !~ '^\s|\s$' and length(name) between 1 and 255),
    constraint "kind must be threshold, rate or no_data" check (kind in ('threshold', 'rate', 'no_data')),
    constraint "operator must be gt, lt, gte, lte, eq, between or not_between"
        check (operator in ('gt', 'lt', 'gte', 'lte', 'eq', 'between', 'not_between')),
    constraint "operator and threshold must be given, but not for no_data"
        check ((kind = 'no_data') = (operator is null) and (kind = 'no_data') = (threshold is null)),
    constraint "threshold_high must be given for between and not_between alone"
        check ((threshold_high is not null) = coalesce(operator in ('between', 'not_between'), false)),
    -- so that threshold and deadband together do not leave the range of numbers
    constraint "threshold and threshold_high must be from -1e300 to 1e300"
        check (threshold between -1e300 and 1e300 and threshold_high between -1e300 and 1e300),
    constraint "threshold_high must not be less than threshold" check (threshold_high >= threshold),
    constraint "deadband must be from 0 to 1e300" check (deadband between 0 and 1e300),
    constraint "deadband must be at most half of the range of not_between"
        check (operator <> 'not_between' or 2 * deadband <= threshold_high - threshold),
    constraint "window_seconds must be given for rate, and for it alone"
        check ((window_seconds is not null) = (kind = 'rate')),
    constraint "window_seconds must be from 0.001 to 86400" check (window_seconds between 0.001 and 86400),
    constraint "timeout_seconds must be given for no_data, and for it alone"
        check ((timeout_seconds is not null) = (kind = 'no_data')),
    constraint "timeout_seconds must be from 0.1 to 31536000" check (timeout_seconds between 0.1 and 31536000),
    constraint "on_delay_seconds must be from 0 to 86400" check (on_delay_seconds between 0 and 86400),
    constraint "off_delay_seconds must be from 0 to 86400" check (off_delay_seconds between 0 and 86400),
    constraint "cooldown_seconds must be from 0 to 31536000" check (cooldown_seconds between 0 and 31536000),
    constraint "severity must be low, medium, high or critical" check (severity in ('low', 'medium', 'high', 'critical')),
    constraint "suppressed_by must be 1 to 100 characters"
        check (suppressed_by !~ '^\s|\s$' and length(suppressed_by) between 1 and 100),
    constraint "message must be 1 to 500 characters" check (message ~ '\S' and length(message) <= 500)
);
create index on private.rules (event_id);
create index on private.rules (created_by);
alter table private.rules enable row level security;

create table private.rule_actions (
    id           int generated always as identity primary key,
    public_id    uuid not null default gen_random_uuid() unique,
    rule_id      int not null constraint "rule_id must name a rule" references private.rules on delete cascade,
    kind         text not null,
    webhook_type text,
    event_id     int constraint "event_id must name an event that can be set" references private.events on delete set null,
    value        double precision,

    constraint "kind must be log, alarm, webhook or set_value" check (kind in ('log', 'alarm', 'webhook', 'set_value')),
    constraint "webhook_type must be given for webhook, and for it alone"
        check ((webhook_type is not null) = (kind = 'webhook')),
    constraint "webhook_type is sensor.threshold_exceeded or sensor.reading"
        check (webhook_type in ('sensor.threshold_exceeded', 'sensor.reading')),
    constraint "event_id must be given for set_value alone" check (event_id is null or kind = 'set_value'),
    constraint "value must be given for set_value, and for it alone" check ((value is not null) = (kind = 'set_value')),
    constraint "value must be finite" check (value not in ('NaN', 'Infinity', '-Infinity'))
);
create index on private.rule_actions (rule_id);
create index on private.rule_actions (event_id);
create unique index "a rule writes one log entry" on private.rule_actions (rule_id) where kind = 'log';
create unique index "a rule raises one alarm" on private.rule_actions (rule_id) where kind = 'alarm';
create unique index "a rule sends a webhook type once" on private.rule_actions (rule_id, webhook_type) where kind = 'webhook';
create unique index "a rule sets an event once" on private.rule_actions (rule_id, event_id) where kind = 'set_value';
alter table private.rule_actions enable row level security;

-- Written only when something changes. Times are the measurement's, but reset_at and failed_at.
create table private.rule_states (
    rule_id       int primary key references private.rules on delete cascade,
    reset_at      timestamptz not null default now(),
    signal        boolean not null default false,   -- whether the condition holds
    signal_since  timestamptz,
    signal_value  double precision,                 -- with which it began
    active        boolean not null default false,   -- the signal after its delays
    active_since  timestamptz,
    active_value  double precision,                 -- of the signal that made it active
    fired         boolean not null default false,   -- since it is active: not yet while it cools down
    last_fired_at timestamptz,
    due_at        timestamptz,                      -- when the clock alone will change something
    failure       text,                             -- why it could not be evaluated the last time
    failed_at     timestamptz
) with (fillfactor = 50);
alter table private.rule_states enable row level security;

-- Points that were older than the newest of their event: no rule saw them when they came.
create table private.late_points (
    event_id        int primary key references private.events on delete cascade,
    points          bigint not null,
    from_ts         timestamptz not null,
    to_ts           timestamptz not null,
    last_arrived_at timestamptz not null default now()
);
alter table private.late_points enable row level security;

-- Late points, now that no more of them come, and what each rule would have made of them is to be reported.
create table private.backlogs (
    rule_id int primary key references private.rules on delete cascade,
    points  bigint not null,
    from_ts timestamptz not null,
    to_ts   timestamptz not null
);
alter table private.backlogs enable row level security;

-- Points of one batch in the order of arrival, on their way through the rules.
create type private.arrived as (
    event_ids  int[],
    qualities  smallint[],
    timestamps timestamptz[],
    "values"   double precision[],
    ordinals   int[],
    befores    timestamptz[],   -- the newest point of the event before it; null: none
    befores_at timestamptz[],   -- when that was received; null: in this batch
    in_order   boolean[]        -- whether it is newer than that; else it is late
);

-- The clock of an event goes on from its newest point: by its time-stamp, and since it was received.
alter table private.latest add column received_at timestamptz not null default now();
update private.latest set received_at = ts;
