-- Limits on attempts to get in, which all sidecars share, and one-time secrets with which somebody sets a password.

-- How many attempts were made lately, of each kind and of each who made them or whom they were made on.
-- `level` sinks by itself as time goes by; db/login_limits.sql says how fast, and what follows from it.
create table private.login_limits (
    kind       text not null,
    subject    text not null,
    level      double precision not null,
    counted_at timestamptz not null,

    primary key (kind, subject),
    constraint "level must not be negative" check (level >= 0)
);
alter table private.login_limits enable row level security;

-- Where somebody has logged in from lately: attempts from there are counted apart.
create table private.familiar_addresses (
    user_id       int not null references private.users on delete cascade,
    network       inet not null,
    last_login_at timestamptz not null default now(),

    primary key (user_id, network)
);
alter table private.familiar_addresses enable row level security;

-- One open secret for each user; only its SHA-256 is kept, and the row goes when it is used.
create table private.password_resets (
    user_id     int primary key references private.users on delete cascade,
    secret_hash bytea not null unique,
    created_at  timestamptz not null default now(),
    expires_at  timestamptz not null,

    constraint "secret_hash must be a SHA-256" check (length(secret_hash) = 32),
    constraint "expires_at must be after created_at" check (expires_at > created_at)
);
alter table private.password_resets enable row level security;
