-- Sessions: what a credential may do besides its role, where it began, and the refresh tokens of a session.

alter table private.credentials
    add column read_only     boolean not null default false,
    add column first_address inet,   -- from where, and with what, somebody logged in
    add column first_agent   text,
    add column renews        int unique references private.credentials on delete set null,

    add constraint "only a controller token renews another" check (renews is null or kind = 'controller_token'),
    add constraint "first_agent must be at most 300 characters" check (length(first_agent) <= 300);

comment on column private.credentials.renews is 'The token of the same controller that this one takes over from.';

-- Each refresh token of a session, used or not. Only its SHA-256 is kept. The successor is derived from the token
-- itself and `nonce`, so that who repeats it gets the same one and the database alone cannot tell it.
create table private.refresh_tokens (
    id            int generated always as identity primary key,
    credential_id int not null references private.credentials on delete cascade,
    hash          bytea not null unique,
    nonce         bytea,
    created_at    timestamptz not null default now(),
    used_at       timestamptz,

    constraint "hash must be a SHA-256" check (length(hash) = 32),
    constraint "a refresh token has a nonce once it was used" check ((used_at is null) = (nonce is null))
);
create index on private.refresh_tokens (credential_id);
alter table private.refresh_tokens enable row level security;
