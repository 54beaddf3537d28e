-- Controllers: edge PCs that measure. Everyone reads, administrators manage;
-- a controller sees itself.

create view api.controllers with (security_invoker) as
    select id, public_id, name, description, enabled, software, connected_at, last_seen_at, created_at,
           host(last_seen_address) as last_seen_address, last_seen_agent,
           coalesce((select v.version from private.configurations v where v.controller_id = c.id), 1) as config_version,
           told_version, told_at
    from private.controllers c;
comment on view api.controllers is 'Edge PCs that measure and drive.';
comment on column api.controllers.id is 'Number within this database.';
comment on column api.controllers.public_id is 'Identifier to the outside; `sub` of its token.';
comment on column api.controllers.name is 'Unique name.';
comment on column api.controllers.description is 'What and where it is.';
comment on column api.controllers.enabled is 'A disabled controller''s token is refused.';
comment on column api.controllers.software is 'Name and version that it reported.';
comment on column api.controllers.connected_at is 'Since when it has been connected; null: it is not.';
comment on column api.controllers.last_seen_at is 'When it last connected, disconnected or was known to be there.';
comment on column api.controllers.created_at is 'When it was made known.';
comment on column api.controllers.last_seen_address is 'From which address it last connected, or null.';
comment on column api.controllers.last_seen_agent is 'With which program, as that calls itself, or null.';
comment on column api.controllers.config_version is
    'Version of the configuration that it is to have: instances, channels, interlocks, packages.';
comment on column api.controllers.told_version is
    'The version that it was told last; null: none yet. What it refuses of it: plugin_instances.setting_error.';
comment on column api.controllers.told_at is 'When it was told that.';

grant select on private.controllers, api.controllers to webmacs_viewer, webmacs_controller;
grant insert (name, description, enabled), update (name, description, enabled), delete
    on private.controllers, api.controllers to webmacs_admin;

grant select (controller_id, version) on private.configurations to webmacs_viewer, webmacs_controller;

create policy "people read" on private.controllers for select to webmacs_viewer using (true);
create policy "a controller reads itself" on private.controllers for select to webmacs_controller
    using (id = (select access.controller_id()));
create policy "administrators do everything" on private.controllers to webmacs_admin using (true) with check (true);
create policy "people read" on private.configurations for select to webmacs_viewer using (true);
create policy "a controller reads its own" on private.configurations for select to webmacs_controller
    using (controller_id = (select access.controller_id()));

-- the columns that each connection changes are no revocation
create trigger announce_revocation after update of enabled on private.controllers
    for each statement execute function private.announce_revocation();
create trigger announce_revocation_on_delete after delete on private.controllers
    for each statement execute function private.announce_revocation();


create function private.issue_controller_token(
    controller_name text,
    kid             text,
    seconds         int,
    out jti         uuid,
    out sub         uuid,
    out role        text,
    out issued_at   timestamptz,
    out expires_at  timestamptz
)
    language sql security definer
    set search_path = ''
as $$
    insert into private.controllers (name) values (controller_name) on conflict (name) do nothing;
    with issued as (
        insert into private.credentials (kind, controller_id, role, name, kid, expires_at)
        select 'controller_token', c.id, 'controller', c.name, issue_controller_token.kid,
               now() + seconds * interval '1 second'
        from private.controllers c where c.name = controller_name
        returning *
    )
    select i.jti, c.public_id, 'webmacs_controller', i.created_at, i.expires_at
    from issued i join private.controllers c on c.id = i.controller_id;
$$;
comment on function private.issue_controller_token(text, text, int) is
    'The claims of a token for the controller of this name, which is made if there is none.';
grant execute on function private.issue_controller_token(text, text, int) to webmacs_sidecar;


create function private.issue_token_for_controller(
    controller_public_id uuid,
    kid                  text,
    seconds              int,
    out jti              uuid,
    out sub              uuid,
    out role             text,
    out issued_at        timestamptz,
    out expires_at       timestamptz
)
    language plpgsql security definer
    set search_path = ''
as $$
declare
    controller private.controllers;
begin
    if access.claims() ->> 'role' is distinct from 'webmacs_admin' then
        raise insufficient_privilege using message = 'Only administrators make tokens of controllers.';
    end if;
    select * into controller from private.controllers c where c.public_id = controller_public_id;
    if controller.id is null then
        raise sqlstate 'PT404' using message = 'There is no such controller.';
    end if;
    select t.* into jti, sub, role, issued_at, expires_at
    from private.issue_controller_token(controller.name, issue_token_for_controller.kid, seconds) t;
end
$$;
comment on function private.issue_token_for_controller(uuid, text, int) is
    'The claims of another token for a controller, for an administrator.';
grant execute on function private.issue_token_for_controller(uuid, text, int) to webmacs_sidecar;
