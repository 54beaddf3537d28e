-- The outbox of webhooks: what is to be delivered, by when and how often. Claimed by the sidecar as a lease,
-- which is committed before the call, so that what it dies with is delivered by another.

create function private.announce_deliveries() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    notify webmacs_deliveries;
    return null;
end
$$;
comment on function private.announce_deliveries() is 'Something may be due: the sidecar asks what.';
create trigger announce_deliveries after insert on private.webhook_deliveries
    for each statement execute function private.announce_deliveries();
create trigger announce_deliveries after update on private.webhooks
    for each statement execute function private.announce_deliveries();


create function private.webhook_room(at timestamptz)
    returns table (webhook_id int, room int, opens_at timestamptz, lease_ends_at timestamptz)
    language sql stable
    set search_path = ''
as $$
    -- one that failed last gets one call at a time, so that the time-outs of dead targets delay nobody else
    select w.id, case when b.webhook_id is null then 8 else 1 end - coalesce(s.leases, 0)::int,
           coalesce(b.retry_at, '-infinity'), s.lease_ends_at
    from private.webhooks w
    left join private.webhook_breakers b on b.webhook_id = w.id
    left join (select d.webhook_id, count(*) as leases, min(d.due_at) as lease_ends_at
               from private.webhook_deliveries d
               where d.state = 'sending' and d.due_at > at
               group by d.webhook_id) s on s.webhook_id = w.id
    where w.enabled
$$;
comment on function private.webhook_room(timestamptz) is
    'How many more calls each webhook may get now, when its breaker lets one through, and when its first lease ends.';


create function private.claim_deliveries(most int, lease_seconds int)
    returns table (id bigint, message_id text, webhook_id int, url text, body text, content_type text, secrets text[],
                   attempt int)
    language plpgsql security definer
    set search_path = ''
    -- a plan made while the outbox was small would read all of it when it is large
    set plan_cache_mode = force_custom_plan
    set enable_seqscan = off
    set enable_bitmapscan = off
    set enable_sort = off
as $$
#variable_conflict use_column
begin
    -- one claims at a time, else each would fill the room that all have together
    perform pg_advisory_xact_lock(hashtext('private.claim_deliveries'));
    return query
    with due as (
        select d.id
        from private.webhook_room(now()) r
        cross join lateral (
            select id, due_at, row_number() over (order by due_at, id) as turn
            from private.webhook_deliveries
            where webhook_id = r.webhook_id and due_at <= now()
            order by due_at, id
            limit r.room) d
        where r.room > 0 and r.opens_at <= now()
        order by d.turn, d.due_at
        limit most
    ), free as materialized (
        -- not those that are being deleted or sent again by hand
        select d.id from private.webhook_deliveries d join due using (id) for update of d skip locked
    ), claimed as (
        update private.webhook_deliveries d
        set state = 'sending', attempt = d.attempt + 1, attempted_at = now(),
            due_at = now() + lease_seconds * interval '1 second'
        from free
        where d.id = free.id
        returning d.id, d.public_id, d.webhook_id, d.body, d.content_type, d.attempt
    )
    select c.id, 'msg_' || c.public_id, c.webhook_id, w.url, c.body, c.content_type,
           case when w.previous_secret_until > now() then array[w.secret, w.previous_secret] else array[w.secret] end,
           c.attempt
    from claimed c join private.webhooks w on w.id = c.webhook_id
    order by c.id;
end
$$;
comment on function private.claim_deliveries(int, int) is
    'At most so many deliveries that are due, for so many seconds the caller''s: to be committed, sent, and given back '
    'to finish_deliveries. Webhooks take turns; none has more than 8 on their way, one that failed last only one, '
    'and one whose breaker is open or that is disabled none. Each signature is made with each secret.';
grant execute on function private.claim_deliveries(int, int) to webmacs_sidecar;


create function private.next_delivery_at() returns timestamptz
    language sql stable security definer
    set search_path = ''
    set enable_seqscan = off
    set enable_bitmapscan = off
as $$
    select greatest(now(), min(case when r.room > 0 then greatest(d.due_at, r.opens_at) else r.lease_ends_at end))
    from private.webhook_room(now()) r
    cross join lateral (
        select due_at from private.webhook_deliveries
        where webhook_id = r.webhook_id and due_at is not null
        order by due_at
        limit 1) d
    -- greatest leaves nulls out
    having min(d.due_at) is not null
$$;
comment on function private.next_delivery_at() is
    'When claim_deliveries will find something, if nothing happens before; null: never.';
grant execute on function private.next_delivery_at() to webmacs_sidecar;
