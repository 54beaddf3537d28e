-- Bundles of updates: the software of controllers and of the server. Administrators alone see them; they come in by the
-- sidecar, which has verified each, and go out to controllers, which verify it again.

create view api.update_bundles with (security_invoker) as
    select id, product, version, counter, from_version, architecture, python, made_at, expires_at, changes, parts,
           signed_by, file_name, size, sha256, author, user_id, created_at,
           exists (select from private.updates u where u.bundle_id = b.id) as given
    from private.update_bundles b;
comment on view api.update_bundles is
    'Bundles of updates, uploaded by POST /ota/bundles/… of the sidecar. What was given to a controller stays.';
comment on column api.update_bundles.id is 'Number within this database.';
comment on column api.update_bundles.product is 'webmacs-controller or webmacs-server.';
comment on column api.update_bundles.version is 'Version; the same one never has other parts.';
comment on column api.update_bundles.counter is 'Rises with each release; a machine takes none below its last one.';
comment on column api.update_bundles.from_version is 'The lowest version that may go to this one in a step.';
comment on column api.update_bundles.architecture is 'Machines that it is for, such as x86_64; any: all.';
comment on column api.update_bundles.python is 'The Python that its wheels are for, such as 3.11.';
comment on column api.update_bundles.made_at is 'When its sources were changed last.';
comment on column api.update_bundles.expires_at is 'After that no machine takes it any more.';
comment on column api.update_bundles.changes is 'What is new, in its maker''s words.';
comment on column api.update_bundles.parts is 'Its wheels: an array of objects with name, size and sha256.';
comment on column api.update_bundles.signed_by is 'Identifiers of the keys that have signed it, as an array.';
comment on column api.update_bundles.file_name is 'How it was called.';
comment on column api.update_bundles.size is 'Bytes.';
comment on column api.update_bundles.sha256 is 'SHA-256 of the bytes, in hexadecimal.';
comment on column api.update_bundles.author is 'Name of who uploaded it, as it was then.';
comment on column api.update_bundles.user_id is 'Number of the user who uploaded it; null: a user who was deleted.';
comment on column api.update_bundles.created_at is 'When it was uploaded.';
comment on column api.update_bundles.given is 'Whether it was given to a machine; then it cannot be deleted.';

grant select, delete on private.update_bundles, api.update_bundles to webmacs_admin;
create policy "administrators read and delete" on private.update_bundles to webmacs_admin using (true);

create trigger stamp_author_name before insert on private.update_bundles
    for each row execute function private.stamp_author_name();

create function private.keep_given_bundle() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    if exists (select from private.updates u where u.bundle_id = old.id) then
        raise foreign_key_violation using
            message = format('%s %s was given to a machine, and stays for its history.',
                             private.in_one_line(old.product), private.in_one_line(old.version));
    end if;
    return old;
end
$$;
comment on function private.keep_given_bundle() is 'Before delete: says in words what the foreign key demands.';
create trigger keep_given_bundle before delete on private.update_bundles
    for each row execute function private.keep_given_bundle();


create function private.store_update_bundle(bundle jsonb, out bundle_id int, out is_new boolean)
    language plpgsql security definer
    set search_path = ''
as $$
declare
    wanted private.update_bundles := jsonb_populate_record(null::private.update_bundles, bundle);
begin
    if access.claims() ->> 'role' is distinct from 'webmacs_admin' then
        raise insufficient_privilege using message = 'Only administrators upload bundles.';
    end if;
    -- two who upload at once take turns
    perform pg_advisory_xact_lock(hashtext('private.store_update_bundle'));
    select b.id into bundle_id from private.update_bundles b where b.sha256 = wanted.sha256;
    is_new := bundle_id is null;
    if not is_new then
        return;
    end if;
    perform private.check_new_bundle(wanted);
    insert into private.update_bundles (product, version, counter, from_version, architecture, python, made_at,
                                        expires_at, changes, parts, content, signed_by, file_name, size, sha256)
    values (wanted.product, wanted.version, wanted.counter, wanted.from_version, wanted.architecture, wanted.python,
            wanted.made_at, wanted.expires_at, wanted.changes, wanted.parts, wanted.content, wanted.signed_by,
            wanted.file_name, wanted.size, wanted.sha256)
    returning id into bundle_id;
end
$$;
comment on function private.store_update_bundle(jsonb) is
    'What a verified bundle says of itself becomes a row; is_new: its pieces are to follow in this transaction.';
grant execute on function private.store_update_bundle(jsonb) to webmacs_sidecar;


create function private.check_new_bundle(wanted private.update_bundles) returns void
    language plpgsql
    set search_path = ''
as $$
declare
    same private.update_bundles;
begin
    select b.* into same from private.update_bundles b
    where (b.product, b.architecture, b.python) = (wanted.product, wanted.architecture, wanted.python)
      and (b.counter = wanted.counter or (b.version = wanted.version and b.content <> wanted.content))
    limit 1;
    if same.counter = wanted.counter then
        raise sqlstate 'PT409' using
            message = format('counter: %s is that of %s %s, which is stored.', same.counter,
                             private.in_one_line(same.product), private.in_one_line(same.version)),
            hint = 'The counter rises with each release.';
    elsif same.version = wanted.version then
        raise sqlstate 'PT409' using
            message = format('version: %s %s is stored with other parts.',
                             private.in_one_line(same.product), private.in_one_line(same.version)),
            hint = 'A version never changes: give the new release another one.';
    end if;
end
$$;
comment on function private.check_new_bundle(private.update_bundles) is
    'Refuses a counter that is taken, and a version that has other parts.';


create function private.store_update_bundle_piece(bundle_id int, number int, bytes bytea) returns void
    language sql security definer
    set search_path = ''
as $$
    insert into private.update_bundle_pieces values (bundle_id, number, bytes)
$$;
comment on function private.store_update_bundle_piece(int, int, bytea) is 'The next 1 MiB of a bundle.';
grant execute on function private.store_update_bundle_piece(int, int, bytea) to webmacs_sidecar;


create function private.update_bundle_row(bundle_id int) returns json
    language sql stable security definer
    set search_path = ''
as $$
    select to_json(b) from api.update_bundles b where b.id = bundle_id
$$;
comment on function private.update_bundle_row(int) is 'A bundle, as api.update_bundles has it.';
grant execute on function private.update_bundle_row(int) to webmacs_sidecar;


create function private.bundle_for_me(sha256 text) returns private.update_bundles
    language sql stable security definer
    set search_path = ''
as $$
    select b
    from private.updates u
    join private.update_bundles b on b.id = u.bundle_id
    where u.controller_id = access.controller_id() and b.sha256 = bundle_for_me.sha256
      and u.approved_at is not null and u.state in ('pending', 'downloading', 'verified', 'installing')
$$;
comment on function private.bundle_for_me(text) is
    'The bundle of this digest, if the controller that asks is to install it.';
grant execute on function private.bundle_for_me(text) to webmacs_sidecar;


create function private.update_bundle_piece(sha256 text, number int) returns bytea
    language sql stable security definer
    set search_path = ''
as $$
    select s.bytes
    from private.update_bundle_pieces s
    where s.bundle_id = (private.bundle_for_me(update_bundle_piece.sha256)).id
      and s.number = update_bundle_piece.number
$$;
comment on function private.update_bundle_piece(text, int) is
    'A piece of a bundle, from 0, if the controller that asks is to install it.';
grant execute on function private.update_bundle_piece(text, int) to webmacs_sidecar;
