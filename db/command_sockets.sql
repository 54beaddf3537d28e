-- How commands reach controllers: over the newest socket of each, pushed by the sidecar that holds it.
-- Sent at least once, carried out at most once: the controller knows by the id what it did before.

create function private.take_commands(controller_id int, socket uuid) returns void
    language sql security definer
    set search_path = ''
as $$
    update private.controllers c set socket_id = socket where c.id = controller_id
$$;
comment on function private.take_commands(int, uuid) is
    'From now on the commands of this controller go over this socket, and those under way are sent again over it.';
grant execute on function private.take_commands(int, uuid) to webmacs_sidecar;


create function private.leave_commands(controller_id int, socket uuid) returns void
    language sql security definer
    set search_path = ''
as $$
    with vacant as (
        update private.controllers c set socket_id = null where c.id = controller_id and c.socket_id = socket
        returning c.id
    )
    select pg_notify('webmacs_commands', id::text) from vacant
$$;
comment on function private.leave_commands(int, uuid) is
    'This socket is closed. If there is a newer one, nothing happens; if an older one is open still, that claims next.';
grant execute on function private.leave_commands(int, uuid) to webmacs_sidecar;


create function private.hold_socket(controller_id int, socket uuid) returns boolean
    language plpgsql
    set search_path = ''
as $$
begin
    -- two claims for one controller come one after the other
    perform from private.controllers c
    where c.id = hold_socket.controller_id and coalesce(c.socket_id, socket) = socket and c.enabled
    for no key update;
    if not found then
        return false;
    end if;
    update private.controllers c set socket_id = socket
    where c.id = hold_socket.controller_id and c.socket_id is null;
    return true;
end
$$;
comment on function private.hold_socket(int, uuid) is
    'Whether commands of this controller go over this socket: it is the newest, or nobody has claimed since that left.';


create function private.waiting_commands(controller_id int, socket uuid, again boolean) returns bigint[]
    language sql
    set search_path = ''
as $$
    select array(
        select c.id from private.commands c
        where c.state in ('queued', 'sent') and c.controller_id = waiting_commands.controller_id
          and clock_timestamp() between c.created_at - interval '10 seconds' and c.expires_at
          and (again or c.socket_id is distinct from socket)
          -- what a later command has overtaken is not sent again
          and not exists (select from private.commands n
                          where n.event_id = c.event_id and n.id > c.id
                            and (n.sent_at is not null or n.state = 'queued'))
        order by c.id
        for update)
$$;
comment on function private.waiting_commands(int, uuid, boolean) is
    'The commands of a controller that this socket has not had and that have no answer; again: whatever it has had.';


create function private.push_commands(command_ids bigint[], socket uuid) returns setof private.commands
    language sql
    set search_path = ''
as $$
    update private.commands c set state = 'sent', socket_id = socket
    where c.id = any (command_ids) and c.state in ('queued', 'sent')
      -- one that was sent before is not sent again while an interlock blocks: its answer is waited for
      and (c.state = 'queued' or not exists (
          select from private.judge_commands(array[c.event_id], array[c.value], clock_timestamp()) j
          where j.status is not null or j.controller_id is distinct from c.controller_id))
    returning c.*
$$;
comment on function private.push_commands(bigint[], uuid) is 'Those of these commands that now go over this socket.';


create function private.claim_commands(controller_id int, socket uuid, again boolean)
    returns table (public_id uuid, event_public_id uuid, instance text, channel text, value float8, ttl float8,
                   interlocks json)
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_column
declare
    waiting bigint[];
begin
    if not private.hold_socket(controller_id, socket) then
        return;
    end if;
    perform private.supersede_commands(array(
        select c.event_id from private.commands c
        where c.state = 'queued' and c.controller_id = claim_commands.controller_id));
    waiting := private.waiting_commands(controller_id, socket, again);
    perform private.refuse_commands(waiting);
    return query
        with pushed as materialized (
            select * from private.push_commands(waiting, socket)
        )
        select p.public_id, e.public_id, i.name, m.channel, p.value,
               least(extract(epoch from p.expires_at - clock_timestamp())::float8, f.seconds), coalesce(f.frames, '[]')
        from pushed p
        join private.events e on e.id = p.event_id
        join private.channel_mappings m on m.event_id = e.id
        join private.plugin_instances i on i.id = m.plugin_instance_id
        left join private.interlock_frames(claim_commands.controller_id, (select array_agg(event_id) from pushed)) f
            on f.event_id = p.event_id
        order by p.id;
end
$$;
comment on function private.claim_commands(int, uuid, boolean) is
    'What is to be pushed over this open socket now, if no newer one is: commands that wait, and those that were '
    'pushed over an older socket (again: over any) and have no answer yet. Checked once more: what may not be '
    'carried out any more has failed.';
grant execute on function private.claim_commands(int, uuid, boolean) to webmacs_sidecar;


create function private.finish_commands(
    controller_id int, public_ids uuid[], states text[], values_read float8[], errors text[]
)
    returns void
    language sql security definer
    set search_path = ''
as $$
    with said as (
        select distinct on (public_id) * from unnest(public_ids, states, values_read, errors)
            with ordinality as r (public_id, state, value_read, error, ordinal)
        order by public_id, ordinal desc
    ), meant as (
        select c.id, said.state, said.value_read, said.error
        from said join private.commands c using (public_id)
        where c.controller_id = finish_commands.controller_id and c.state in ('sent', 'outcome_unknown')
          and (c.state, c.value_read, c.error) is distinct from (said.state, said.value_read, said.error)
        order by c.id
        for update of c
    )
    update private.commands c set state = meant.state, value_read = meant.value_read, error = meant.error
    from meant where c.id = meant.id
$$;
comment on function private.finish_commands(int, uuid[], text[], float8[], text[]) is
    'What a controller says about commands that it was sent. Said again, of a finished command, of a stranger''s or an '
    'unknown one it changes nothing; after outcome_unknown the controller''s word counts.';
grant execute on function private.finish_commands(int, uuid[], text[], float8[], text[]) to webmacs_sidecar;


create function private.tick_commands(at timestamptz) returns void
    language plpgsql
    set search_path = ''
as $$
begin
    with late as (
        select c.id,
               case c.state when 'queued' then 'expired' else 'outcome_unknown' end as state,
               case when c.state = 'sent' then 'The controller did not answer in time.'
                    when k.connected_at is null then format('The controller %s is not connected.', k.name)
                    else 'It could not be carried out in time.' end as error
        from private.commands c left join private.controllers k on k.id = c.controller_id
        where c.state = 'queued' and c.expires_at <= at
           or c.state = 'sent' and c.expires_at <= at - interval '10 seconds'
           -- given in the future: the clock was set back, and nobody knows how old it is
           or c.state in ('queued', 'sent') and c.created_at > at + interval '10 seconds'
        order by c.id
        for update of c skip locked
    )
    update private.commands c set state = late.state, error = late.error
    from late where c.id = late.id;
end
$$;
comment on function private.tick_commands(timestamptz) is
    'What the clock alone does: queued commands expire, sent ones without an answer 10 s after their end are unknown.';


create function private.tick_set_points(at timestamptz) returns void
    language sql
    set search_path = ''
as $$
    select private.settle_commands()
$$;
comment on function private.tick_set_points(timestamptz) is
    'What could not be settled when it was commanded. A step of the clock by itself: whatever it meets, commands '
    'expire.';
