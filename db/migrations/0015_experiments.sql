-- What belongs to an experiment besides measured values: parameters, notes and files.

alter table private.experiments
    add column parameters jsonb not null default '{}',
    add constraint "parameters must be an object" check (jsonb_typeof(parameters) = 'object'),
    add constraint "parameters must have at most 100000 characters" check (length(parameters::text) <= 100000);

create table private.experiment_notes (
    id            int generated always as identity primary key,
    experiment_id int not null references private.experiments on delete cascade,
    noted_at      timestamptz not null default now(),   -- the moment that it is about
    text          text not null,
    author        text not null,
    user_id       int references private.users on delete set null,
    created_at    timestamptz not null default now(),

    constraint "noted_at must be finite" check (isfinite(noted_at)),
    constraint "text must be 1 to 10000 characters" check (text ~ '\S' and length(text) <= 10000)
);
create index on private.experiment_notes (experiment_id, noted_at);
create index on private.experiment_notes (user_id);
alter table private.experiment_notes enable row level security;

create table private.experiment_files (
    id            int generated always as identity primary key,
    experiment_id int not null references private.experiments on delete cascade,
    name          text not null,
    media_type    text not null,
    size          int not null,
    sha256        text not null,
    author        text not null,
    user_id       int references private.users on delete set null,
    created_at    timestamptz not null default now(),

    constraint "name must be 1 to 255 characters" check (name !~ '^\s|\s$' and length(name) between 1 and 255),
    constraint "name must have no / and no \" check (name !~ '[/\\]' and name not in ('.', '..')),
    -- neither control characters nor those that turn the direction of writing, and make exe.txt of txt.exe
    constraint "name must have no control characters"
        check (name !~ '[\u0001-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]'),
    constraint "media_type must be a type and subtype, such as text/plain"
        check (media_type ~* '^[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*(; ?charset=[a-z0-9_-]+)?$'
               and length(media_type) <= 255)
);
create index on private.experiment_files (experiment_id);
create index on private.experiment_files (user_id);
alter table private.experiment_files enable row level security;

-- Apart, so that neither lists nor the audit log read the bytes.
create table private.experiment_file_bytes (
    file_id int primary key references private.experiment_files on delete cascade,
    bytes   bytea not null,

    constraint "a file must have at most 20 MiB" check (octet_length(bytes) <= 20971520)
);
-- most of what people attach is compressed already
alter table private.experiment_file_bytes alter column bytes set storage external;
alter table private.experiment_file_bytes enable row level security;

-- What PostgREST sends as it is, whatever media type is asked for.
create domain api."*/*" as bytea;
