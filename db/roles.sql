-- The roles of the cluster, the schemas and the migrators' bookkeeping.
--
-- Run first at every migration, as the administrator (superuser, or a role with
-- CREATEROLE that may create in this database); all else runs as webmacs_owner.
-- May be repeated. Passwords are set by `webmacs migrate`, never here.

do $roles$
declare
    wanted record;
begin
    for wanted in
        select * from (values
            -- owns every object; nobody logs in as it
            ('webmacs_owner',         'nologin noinherit'),
            -- what a request may do, one role each
            ('webmacs_anon',          'nologin noinherit'),
            ('webmacs_viewer',        'nologin inherit'),
            ('webmacs_operator',      'nologin inherit'),
            ('webmacs_admin',         'nologin inherit'),
            ('webmacs_controller',    'nologin noinherit'),
            -- the programs that log in
            ('webmacs_authenticator', 'login noinherit'),
            ('webmacs_sidecar',       'login noinherit'),
            ('webmacs_reader',        'login inherit')
        ) as roles (name, attributes)
    loop
        if not exists (select from pg_roles where rolname = wanted.name) then
            execute format('create role %I %s', wanted.name, wanted.attributes);
        end if;
    end loop;
end
$roles$;

grant webmacs_viewer   to webmacs_operator, webmacs_reader;
grant webmacs_operator to webmacs_admin;

grant webmacs_anon, webmacs_viewer, webmacs_operator, webmacs_admin, webmacs_controller
   to webmacs_authenticator, webmacs_sidecar;

-- PostgREST applies the settings of the role that a request takes.
alter role webmacs_anon       set statement_timeout = '2s';
alter role webmacs_viewer     set statement_timeout = '10s';
alter role webmacs_operator   set statement_timeout = '10s';
alter role webmacs_controller set statement_timeout = '10s';
alter role webmacs_admin      set statement_timeout = '60s';
alter role webmacs_reader     set statement_timeout = '5min';
alter role webmacs_reader     set default_transaction_read_only = on;
alter role webmacs_sidecar    set statement_timeout = '30s';
alter role webmacs_sidecar    set idle_in_transaction_session_timeout = '30s';

-- Statements are short, and compiling one takes longer than any of them.
alter role webmacs_authenticator set jit = off;
alter role webmacs_sidecar       set jit = off;

-- A time without a zone is UTC, and answers are in UTC, whatever the server or the database prefers.
alter role webmacs_authenticator set timezone = 'UTC';
alter role webmacs_sidecar       set timezone = 'UTC';

do $database$
begin
    execute format('revoke all on database %I from public', current_database());
    execute format('grant connect on database %I to webmacs_authenticator, webmacs_sidecar, webmacs_reader',
                   current_database());
    -- measured values wait for whoever holds their event or one of its rules: nobody does so and goes for coffee
    execute format('alter database %I set idle_in_transaction_session_timeout = ''30s''', current_database());
    -- a superuser may become the owner anyway; another administrator must be its member
    if not (select rolsuper from pg_roles where rolname = current_user) then
        execute format('grant webmacs_owner to %I', current_user);
    end if;
end
$database$;

revoke create on schema public from public;

create schema if not exists private authorization webmacs_owner;
create schema if not exists access  authorization webmacs_owner;
create schema if not exists api     authorization webmacs_owner;
comment on schema api is 'The REST API of WebMACS: everything PostgREST exposes.';
comment on schema access is 'Who is asking: claim accessors and the check before each request.';
comment on schema private is 'Tables and internals. Nobody but the owner has rights here unless granted.';

create table if not exists private.migrations (
    name       text primary key,
    sha256     text not null,
    applied_at timestamptz not null default now()
);
alter table private.migrations owner to webmacs_owner;
alter table private.migrations enable row level security;
comment on table private.migrations is
    'One row for each file of db/ that was applied, with the SHA-256 of its bytes.';

-- Functions are executable by nobody until granted.
alter default privileges for role webmacs_owner revoke execute on functions from public;
