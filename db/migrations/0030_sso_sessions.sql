-- Sessions that came by an identity provider, and what the provider is asked with whether they may go on.

-- A code lives for a minute. It is of the identity by which its browser has come.
delete from private.sso_codes;
alter table private.sso_codes
    drop column user_id,
    add column identity_id   int not null references private.identities on delete cascade,
    add column provider      text not null,
    add column refresh_token text;
create index on private.sso_codes (identity_id);

create table private.sso_sessions (
    credential_id   int primary key references private.credentials on delete cascade,
    identity_id     int not null references private.identities on delete cascade,
    provider        text not null,         -- its name in the configuration
    refresh_token   text,                  -- the provider's newest; null: it gave none
    asked_at        timestamptz not null default now(),
    confirmed_until timestamptz not null   -- the session goes no further unless the provider says yes again
);
create index on private.sso_sessions (identity_id);
alter table private.sso_sessions enable row level security;
