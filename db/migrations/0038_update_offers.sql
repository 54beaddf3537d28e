-- Newer bundles at the configured source, before they are fetched: what was found there, and how the last look went.

-- The numbers of a version, to compare it with another; what follows them (rc1, .dev2) does not count.
alter table private.update_bundles add column release int[] generated always as
    (string_to_array(substring(version from '^[0-9]{1,9}(?:[.][0-9]{1,9})*'), '.')::int[]) stored;

create table private.update_source (
    only_row   boolean primary key default true check (only_row),
    source     text not null,          -- as the configuration names it; '': none
    begun_at   timestamptz not null,   -- of several sidecars one looks
    checked_at timestamptz,
    problem    text
);
alter table private.update_source enable row level security;

-- What is said of a bundle there; nothing of it is verified before it was fetched.
create table private.update_offers (
    id           int generated always as identity primary key,
    address      text not null,
    file_name    text not null,
    product      text,
    version      text,
    architecture text,
    size         bigint,
    sha256       text,
    notes        text not null default '',
    state        text not null default 'offered',
    received     bigint not null default 0,
    detail       text,
    found_at     timestamptz not null default now(),
    changed_at   timestamptz not null default now(),
    release      int[] generated always as
                     (string_to_array(substring(version from '^[0-9]{1,9}(?:[.][0-9]{1,9})*'), '.')::int[]) stored,

    constraint "address is offered already" unique (address),
    constraint "state must be offered, fetching or failed" check (state in ('offered', 'fetching', 'failed'))
);
alter table private.update_offers enable row level security;
