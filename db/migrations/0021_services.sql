-- Local services: programs of this machine that sign a request and get a short token.

-- Which service it was issued to; null: a person made it.
alter table private.credentials
    add column service text,
    add constraint "only an API token is issued to a service" check (service is null or kind = 'api_token');

-- Signed requests that were used. The key is what refuses a replay.
create table private.service_nonces (
    service    text not null,
    nonce      text not null,
    expires_at timestamptz not null,

    primary key (service, nonce),
    constraint "nonce must be 16 to 64 characters" check (length(nonce) between 16 and 64)
);
alter table private.service_nonces enable row level security;
