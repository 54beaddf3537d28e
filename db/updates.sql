-- Updates: which controller is to have which bundle, and the life of that. Administrators ask for one; where
-- settings.ota_second_person says so, another of them has to approve it. The controller does it, and reports.

create view api.updates with (security_invoker) as
    select id, controller_id, bundle_id, state, detail, received, author, user_id, approved_by, approved_at,
           roll_back_by, roll_back_at, withdrawn_by, created_at, changed_at, finished_at
    from private.updates;
comment on view api.updates is
    'What was to be installed on which controller, or on the server, and what became of it. Never deleted.';
comment on column api.updates.id is 'Number; of two updates of a controller the later one has the greater.';
comment on column api.updates.controller_id is
    'Number of the controller, which has one update under way at most; null: the server itself.';
comment on column api.updates.bundle_id is 'Number of the bundle: of the product webmacs-controller, or -server.';
comment on column api.updates.state is
    'pending; downloading; verified; installing; probation (the new version has to prove itself); completed; failed; '
    'rolled_back (the version before runs again).';
comment on column api.updates.detail is 'Why it failed or was rolled back, in words.';
comment on column api.updates.received is 'Bytes that the machine has of the bundle.';
comment on column api.updates.author is 'Who asked for it, by name.';
comment on column api.updates.user_id is 'Number of that user; null: a user who was deleted.';
comment on column api.updates.approved_by is 'Who approved it; where nobody else has to, who asked for it.';
comment on column api.updates.approved_at is 'When; before that the machine is told nothing.';
comment on column api.updates.roll_back_by is 'Who wants the version before back, after it was completed.';
comment on column api.updates.roll_back_at is 'Since when.';
comment on column api.updates.withdrawn_by is 'Who withdrew it before it was installed; it counts as failed.';
comment on column api.updates.created_at is 'When it was asked for.';
comment on column api.updates.changed_at is 'When the state last changed.';
comment on column api.updates.finished_at is 'When it was completed, failed or rolled back.';

grant select on private.updates, api.updates to webmacs_admin;
grant insert (controller_id, bundle_id) on private.updates, api.updates to webmacs_admin;
create policy "administrators read and insert" on private.updates to webmacs_admin using (true) with check (true);


create view api.update_steps with (security_invoker) as
    select id, update_id, state, detail, at from private.update_steps;
comment on view api.update_steps is 'Each step of each update, with its time.';
comment on column api.update_steps.id is 'Number; steps are in this order.';
comment on column api.update_steps.update_id is 'Number of the update.';
comment on column api.update_steps.state is 'The state that it came to.';
comment on column api.update_steps.detail is 'In words, where there is something to say.';
comment on column api.update_steps.at is 'When.';

grant select on private.update_steps, api.update_steps to webmacs_admin;
create policy "administrators read" on private.update_steps to webmacs_admin using (true);


-- the life of an update -----------------------------------------------------------

create function private.begin_update() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
declare
    bundle private.update_bundles;
begin
    select b.* into bundle from private.update_bundles b where b.id = new.bundle_id;
    if new.bundle_id is null then
        return new;  -- the table refuses that
    elsif bundle.id is null then
        raise foreign_key_violation using message = format('bundle_id: there is no bundle %s.', new.bundle_id);
    elsif bundle.product <>
          (case when new.controller_id is null then 'webmacs-server' else 'webmacs-controller' end) then
        raise sqlstate 'PT400' using
            message = format('bundle_id: it is of %s, not of %s.', private.in_one_line(bundle.product),
                             case when new.controller_id is null then 'the server' else 'a controller' end);
    elsif new.controller_id is null and (select s.server_version is null from private.settings s) then
        raise sqlstate 'PT400' using
            message = 'controller_id: this server is not set up to be updated by a bundle.',
            hint = 'docs/updates.md says how: "The server itself".';
    elsif bundle.expires_at <= now() then
        raise sqlstate 'PT400' using
            message = format('bundle_id: its time was over at %s.', to_char(bundle.expires_at, 'YYYY-MM-DD HH24:MI')),
            hint = 'No machine would take it. Ask its maker for a newer one.';
    elsif not exists (select from private.controllers c where c.id = new.controller_id)
          and new.controller_id is not null then
        raise foreign_key_violation using
            message = format('controller_id: there is no controller %s.', new.controller_id);
    end if;
    new.user_id := access.user_id();
    new.author := access.actor();
    if not (select s.ota_second_person from private.settings s) then
        new.approved_by := new.author;
        new.approver_id := new.user_id;
        new.approved_at := now();
    end if;
    return new;
end
$$;
comment on function private.begin_update() is
    'Before insert: a bundle for that machine, whose time is not over. Whoever asks approves it, if that is enough.';
create trigger begin_update before insert on private.updates
    for each row execute function private.begin_update();


create function private.advance_update() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    if tg_op = 'INSERT' and new.state <> 'pending' then
        raise sqlstate 'PT409' using message = 'A new update is pending.';
    elsif tg_op = 'INSERT' then
        return new;
    elsif new.state <> old.state and not exists (
            select from private.update_transitions t
            where (t.from_state, t.to_state) = (old.state, new.state)) then
        raise sqlstate 'PT409' using message = format('An update that is %s cannot become %s.', old.state, new.state);
    elsif (new.controller_id, new.bundle_id) is distinct from (old.controller_id, old.bundle_id) then
        raise sqlstate 'PT409' using message = 'What an update installs, and where, cannot change.';
    end if;
    if new.state <> old.state then
        new.changed_at := clock_timestamp();
        new.finished_at := case when new.state in ('completed', 'failed', 'rolled_back') then clock_timestamp() end;
    end if;
    return new;
end
$$;
comment on function private.advance_update() is 'Before a change: only steps of an update''s life, each with its time.';
create trigger advance_update before insert or update on private.updates
    for each row execute function private.advance_update();


create function private.note_update_steps() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    if tg_op = 'INSERT' then
        insert into private.update_steps (update_id, state, detail)
        select n.id, n.state, n.detail from new_rows n order by n.id;
    else
        insert into private.update_steps (update_id, state, detail)
        select n.id, n.state, n.detail from new_rows n join old_rows o using (id)
        where n.state <> o.state order by n.id;
    end if;
    return null;
end
$$;
comment on function private.note_update_steps() is 'After a change: each new state is a step.';
create trigger note_inserted after insert on private.updates
    referencing new table as new_rows for each statement execute function private.note_update_steps();
create trigger note_updated after update on private.updates
    referencing old table as old_rows new table as new_rows
    for each statement execute function private.note_update_steps();


create function private.announce_updates() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    perform private.announce_changes('ota', array(select id from changed_rows order by id));
    return null;
end
$$;
comment on function private.announce_updates() is 'After a change: its numbers to the live stream, progress too.';
create trigger announce_new_updates after insert on private.updates referencing new table as changed_rows
    for each statement execute function private.announce_updates();
create trigger announce_changed_updates after update on private.updates referencing new table as changed_rows
    for each statement execute function private.announce_updates();


create function private.live_updates(ids bigint[]) returns setof json
    language sql stable security definer
    set search_path = ''
as $$
    select to_json(u) from api.updates u where u.id = any (ids) order by u.id
$$;
comment on function private.live_updates(bigint[]) is 'These updates as api.updates has them, for the live stream.';
grant execute on function private.live_updates(bigint[]) to webmacs_sidecar;


create function private.version_updates() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    if tg_op = 'INSERT' then
        perform private.raise_config_version(array(
            select distinct n.controller_id from new_rows n where n.approved_at is not null));
    else
        perform private.raise_config_version(array(
            select distinct n.controller_id from new_rows n join old_rows o using (id)
            where (n.approved_at, n.roll_back_at) is distinct from (o.approved_at, o.roll_back_at)
               or (n.state = 'failed' and o.state in ('pending', 'downloading', 'verified'))));
    end if;
    return null;
end
$$;
comment on function private.version_updates() is
    'After a change: a controller is told of what is approved, to be rolled back, or withdrawn.';
create trigger version_inserted after insert on private.updates
    referencing new table as new_rows for each statement execute function private.version_updates();
create trigger version_updated after update on private.updates
    referencing old table as old_rows new table as new_rows
    for each statement execute function private.version_updates();


-- what controllers report --------------------------------------------------------

create function private.steps_to(from_state text, to_state text) returns text[]
    language sql stable
    set search_path = ''
as $$
    with recursive walked (state, path) as (
        select from_state, '{}'::text[]
        union all
        select t.to_state, w.path || t.to_state
        from walked w
        join private.update_transitions t on t.from_state = w.state
        where w.state <> steps_to.to_state
    )
    select path from walked where state = steps_to.to_state order by cardinality(path) limit 1
$$;
comment on function private.steps_to(text, text) is
    'The shortest way from one state of an update to another; null: there is none.';


create function private.report_update(controller_id int, said jsonb) returns void
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_column
declare
    known private.updates;
    step  text;
    ways  text[];
begin
    if said is null or said = 'null' then
        return;
    elsif jsonb_typeof(said) <> 'object' or said ->> 'id' !~ '^[0-9]{1,9}$' then
        raise sqlstate 'PT400' using message = 'update must be an object with id, state, detail and received.';
    end if;
    select u.* into known from private.updates u
    where u.id = (said ->> 'id')::int and u.controller_id is not distinct from report_update.controller_id
    for no key update;
    -- a way there is none for: it was withdrawn meanwhile, or is over
    ways := private.steps_to(known.state, said ->> 'state');
    if known.id is null or ways is null or (known.approved_at is null and ways <> '{}') then
        return;
    end if;
    foreach step in array ways loop
        update private.updates u
        set state = step,
            detail = case when step = said ->> 'state' then left(said ->> 'detail', 1000) end
        where u.id = known.id;
    end loop;
    if ways = '{}' and known.state in ('downloading', 'verified', 'installing', 'probation') then
        -- why it takes so long, as when the server could not be reached
        update private.updates u set detail = nullif(left(said ->> 'detail', 1000), '')
        where u.id = known.id and u.detail is distinct from nullif(left(said ->> 'detail', 1000), '');
    end if;
    if said ->> 'received' ~ '^[0-9]{1,15}$' then
        update private.updates u set received = (said ->> 'received')::bigint
        where u.id = known.id and u.received <> (said ->> 'received')::bigint;
    end if;
end
$$;
comment on function private.report_update(int, jsonb) is
    'What a controller, or the server (null), says of its update. Steps between, of which the report was lost, are '
    'taken; what cannot come about from where it is changes nothing. Null: it does not say.';
grant execute on function private.report_update(int, jsonb) to webmacs_sidecar;
