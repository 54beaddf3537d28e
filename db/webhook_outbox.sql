-- What people see of the outbox, and what they do with it by hand. Administrators alone; what is finished goes in time.

create view api.webhook_deliveries with (security_invoker) as
    select id, 'msg_' || public_id as message_id, webhook_id, type, content_type, body, state, attempt as attempts,
           created_at, attempted_at, case when state in ('queued', 'failed') then greatest(due_at, created_at) end
           as next_attempt_at, expires_at, delivered_at, response_status, response, error
    from private.webhook_deliveries;
comment on view api.webhook_deliveries is
    'Calls of webhooks, made or still to be made. Once they are delivered or dead they are kept as long as '
    'housekeeping says, delivered sensor.reading for an hour.';
comment on column api.webhook_deliveries.id is 'Number, in the order of happening.';
comment on column api.webhook_deliveries.message_id is 'The webhook-id of the call, the same in each attempt.';
comment on column api.webhook_deliveries.webhook_id is 'Number of the webhook.';
comment on column api.webhook_deliveries.type is 'What it is about.';
comment on column api.webhook_deliveries.content_type is 'application/json or text/plain.';
comment on column api.webhook_deliveries.body is 'What is sent, the same in each attempt.';
comment on column api.webhook_deliveries.state is
    'queued; sending; failed: to be tried again; delivered: answered with 2xx; dead: given up.';
comment on column api.webhook_deliveries.attempts is 'How often it was sent.';
comment on column api.webhook_deliveries.created_at is 'When it happened, or was noticed.';
comment on column api.webhook_deliveries.attempted_at is 'When it was last sent.';
comment on column api.webhook_deliveries.next_attempt_at is 'Not sent before; null: not sent any more, or just now.';
comment on column api.webhook_deliveries.expires_at is 'Not tried after.';
comment on column api.webhook_deliveries.delivered_at is 'When the target had answered with 2xx.';
comment on column api.webhook_deliveries.response_status is 'HTTP status of the last answer; null: there was none.';
comment on column api.webhook_deliveries.response is 'Begin of the last answer, at most 1000 characters.';
comment on column api.webhook_deliveries.error is 'Why there was no answer, or why it is dead.';

grant select on private.webhook_deliveries, api.webhook_deliveries to webmacs_admin;
create policy "administrators read" on private.webhook_deliveries for select to webmacs_admin using (true);


create function private.expect_enabled(webhook_id int) returns text
    language plpgsql stable
    set search_path = ''
as $$
declare
    hook private.webhooks;
begin
    select * into hook from private.webhooks w where w.id = expect_enabled.webhook_id;
    if hook.id is null then
        raise sqlstate 'PT404' using message = format('There is no webhook %s.', coalesce(webhook_id::text, 'null'));
    elsif not hook.enabled then
        raise sqlstate 'PT409' using message = format('Webhook %s is disabled.', private.in_one_line(hook.name)),
            detail = coalesce(hook.disabled_reason, 'Somebody did it by hand.'), hint = 'Enable it first.';
    end if;
    return hook.name;
end
$$;
comment on function private.expect_enabled(int) is
    'The name of this webhook. PT404 if there is none, PT409 if it is disabled.';


create function private.deliver_first(delivery_id bigint) returns void
    language sql
    set search_path = ''
as $$
    update private.webhook_deliveries d
    set state = 'queued', due_at = '-infinity', last_attempt = d.attempt + 7, expires_at = now() + interval '2 days',
        response_status = null, response = null, error = null, delivered_at = null
    where d.id = deliver_first.delivery_id;

    -- who asks by hand wants to see an answer: the breaker lets one call through, and this is the first in the queue
    update private.webhook_breakers b
    set retry_at = now()
    from private.webhook_deliveries d
    where d.id = deliver_first.delivery_id and b.webhook_id = d.webhook_id and b.retry_at > now();

    notify webmacs_deliveries;
$$;
comment on function private.deliver_first(bigint) is
    'A delivery is due before all others of its webhook, with all its attempts.';


create function api.redeliver(delivery_id bigint) returns void
    language plpgsql security definer
    set search_path = ''
as $$
declare
    delivery private.webhook_deliveries;
begin
    select * into delivery from private.webhook_deliveries d where d.id = redeliver.delivery_id for update;
    if delivery.id is null then
        raise sqlstate 'PT404' using message = format('There is no delivery %s.', coalesce(delivery_id::text, 'null'));
    elsif delivery.state = 'sending' then
        raise sqlstate 'PT409' using message = format('Delivery %s is being sent.', delivery_id),
            hint = 'Wait for its result.';
    end if;
    perform private.expect_enabled(delivery.webhook_id);
    perform private.deliver_first(delivery_id);
end
$$;
comment on function api.redeliver(bigint) is
    'Sends a delivery now, whatever became of it: the same bytes, the same webhook-id. 409 if it is just being sent, '
    'or its webhook is disabled.';
grant execute on function api.redeliver(bigint) to webmacs_admin;


create function api.test_webhook(webhook_id int) returns bigint
    language plpgsql security definer
    set search_path = ''
as $$
declare
    delivery_id bigint;
begin
    select * into delivery_id
    from private.queue_deliveries(array[webhook_id], '{test}', array[now()], array[jsonb_build_object(
        'webhook', private.expect_enabled(webhook_id), 'message', 'This is a test.')]);
    perform private.deliver_first(delivery_id);
    return delivery_id;
end
$$;
comment on function api.test_webhook(int) is
    'Calls a webhook with type test, before all that waits. Returns the number of the delivery, of which '
    'webhook_deliveries shows state and answer.';
grant execute on function api.test_webhook(int) to webmacs_admin;


create function private.prune_deliveries() returns bigint
    language plpgsql security definer
    set search_path = ''
as $$
declare
    dead   int[];
    pruned bigint;
begin
    with expired as (
        update private.webhook_deliveries d
        set state = 'dead', due_at = null, error = coalesce(d.error, 'It could not be sent in time.')
        where d.due_at <= now() and d.expires_at < now()
        returning d.webhook_id
    )
    select array_agg(webhook_id) into dead from expired;
    perform private.log_dead_deliveries(dead);

    delete from private.webhook_deliveries d
    where d.id in (
        select o.id
        from private.webhook_deliveries o
        where o.due_at is null
          and o.created_at < now() - interval '1 hour'
          and (o.created_at < (select private.kept_from('delivery'))
               or (o.type = 'sensor.reading' and o.state = 'delivered'))
        limit 50000);
    get diagnostics pruned = row_count;
    return pruned;
end
$$;
comment on function private.prune_deliveries() is
    'What waited too long is dead; what was finished long ago is removed, at most 50 000. Returns how many.';
grant execute on function private.prune_deliveries() to webmacs_sidecar;
