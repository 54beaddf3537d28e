-- Logging in by identity providers (OpenID Connect): whose subject is which account, logins under way, one-time codes.

-- Whether the address was entered by an administrator or verified by a provider, and not only claimed by its user.
alter table private.users add column email_confirmed boolean not null default false;

create table private.identities (
    id         int generated always as identity primary key,
    user_id    int not null references private.users on delete cascade,
    issuer     text not null,
    subject    text not null,
    created_at timestamptz not null default now(),

    constraint "issuer and subject are linked to an account already" unique (issuer, subject)
);
create index on private.identities (user_id);
alter table private.identities enable row level security;

-- A browser that was sent to a provider and is not back yet. What is only compared is kept as its SHA-256.
create table private.sso_logins (
    id           bigint generated always as identity primary key,
    provider     text not null,
    state_hash   bytea not null unique,
    browser_hash bytea not null,
    nonce_hash   bytea not null,
    verifier     text not null,
    next         text not null,
    expires_at   timestamptz not null
);
alter table private.sso_logins enable row level security;

-- What a browser that is back exchanges for a session.
create table private.sso_codes (
    id           bigint generated always as identity primary key,
    code_hash    bytea not null unique,
    browser_hash bytea not null,
    user_id      int not null references private.users on delete cascade,
    expires_at   timestamptz not null
);
create index on private.sso_codes (user_id);
alter table private.sso_codes enable row level security;
