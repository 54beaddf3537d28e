-- The bytes of plugin packages: in by the sidecar, which has looked into the wheel, out to controllers that are to have
-- it. In pieces of 1 MiB, so that nobody has to hold all of them.

create function private.store_plugin_package(package jsonb, out package_id int, out is_new boolean)
    language plpgsql security definer
    set search_path = ''
as $$
begin
    if access.claims() ->> 'role' is distinct from 'webmacs_admin' then
        raise insufficient_privilege using message = 'Only administrators upload packages.';
    end if;
    insert into private.plugin_packages as p (name, version, file_name, size, sha256, summary, requires_python,
                                              requires, plugins, signature, signed_by)
    select w.name, w.version, w.file_name, w.size, w.sha256, w.summary, w.requires_python, w.requires, w.plugins,
           w.signature, w.signed_by
    from jsonb_to_record(package) as w (name text, version text, file_name text, size int, sha256 text, summary text,
                                        requires_python text, requires jsonb, plugins jsonb, signature text,
                                        signed_by text)
    on conflict (name, version) do update
        -- the same once more, which may be signed now
        set signature = coalesce(excluded.signature, p.signature), signed_by = coalesce(excluded.signed_by, p.signed_by)
        where p.sha256 = excluded.sha256
    returning p.id into package_id;
    if package_id is null then
        raise sqlstate 'PT409' using
            message = format('%s %s is stored with other bytes.', private.in_one_line(package ->> 'name'),
                             private.in_one_line(package ->> 'version')),
            hint = 'A version never changes: give the new wheel another one.';
    end if;
    is_new := not exists (select from private.plugin_package_pieces s
                          where s.package_id = store_plugin_package.package_id);
end
$$;
comment on function private.store_plugin_package(jsonb) is
    'What a wheel says of itself becomes a row; is_new: its pieces are to follow in this transaction.';
grant execute on function private.store_plugin_package(jsonb) to webmacs_sidecar;


create function private.store_plugin_package_piece(package_id int, number int, bytes bytea) returns void
    language sql security definer
    set search_path = ''
as $$
    insert into private.plugin_package_pieces values (package_id, number, bytes)
$$;
comment on function private.store_plugin_package_piece(int, int, bytea) is 'The next 1 MiB of a package.';
grant execute on function private.store_plugin_package_piece(int, int, bytea) to webmacs_sidecar;


create function private.plugin_package_row(package_id int) returns json
    language sql stable security definer
    set search_path = ''
as $$
    select to_json(p) from api.plugin_packages p where p.id = package_id
$$;
comment on function private.plugin_package_row(int) is 'A package, as api.plugin_packages has it.';
grant execute on function private.plugin_package_row(int) to webmacs_sidecar;


create function private.package_for_me(sha256 text) returns private.plugin_packages
    language sql stable security definer
    set search_path = ''
as $$
    select p
    from private.plugin_package_assignments a
    join private.plugin_packages p on p.id = a.package_id
    where a.controller_id = access.controller_id() and p.sha256 = package_for_me.sha256
$$;
comment on function private.package_for_me(text) is
    'The package of this digest, if the controller that asks is to have it.';
grant execute on function private.package_for_me(text) to webmacs_sidecar;


create function private.plugin_package_piece(sha256 text, number int) returns bytea
    language sql stable security definer
    set search_path = ''
as $$
    select s.bytes
    from private.plugin_package_pieces s
    where s.package_id = (private.package_for_me(plugin_package_piece.sha256)).id
      and s.number = plugin_package_piece.number
$$;
comment on function private.plugin_package_piece(text, int) is
    'A piece of a package, from 0, if the controller that asks is to have it.';
grant execute on function private.plugin_package_piece(text, int) to webmacs_sidecar;
