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
    update private.controllers c set socket_id = null where c.id = controller_id and c.socket_id = socket
$$;
comment on function private.leave_commands(int, uuid) is
    'This socket is closed. If there is a newer one, nothing happens.';
grant execute on function private.leave_commands(int, uuid) to webmacs_sidecar;


create function private.interlock_frames(event_ids int[]) returns table (event_id int, frames json)
    language sql stable
    set search_path = ''
as $$
    select i.event_id, json_agg(json_build_object(
               'event_public_id', s.public_id, 'operator', i.operator, 'threshold', i.threshold,
               'threshold_high', i.threshold_high, 'max_age', i.max_age_seconds) order by i.id)
    from private.interlocks i join private.events s on s.id = i.source_event_id
    where i.event_id = any (event_ids) and i.enabled
    group by i.event_id
$$;
comment on function private.interlock_frames(int[]) is 'The interlocks of each event, as its controller is told them.';


create function private.claim_commands(controller_id int, socket uuid, again boolean)
    returns table (public_id uuid, event_public_id uuid, value float8, ttl float8, interlocks json)
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_column
declare
    waiting bigint[];
begin
    -- two claims for one controller come one after the other
    perform from private.controllers c
    where c.id = claim_commands.controller_id and c.socket_id = socket and c.enabled
    for no key update;
    if not found then
        return;
    end if;
    perform private.supersede_commands(array(
        select c.event_id from private.commands c
        where c.state = 'queued' and c.controller_id = claim_commands.controller_id));
    waiting := array(
        select c.id from private.commands c
        where c.state in ('queued', 'sent') and c.controller_id = claim_commands.controller_id
          and c.expires_at > clock_timestamp() and (again or c.socket_id is distinct from socket)
          -- what a later command has overtaken is not sent again
          and not exists (select from private.commands n
                          where n.event_id = c.event_id and n.id > c.id
                            and (n.sent_at is not null or n.state = 'queued'))
        order by c.id
        for update);
    perform private.refuse_commands(waiting);
    return query
        with pushed as (
            update private.commands c set state = 'sent', socket_id = socket
            where c.id = any (waiting) and c.state in ('queued', 'sent')
              -- one that was sent before is not sent again while an interlock blocks: its answer is waited for
              and (c.state = 'queued' or not exists (
                  select from private.judge_commands(array[c.event_id], array[c.value], clock_timestamp()) j
                  where j.status is not null or j.controller_id is distinct from c.controller_id))
            returning c.id, c.public_id, c.event_id, c.value, c.expires_at
        )
        select p.public_id, e.public_id, p.value, extract(epoch from p.expires_at - clock_timestamp())::float8,
               coalesce(f.frames, '[]')
        from pushed p
        join private.events e on e.id = p.event_id
        left join private.interlock_frames((select array_agg(event_id) from pushed)) f on f.event_id = p.event_id
        order by p.id;
end
$$;
comment on function private.claim_commands(int, uuid, boolean) is
    'What is to be pushed over this socket now, if it is the controller''s newest: commands that wait, and those that '
    'were pushed over an older socket (again: over any) and have no answer yet. Checked once more: what may not be '
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
        select c.id, c.state from private.commands c
        where c.state = 'queued' and c.expires_at <= at
           or c.state = 'sent' and c.expires_at <= at - interval '10 seconds'
        order by c.id
        for update skip locked
    )
    update private.commands c
    set state = case late.state when 'queued' then 'expired' else 'outcome_unknown' end,
        error = case late.state when 'queued' then 'It could not be sent in time.'
                                else 'The controller did not answer in time.' end
    from late where c.id = late.id;
    perform private.settle_commands();
end
$$;
comment on function private.tick_commands(timestamptz) is
    'What the clock alone does: queued commands expire, sent ones without an answer 10 s after their end are unknown.';
