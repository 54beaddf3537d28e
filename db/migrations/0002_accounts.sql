-- People, the keys that sign their tokens, and one row for every token in use.

create type api.role as enum ('controller', 'viewer', 'operator', 'admin');
comment on type api.role is 'What a token may do; each of viewer, operator, admin includes the one before.';

create type api.account_state as enum (
    'pending',   -- registered, waits for an administrator
    'active',
    'disabled'
);

create type api.credential_kind as enum (
    'session',           -- a login
    'api_token',         -- a program acting for a user
    'controller_token'   -- a controller
);

create table private.users (
    id            int generated always as identity primary key,
    public_id     uuid not null default gen_random_uuid() unique,
    username      text not null,
    email         text,
    role          api.role not null default 'viewer',
    state         api.account_state not null default 'active',
    password_hash text,
    created_at    timestamptz not null default now(),

    constraint "username must be 2 to 50 letters, digits, dots, - or _" check (username ~ '^[A-Za-z0-9._-]{2,50}$'),
    constraint "email must be an address of at most 254 characters"
        check (email ~ '^[^@[:space:]]+@[^@[:space:]]+$' and length(email) <= 254),
    constraint "role must be viewer, operator or admin" check (role <> 'controller')
);
create unique index "username is taken" on private.users (lower(username));
create unique index "email is taken" on private.users (lower(email));
alter table private.users enable row level security;

create table private.signing_keys (
    kid        text primary key check (kid <> ''),
    created_at timestamptz not null default now(),
    retired_at timestamptz
);
alter table private.signing_keys enable row level security;

create table private.controllers (
    id           int generated always as identity primary key,
    public_id    uuid not null default gen_random_uuid() unique,
    name         text not null unique,
    description  text,
    enabled      boolean not null default true,
    software     text,
    connected_at timestamptz,
    last_seen_at timestamptz,
    created_at   timestamptz not null default now(),

    constraint "name must be 1 to 255 characters" check (name = btrim(name) and length(name) between 1 and 255)
);
alter table private.controllers enable row level security;

create table private.credentials (
    id            int generated always as identity primary key,
    jti           uuid not null default gen_random_uuid() unique,
    kind          api.credential_kind not null,
    user_id       int references private.users on delete cascade,
    controller_id int references private.controllers on delete cascade,
    role          api.role not null,
    name          text,
    kid           text not null references private.signing_keys,
    created_at    timestamptz not null default now(),
    expires_at    timestamptz not null,
    revoked_at    timestamptz,
    last_used_at  timestamptz,

    constraint "expires_at must be after created_at" check (expires_at > created_at),
    constraint "a controller token belongs to a controller, others to a user" check (
        (kind = 'controller_token') = (controller_id is not null)
        and (kind = 'controller_token') = (user_id is null)
        and (kind = 'controller_token') = (role = 'controller')),
    constraint "a token that is not a session must have a name" check (kind = 'session' or btrim(name) <> '')
);
create index on private.credentials (user_id);
create index on private.credentials (controller_id);
create index on private.credentials (kid);
alter table private.credentials enable row level security;
