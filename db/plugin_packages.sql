-- Plugin packages: code that controllers run. Administrators alone see them, say which controller is to have which, and
-- upload them, by the sidecar, which has looked into each; a controller is told of its own at the welcome.

create view api.plugin_packages with (security_invoker) as
    select id, name, version, file_name, size, sha256, summary, requires_python, requires, plugins, signed_by, author,
           user_id, created_at
    from private.plugin_packages;
comment on view api.plugin_packages is
    'Wheels with plugins, uploaded by POST /plugins/packages of the sidecar. What is assigned is not deleted.';
comment on column api.plugin_packages.id is 'Number within this database.';
comment on column api.plugin_packages.name is 'Name of the package, in its normal form.';
comment on column api.plugin_packages.version is 'Version; the same one never has other bytes.';
comment on column api.plugin_packages.file_name is 'Name of the wheel, with Python and machine that it is for.';
comment on column api.plugin_packages.size is 'Bytes.';
comment on column api.plugin_packages.sha256 is 'SHA-256 of the bytes, in hexadecimal.';
comment on column api.plugin_packages.summary is 'What it is, as it says itself.';
comment on column api.plugin_packages.requires_python is 'Versions of Python that it needs; empty: any.';
comment on column api.plugin_packages.requires is
    'What has to be installed on a controller besides, as an array of PEP 508.';
comment on column api.plugin_packages.plugins is 'Identifiers of its plugins, as an array.';
comment on column api.plugin_packages.signed_by is 'Which of the trusted keys has signed it; null: none.';
comment on column api.plugin_packages.author is 'Name of who uploaded it, as it was then.';
comment on column api.plugin_packages.user_id is 'Number of the user who uploaded it; null: a user who was deleted.';
comment on column api.plugin_packages.created_at is 'When it was uploaded.';

grant select on private.plugin_packages, api.plugin_packages to webmacs_admin;
grant delete on private.plugin_packages, api.plugin_packages to webmacs_admin;
create policy "administrators read and delete" on private.plugin_packages to webmacs_admin using (true);

create trigger stamp_author_name before insert on private.plugin_packages
    for each row execute function private.stamp_author_name();


create view api.plugin_package_assignments with (security_invoker) as
    select id, controller_id, package_id, name, state, detail, reported_at, created_at
    from private.plugin_package_assignments;
comment on view api.plugin_package_assignments is
    'Which controller is to have which package, and what has become of it. Removed, the controller removes it, too.';
comment on column api.plugin_package_assignments.id is 'Number within this database.';
comment on column api.plugin_package_assignments.controller_id is 'Number of the controller.';
comment on column api.plugin_package_assignments.package_id is
    'Number of the package; changed to that of another version, the controller replaces it.';
comment on column api.plugin_package_assignments.name is
    'Name of the package, of which a controller has one version.';
comment on column api.plugin_package_assignments.state is
    'pending, installing, installed or failed, as the controller reported. While a newer version is not installed, the '
    'one before goes on.';
comment on column api.plugin_package_assignments.detail is 'Why it failed, in words.';
comment on column api.plugin_package_assignments.reported_at is 'When the state last changed.';
comment on column api.plugin_package_assignments.created_at is 'When it was assigned.';

grant select, delete on private.plugin_package_assignments, api.plugin_package_assignments to webmacs_admin;
grant insert (controller_id, package_id), update (controller_id, package_id)
    on private.plugin_package_assignments, api.plugin_package_assignments to webmacs_admin;
create policy "administrators do everything" on private.plugin_package_assignments
    to webmacs_admin using (true) with check (true);


create function private.name_assignment() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    new.name := (select p.name from private.plugin_packages p where p.id = new.package_id);
    if new.name is null and new.package_id is not null then
        raise foreign_key_violation using message = format('package_id: there is no package %s.', new.package_id);
    end if;
    new.state := 'pending';
    new.detail := null;
    new.reported_at := null;
    return new;
end
$$;
comment on function private.name_assignment() is
    'Before insert or change: the name is that of the package, and nothing is known of it yet.';
create trigger name_assignment before insert or update of controller_id, package_id
    on private.plugin_package_assignments for each row execute function private.name_assignment();


create function private.version_packages() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
declare
    controller_ids int[];
begin
    if tg_op = 'INSERT' then
        controller_ids := array(select controller_id from new_rows);
    elsif tg_op = 'DELETE' then
        controller_ids := array(select controller_id from old_rows);
    else
        controller_ids := array(
            select unnest(array[o.controller_id, n.controller_id])
            from old_rows o join new_rows n using (id)
            where (o.controller_id, o.package_id) is distinct from (n.controller_id, n.package_id));
    end if;
    perform private.raise_config_version(controller_ids);
    return null;
end
$$;
comment on function private.version_packages() is 'After a change of assignments: their controllers are told.';
create trigger version_inserted after insert on private.plugin_package_assignments
    referencing new table as new_rows for each statement execute function private.version_packages();
create trigger version_updated after update on private.plugin_package_assignments
    referencing old table as old_rows new table as new_rows
    for each statement execute function private.version_packages();
create trigger version_deleted after delete on private.plugin_package_assignments
    referencing old table as old_rows for each statement execute function private.version_packages();


create function private.report_packages(controller_id int, packages jsonb) returns void
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_column
begin
    packages := nullif(packages, 'null');
    perform private.check_list(packages, 'packages', '{name, version, state, detail}');
    update private.plugin_package_assignments a
    set state = r.state, detail = left(r.detail, 1000), reported_at = now()
    from private.plugin_packages p,
         jsonb_to_recordset(packages) as r (name text, version text, state text, detail text)
    where a.controller_id = report_packages.controller_id and p.id = a.package_id
      and r.name = p.name and r.version = p.version
      and (a.state, a.detail) is distinct from (r.state, left(r.detail, 1000));
end
$$;
comment on function private.report_packages(int, jsonb) is
    'What has become of the packages of a controller; those that it does not name stay as they are, and what is not '
    'assigned to it is passed over. Null: it does not say.';
grant execute on function private.report_packages(int, jsonb) to webmacs_sidecar;


create function private.version_signatures() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    perform private.raise_config_version(array(
        select a.controller_id
        from old_rows o
        join new_rows n using (id)
        join private.plugin_package_assignments a on a.package_id = n.id
        where o.signature is distinct from n.signature));
    return null;
end
$$;
comment on function private.version_signatures() is
    'After a package was signed: the controllers that are to have it are told.';
create trigger version_signatures after update on private.plugin_packages
    referencing old table as old_rows new table as new_rows
    for each statement execute function private.version_signatures();
