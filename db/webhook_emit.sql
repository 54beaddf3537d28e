-- Into the outbox: what happened becomes a delivery for each webhook that wants it, in the transaction in which it
-- happened.

create function private.queue_deliveries(webhook_ids int[], types text[], happened_at timestamptz[], data jsonb[])
    returns setof bigint
    language sql
    set search_path = ''
as $$
    -- locked, so that what is being deleted is left out rather than refused: a value must not be lost by that
    with hooks as materialized (
        select w.id, w.template, w.content_type
        from private.webhooks w
        where w.id = any (webhook_ids)
        order by w.id
        for key share
    )
    insert into private.webhook_deliveries (webhook_id, type, content_type, body)
    select w.id, q.type, w.content_type,
           case when w.template is null
                then format('{"type":%s,"timestamp":"%s","data":%s}', to_json(q.type), q.at, q.data)
                else private.rendered(w.template, w.content_type,
                                      q.data || jsonb_build_object('type', q.type, 'timestamp', q.at)) end
    from (select ordinality, webhook_id, type, coalesce(data, '{}') as data,
                 to_char(coalesce(at, now()) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at
          from unnest(webhook_ids, types, happened_at, data) with ordinality as u (webhook_id, type, at, data)) q
    join hooks w on w.id = q.webhook_id
    order by q.ordinality
    returning id
$$;
comment on function private.queue_deliveries(int[], text[], timestamptz[], jsonb[]) is
    'Deliveries, each to one webhook, with their bodies as they will be sent, however often. Returns their numbers.';


create function private.emit(types text[], event_ids int[], severities text[], happened_at timestamptz[], data jsonb[])
    returns void
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_column
declare
    ranks constant text[] := '{low,medium,high,critical}';
    wanted record;
begin
    select array_agg(w.id order by h.place, w.id) as webhook_ids,
           array_agg(h.type order by h.place, w.id) as types,
           array_agg(h.at order by h.place, w.id) as happened_at,
           array_agg(h.data order by h.place, w.id) as data
    into wanted
    from unnest(types, event_ids, severities, happened_at, data)
         with ordinality as h (type, event_id, severity, at, data, place)
    join private.webhooks w on w.types && array[h.type, split_part(h.type, '.', 1) || '.*']
    where w.enabled
      and (not w.filters_events or h.event_id is null
           or exists (select from private.webhook_events e where e.webhook_id = w.id and e.event_id = h.event_id))
      and (w.min_severity is null or h.severity is null
           or array_position(ranks, h.severity) >= array_position(ranks, w.min_severity));

    if wanted.webhook_ids is not null then
        perform private.queue_deliveries(wanted.webhook_ids, wanted.types, wanted.happened_at, wanted.data);
    end if;
end
$$;
comment on function private.emit(text[], int[], text[], timestamptz[], jsonb[]) is
    'What happened, to each enabled webhook that wants its type, and its event and severity, where it has one.';
grant execute on function private.emit(text[], int[], text[], timestamptz[], jsonb[]) to webmacs_sidecar;
