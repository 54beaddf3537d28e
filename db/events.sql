-- Events: channels of measurement and control. Everyone reads, administrators
-- manage. An event is archived, not deleted; rpc/purge_event removes it with its values.

create view api.events with (security_invoker) as
    select id, public_id, name, event_type, unit, min_value, max_value, area, description, archived_at, created_at
    from private.events;
comment on view api.events is 'Channels of measurement and control.';
comment on column api.events.id is 'Number by which datapoints and others refer to it.';
comment on column api.events.public_id is 'Identifier to the outside, as in the frames of the WebSockets.';
comment on column api.events.name is 'Unique name.';
comment on column api.events.event_type is 'sensor, actuator, range, cmd_button, cmd_opened or cmd_closed.';
comment on column api.events.unit is 'Unit of its values, as UCUM or the plant writes it.';
comment on column api.events.min_value is 'Lower end of its usual range, in its unit.';
comment on column api.events.max_value is 'Upper end of its usual range, in its unit.';
comment on column api.events.area is 'Part of the plant, by which pages group.';
comment on column api.events.description is 'What is measured, where and how.';
comment on column api.events.archived_at is 'Since when it takes no more values; null: it does.';
comment on column api.events.created_at is 'When it was made.';

grant select (id, public_id, name, event_type, unit, min_value, max_value, area, description, archived_at, created_at)
    on private.events to webmacs_viewer, webmacs_controller;
grant insert (name, event_type, unit, min_value, max_value, area, description, archived_at),
      update (name, event_type, unit, min_value, max_value, area, description, archived_at)
    on private.events, api.events to webmacs_admin;
grant select on api.events to webmacs_viewer, webmacs_controller;

create policy "everyone reads" on private.events for select to webmacs_viewer, webmacs_controller using (true);
create policy "administrators manage" on private.events to webmacs_admin using (true) with check (true);

create trigger stamp_author before insert on private.events
    for each row execute function private.stamp_author();


create function private.announce_events() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    notify webmacs_events;
    return null;
end
$$;
comment on function private.announce_events() is 'After a change of events: caches of identifiers are dropped.';
create trigger announce_events after update or delete on private.events
    for each statement execute function private.announce_events();


create function api.purge_event(event_id int) returns bigint
    language plpgsql security definer
    set search_path = ''
as $$
declare
    removed bigint;
begin
    if not exists (select from private.events e where e.id = purge_event.event_id) then
        raise sqlstate 'PT404' using message = format('There is no event %s.', purge_event.event_id);
    end if;
    -- first the event, so that nothing is ingested for it meanwhile
    delete from private.events e where e.id = purge_event.event_id;
    delete from private.datapoints d where d.event_id = purge_event.event_id;
    get diagnostics removed = row_count;
    -- what is just computed from its values must be there to be removed
    perform pg_advisory_xact_lock(hashtext('private.compute_rollups'));
    delete from private.rollup_minutes r where r.event_id = purge_event.event_id;
    delete from private.rollup_hours r where r.event_id = purge_event.event_id;
    delete from private.rollup_days r where r.event_id = purge_event.event_id;
    delete from private.rollup_dirty r where r.event_id = purge_event.event_id;
    insert into private.audit_log (actor, role, table_name, operation, row_id, old)
    values (access.actor(), coalesce(access.claims() ->> 'role', session_user), 'datapoints', 'purge',
            purge_event.event_id::text, jsonb_build_object('datapoints', removed));
    return removed;
end
$$;
comment on function api.purge_event(int) is
    'Removes an event with all its values, for ever. Returns how many values there were.';
grant execute on function api.purge_event(int) to webmacs_admin;


create function private.event_ids(public_ids uuid[]) returns table (public_id uuid, id int)
    language sql stable security definer
    set search_path = ''
as $$
    select e.public_id, e.id from private.events e where e.public_id = any (public_ids)
$$;
comment on function private.event_ids(uuid[]) is 'The numbers of these events; no row for what is not known.';
grant execute on function private.event_ids(uuid[]) to webmacs_sidecar;
