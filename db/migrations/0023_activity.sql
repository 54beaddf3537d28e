-- Activity: who was there, from where and with what; logins that failed; the audit log searched, sealed, and cut.

alter table private.credentials
    add column last_used_address inet,
    add column last_used_agent   text,
    add constraint "last_used_agent must be at most 300 characters" check (length(last_used_agent) <= 300);

alter table private.controllers
    add column last_seen_address inet,
    add column last_seen_agent   text,
    add constraint "last_seen_agent must be at most 300 characters" check (length(last_seen_agent) <= 300);

-- Never what was typed: where it is nobody's name, it may be somebody's password.
create table private.login_failures (
    id        bigint generated always as identity primary key,
    failed_at timestamptz not null default now(),
    user_id   int references private.users on delete cascade,
    address   inet,
    agent     text,
    reason    text not null,

    constraint "agent must be at most 300 characters" check (length(agent) <= 300),
    constraint "reason: wrong_password, unknown_user, not_approved or disabled" check (
        reason in ('wrong_password', 'unknown_user', 'not_approved', 'disabled')),
    constraint "only an unknown user has no user_id" check ((user_id is null) = (reason = 'unknown_user'))
);
create index on private.login_failures (user_id, failed_at);
create index on private.login_failures (failed_at);
alter table private.login_failures enable row level security;

-- The audit log by person; by time, table and row there are indexes.
create index on private.audit_log (actor, changed_at);

-- The seals of the audit log: each of some of its rows, and of the seal before. db/audit_seals.sql says how.
create table private.audit_seals (
    id         bigint primary key,
    sealed_at  timestamptz not null,
    entries    int8multirange not null,   -- numbers of the rows
    row_hashes bytea not null,            -- the SHA-256 of each, in the order of their numbers
    settled_to bigint not null,           -- no other row up to this number will ever be sealed
    chain_hash bytea not null,            -- of all this, and of the seal before

    constraint "chain_hash must be a SHA-256" check (length(chain_hash) = 32)
);
create index on private.audit_seals (upper(entries));
create index on private.audit_seals (sealed_at);
alter table private.audit_seals enable row level security;
-- hashes cannot be compressed, and of a long value PostgreSQL would try
alter table private.audit_seals alter column row_hashes set storage external;

-- What was removed by age: up to which seal, and its hash, so that the rest verifies. One row for each time.
create table private.audit_cuts (
    seal_id    bigint primary key,
    cut_at     timestamptz not null default now(),
    chain_hash bytea not null,
    settled_to bigint not null,
    entries    bigint not null
);
alter table private.audit_cuts enable row level security;

-- Which transactions that may have written rows up to `upto` were open when that was looked up.
create table private.audit_writers (
    only_row boolean primary key default true check (only_row),
    upto     bigint not null default 0,
    open     text[] not null default '{}'
);
insert into private.audit_writers default values;
alter table private.audit_writers enable row level security;

alter table private.settings
    add column audit_days int,
    add constraint "audit_days must be positive" check (audit_days > 0);
comment on column private.settings.audit_days is 'How many days the audit log is kept; null: for ever.';
