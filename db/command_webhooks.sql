-- Commands to webhooks: every state that a command comes to is an event command.<state>.

create function private.send_commands(ids bigint[]) returns void
    language plpgsql
    set search_path = ''
as $$
begin
    perform private.emit(array_agg('command.' || c.state order by c.id), array_agg(c.event_id order by c.id),
                         array_agg(null::text),
                         array_agg(coalesce(c.finished_at, c.sent_at, c.created_at) order by c.id),
                         array_agg(jsonb_build_object(
                             'command', c.public_id, 'event', e.name, 'event_public_id', e.public_id,
                             'value', c.value, 'unit', e.unit, 'state', c.state, 'reason', c.reason,
                             'requested_by', c.requested_by, 'value_read', c.value_read, 'error', c.error,
                             'expires_at', c.expires_at,
                             'message', format('%s to %s %s: %s', e.name, private.number_text(c.value), e.unit,
                                               replace(c.state, '_', ' '))) order by c.id))
    from private.commands c join private.events e on e.id = c.event_id
    where c.id = any (ids);
end
$$;
comment on function private.send_commands(bigint[]) is
    'These commands have come to another state: events for webhooks.';


create function private.send_new_commands() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    perform private.send_commands(array(select id from new_rows));
    return null;
end
$$;
create trigger send_new_commands after insert on private.commands referencing new table as new_rows
    for each statement execute function private.send_new_commands();


create function private.send_changed_commands() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    perform private.send_commands(array(
        select n.id from new_rows n join old_rows o using (id) where n.state <> o.state));
    return null;
end
$$;
create trigger send_changed_commands after update on private.commands
    referencing old table as old_rows new table as new_rows
    for each statement execute function private.send_changed_commands();
