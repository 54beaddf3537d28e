-- Plugin packages: wheels that an administrator has uploaded, and which controllers are to have them.

create table private.plugin_packages (
    id              int generated always as identity primary key,
    name            text not null,
    version         text not null,
    file_name       text not null,
    size            int not null,
    sha256          text not null,
    summary         text not null,
    requires_python text not null,
    requires        jsonb not null,
    plugins         jsonb not null,
    signature       text,
    signed_by       text,
    author          text not null,
    user_id         int references private.users on delete set null,
    created_at      timestamptz not null default now(),

    constraint "there is this version of the package with other bytes" unique (name, version),
    constraint "this wheel is another package" unique (sha256),
    constraint "an assignment names the package" unique (id, name),
    constraint "name must be 1 to 200 characters" check (name ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(name) <= 200),
    constraint "sha256 must be 64 hexadecimal digits" check (sha256 ~ '^[0-9a-f]{64}$'),
    constraint "size must be more than 0" check (size > 0),
    constraint "a signature is that of a key" check ((signature is null) = (signed_by is null))
);
create index on private.plugin_packages (user_id);
alter table private.plugin_packages enable row level security;

-- Apart, so that neither lists nor the audit log read the bytes; in pieces, so that nobody holds all of them in memory.
create table private.plugin_package_pieces (
    package_id int references private.plugin_packages on delete cascade,
    number     int,     -- from 0; each but the last has 1 MiB
    bytes      bytea not null,

    primary key (package_id, number),
    constraint "a piece has at most 1 MiB" check (octet_length(bytes) between 1 and 1048576)
);
-- a wheel is compressed already
alter table private.plugin_package_pieces alter column bytes set storage external;
alter table private.plugin_package_pieces enable row level security;

create table private.plugin_package_assignments (
    id            int generated always as identity primary key,
    controller_id int not null references private.controllers on delete cascade,
    package_id    int not null,
    name          text not null,
    state         text not null default 'pending',
    detail        text,
    reported_at   timestamptz,
    created_at    timestamptz not null default now(),

    constraint "the package is assigned to a controller" foreign key (package_id, name)
        references private.plugin_packages (id, name),
    constraint "a controller has one version of a package" unique (controller_id, name),
    constraint "state must be pending, installing, installed or failed"
        check (state in ('pending', 'installing', 'installed', 'failed'))
);
create index on private.plugin_package_assignments (package_id, name);
alter table private.plugin_package_assignments enable row level security;
