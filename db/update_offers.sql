-- Newer bundles at the configured source. The sidecar looks there and says what it found; an administrator has one
-- fetched, which then goes the way of an upload. Administrators alone see any of it.

create view api.update_source with (security_invoker) as
    select source, checked_at, problem from private.update_source;
comment on view api.update_source is 'Where newer bundles are looked for, as [ota] source says; one row, or none yet.';
comment on column api.update_source.source is 'A folder or an address; empty: none is set.';
comment on column api.update_source.checked_at is 'When somebody looked there last.';
comment on column api.update_source.problem is 'Why that failed, in words.';

grant select on private.update_source, api.update_source to webmacs_admin;
create policy "administrators read" on private.update_source for select to webmacs_admin using (true);


create view api.update_offers with (security_invoker) as
    select id, file_name, product, version, architecture, size, sha256, notes,
           -- whoever fetches it says so every few seconds
           case when state = 'fetching' and changed_at < now() - interval '2 minutes' then 'failed' else state end
               as state,
           received, detail, found_at
    from private.update_offers o
    where not exists (
        select from private.update_bundles b
        where b.sha256 = o.sha256 or (b.file_name, b.size) = (o.file_name, o.size)
           or ((b.product, b.architecture) = (o.product, o.architecture) and b.release >= o.release));
comment on view api.update_offers is
    'Bundles at the configured source that are newer than those stored here. What stands here of them is what their '
    'names say; they are verified when they have been fetched.';
comment on column api.update_offers.id is 'Number within this database.';
comment on column api.update_offers.file_name is 'How the file is called there.';
comment on column api.update_offers.product is 'As its name says; null: that does not say.';
comment on column api.update_offers.version is 'As its name says; null: that does not say.';
comment on column api.update_offers.architecture is 'As its name says; null: that does not say.';
comment on column api.update_offers.size is 'Bytes, as the source says; null: it does not.';
comment on column api.update_offers.sha256 is 'SHA-256, as the source says; null: it does not.';
comment on column api.update_offers.notes is 'What the source says of the release.';
comment on column api.update_offers.state is 'offered; fetching; failed: fetch it again, which goes on where it was.';
comment on column api.update_offers.received is 'Bytes that have arrived.';
comment on column api.update_offers.detail is 'Why it failed, in words.';
comment on column api.update_offers.found_at is 'When it was found.';

grant select on private.update_offers, api.update_offers to webmacs_admin;
create policy "administrators read" on private.update_offers for select to webmacs_admin using (true);


-- looking ------------------------------------------------------------------------

create function private.begin_update_check(source text, pause interval) returns boolean
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_column
begin
    delete from private.update_offers
    where exists (select from private.update_source s where s.source <> begin_update_check.source);
    insert into private.update_source as s (source, begun_at) values (begin_update_check.source, now())
    on conflict (only_row) do update
        set source = excluded.source, begun_at = now(),
            checked_at = case when s.source = excluded.source then s.checked_at end,
            problem = case when s.source = excluded.source then s.problem end
        where s.source <> excluded.source or s.begun_at <= now() - pause;
    return found;
end
$$;
comment on function private.begin_update_check(text, interval) is
    'Whether to look at the source now: nobody has within this time. Of another source nothing is known any more.';
grant execute on function private.begin_update_check(text, interval) to webmacs_sidecar;


create function private.end_update_check(problem text, offers jsonb) returns void
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_column
declare
    named constant text := '^(webmacs-controller|webmacs-server)-([0-9][0-9A-Za-z.!+]{0,49})-([A-Za-z0-9_]+)[.]update$';
    fresh private.update_offers;
begin
    update private.update_source set checked_at = now(), problem = left(end_update_check.problem, 1000);
    if problem is not null then
        return;
    end if;
    delete from private.update_offers o
    where o.state <> 'fetching'
      and o.address not in (select f.address from jsonb_to_recordset(offers) as f (address text));
    for fresh in
        insert into private.update_offers as o
            (address, file_name, product, version, architecture, size, sha256, notes)
        select f.address, f.file_name, said[1], said[2], said[3], f.size, f.sha256, left(coalesce(f.notes, ''), 20000)
        from jsonb_to_recordset(offers) as f (address text, file_name text, size bigint, sha256 text, notes text)
        left join lateral regexp_match(f.file_name, named) as said on true
        on conflict (address) do update
            set file_name = excluded.file_name, product = excluded.product, version = excluded.version,
                architecture = excluded.architecture, size = excluded.size,
                sha256 = coalesce(excluded.sha256, case when o.size = excluded.size then o.sha256 end),
                notes = excluded.notes
            where o.state <> 'fetching'
        returning o.*
    loop
        if fresh.found_at = now() and exists (select from api.update_offers o where o.id = fresh.id) then
            perform private.write_log('info', format('A newer bundle is offered: %s.', fresh.file_name), 'updates');
        end if;
    end loop;
end
$$;
comment on function private.end_update_check(text, jsonb) is
    'What was found at the source: objects with address, file_name, size, sha256, notes; or why nothing could be.';
grant execute on function private.end_update_check(text, jsonb) to webmacs_sidecar;


create function private.update_check() returns json
    language sql stable security definer
    set search_path = ''
as $$
    select json_build_object(
        'source', s.source, 'checked_at', s.checked_at, 'problem', s.problem,
        'offers', (select coalesce(json_agg(o order by o.id), '[]') from api.update_offers o))
    from private.update_source s
$$;
comment on function private.update_check() is 'The source, how the last look at it went, and what is newer there.';
grant execute on function private.update_check() to webmacs_sidecar;


-- fetching -----------------------------------------------------------------------

create function private.begin_update_fetch(offer_id int) returns private.update_offers
    language plpgsql security definer
    set search_path = ''
as $$
declare
    wanted private.update_offers;
begin
    if access.claims() ->> 'role' is distinct from 'webmacs_admin' then
        raise insufficient_privilege using message = 'Only administrators fetch bundles.';
    end if;
    perform from private.update_offers o where o.id = offer_id for no key update;
    if (select o.state from api.update_offers o where o.id = offer_id) is null then
        raise sqlstate 'PT404' using message = 'There is no such offer any more.';
    elsif (select o.state from api.update_offers o where o.id = offer_id) = 'fetching' then
        raise sqlstate 'PT409' using message = 'It is being fetched already.';
    end if;
    update private.update_offers o
    set state = 'fetching', received = 0, detail = null, changed_at = clock_timestamp()
    where o.id = offer_id
    returning o.* into wanted;
    return wanted;
end
$$;
comment on function private.begin_update_fetch(int) is 'What is to be fetched from where; nobody else does meanwhile.';
grant execute on function private.begin_update_fetch(int) to webmacs_sidecar;


create function private.note_update_fetch(offer_id int, received bigint) returns void
    language sql security definer
    set search_path = ''
as $$
    update private.update_offers o set received = note_update_fetch.received, changed_at = clock_timestamp()
    where o.id = offer_id
$$;
comment on function private.note_update_fetch(int, bigint) is 'How many bytes have arrived; it goes on.';
grant execute on function private.note_update_fetch(int, bigint) to webmacs_sidecar;


create function private.end_update_fetch(offer_id int, problem text, sha256 text) returns void
    language sql security definer
    set search_path = ''
as $$
    update private.update_offers o
    set state = case when problem is null then 'offered' else 'failed' end,
        detail = left(problem, 1000), sha256 = coalesce(end_update_fetch.sha256, o.sha256),
        changed_at = clock_timestamp()
    where o.id = offer_id
$$;
comment on function private.end_update_fetch(int, text, text) is
    'It is stored, as what it turned out to be; or why it is not.';
grant execute on function private.end_update_fetch(int, text, text) to webmacs_sidecar;
