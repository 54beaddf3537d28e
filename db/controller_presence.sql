-- Which controllers are connected. Each sidecar says whose sockets it holds, all of them each time, so that what it
-- could not say while the database was away is made good by the next report. Who was killed says nothing: the clock
-- finds out. Log and webhooks are told by the clock too, once whoever runs, and not of a quick reconnect.

create function private.report_presence(sidecar uuid, controller_ids int[]) returns void
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_column
begin
    -- one after the other: the last of two that leave must see that the first one has left
    perform pg_advisory_xact_lock(hashtext('private.controller_presence'));
    with gone as (
        delete from private.controller_presence p
        where p.sidecar = report_presence.sidecar and p.controller_id <> all (controller_ids)
        returning controller_id
    ), here as (
        insert into private.controller_presence (controller_id, sidecar)
        select c.id, report_presence.sidecar from private.controllers c where c.id = any (controller_ids)
        on conflict (controller_id, sidecar) do update set seen_at = now(), doubted_at = null
        returning controller_id
    )
    update private.controllers c set
        last_seen_at = now(),
        connected_at = case
            when c.id = any (controller_ids)
                 or exists (select from private.controller_presence p
                            where p.controller_id = c.id and p.sidecar <> report_presence.sidecar)
            then coalesce(c.connected_at, now())
        end
    where c.id in (select controller_id from gone union all select controller_id from here);
end
$$;
comment on function private.report_presence(uuid, int[]) is
    'These controllers, and no others, have a socket at this sidecar. Said at each change and every 15 seconds.';
grant execute on function private.report_presence(uuid, int[]) to webmacs_sidecar;


create function private.tick_controllers(at timestamptz) returns void
    language plpgsql
    set search_path = ''
as $$
begin
    perform pg_advisory_xact_lock(hashtext('private.controller_presence'));
    -- Missed for 30 seconds, and for 20 of them by a clock that ran: after the database was away
    -- every sidecar has the time to report.
    delete from private.controller_presence p
    where p.seen_at <= at - interval '30 seconds' and p.doubted_at <= at - interval '20 seconds';
    update private.controller_presence p set doubted_at = at
    where p.seen_at <= at - interval '30 seconds' and p.doubted_at is null;

    if exists (select from private.controllers c
               where c.connected_at is not null and not private.is_present(c.id)) then
        update private.controllers c set connected_at = null
        where c.connected_at is not null and not private.is_present(c.id);
    end if;
    perform private.tell_connections(array(
        select c.id from private.controllers c
        where not c.connection_told and c.connected_at is not null
           or c.connection_told and c.connected_at is null and c.last_seen_at <= at - interval '10 seconds'
        order by c.id));
end
$$;
comment on function private.tick_controllers(timestamptz) is
    'What the clock does about controllers: those whose sidecar vanished are not connected any more; who connected, '
    'or has been gone for 10 seconds, is told.';


create function private.is_present(controller_id int) returns boolean
    language sql stable
    set search_path = ''
as $$
    select exists (select from private.controller_presence p where p.controller_id = is_present.controller_id)
$$;
comment on function private.is_present(int) is 'Whether a sidecar holds a socket of this controller.';


create function private.tell_connections(controller_ids int[]) returns void
    language plpgsql
    set search_path = ''
as $$
declare
    news record;
begin
    if cardinality(controller_ids) = 0 then
        return;
    end if;
    with told as (
        update private.controllers c set connection_told = c.connected_at is not null
        where c.id = any (controller_ids)
        returning c.id, c.name, c.public_id, c.software, coalesce(c.connected_at, c.last_seen_at) as at,
                  case when c.connected_at is null then 'disconnected' else 'connected' end as word
    ), written as (
        insert into private.log_entries (level, message, source)
        select case word when 'connected' then 'info' else 'warning' end::api.log_level,
               format('The controller %s %s.', name, replace(word, 'disconnected', 'is not connected any more')),
               'controllers'
        from told order by id
    )
    select array_agg('controller.' || word order by id) as types, array_agg(at order by id) as happened_at,
           array_agg(jsonb_build_object('controller', name, 'public_id', public_id, 'software', software) order by id)
               as data,
           array_agg(null::int) as events, array_agg(null::text) as severities
    into news
    from told;
    perform private.emit(news.types, news.events, news.severities, news.happened_at, news.data);
end
$$;
comment on function private.tell_connections(int[]) is
    'Writes into the log that these controllers connected or are gone, and tells the webhooks.';
