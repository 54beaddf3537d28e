-- What became of deliveries: done, once more later, or dead; and what that says about their target.

create function private.delivery_pause(failed_attempts int) returns interval
    language sql volatile
    set search_path = ''
as $$
    -- jitter, so that what failed together does not come back together
    select (array['5 seconds', '5 minutes', '30 minutes', '2 hours', '5 hours', '10 hours']::interval[])
           [least(failed_attempts, 6)] * (0.9 + 0.2 * random())
$$;
comment on function private.delivery_pause(int) is 'How long to wait after so many failed attempts.';


create function private.judge_targets(webhook_ids int[], answered boolean[]) returns void
    language plpgsql
    set search_path = ''
as $$
#variable_conflict use_column
begin
    delete from private.webhook_breakers b
    using unnest(webhook_ids, answered) as o (webhook_id, answered)
    where o.webhook_id = b.webhook_id and o.answered;

    insert into private.webhook_breakers as b (webhook_id, failures)
    select webhook_id, least(count(*), 5)
    from unnest(webhook_ids, answered) as o (webhook_id, answered)
    group by webhook_id
    having not bool_or(answered)
    order by webhook_id
    on conflict (webhook_id) do update set failures =
        case when b.retry_at is null then least(b.failures + excluded.failures, 5)
             when b.retry_at <= now() then b.failures + 1
             else b.failures   -- a call that began before it opened
        end;

    update private.webhook_breakers b
    set retry_at = now() + least(interval '30 seconds' * power(2, least(b.failures, 10) - 5), interval '10 minutes')
                           * (0.9 + 0.2 * random())
    where b.webhook_id = any (webhook_ids) and b.failures >= 5 and (b.retry_at is null or b.retry_at <= now());
end
$$;
comment on function private.judge_targets(int[], boolean[]) is
    'The breaker of each webhook after these calls: closed by an answer, open after 5 failures without one for 30 '
    'seconds, doubled after each failed probe, to 10 minutes.';


create function private.disable_gone(webhook_ids int[]) returns void
    language plpgsql
    set search_path = ''
as $$
#variable_conflict use_column
begin
    update private.webhooks w
    set enabled = false, disabled_reason = 'The target answered 410 Gone.'
    where w.id = any (webhook_ids) and w.enabled;

    update private.webhook_deliveries d
    set state = 'dead', due_at = null, error = 'The webhook was disabled: its target answered 410 Gone.'
    where d.webhook_id = any (webhook_ids) and d.due_at is not null and d.state <> 'sending';

    insert into private.log_entries (level, source, message)
    select 'warning', 'webhooks', format('Webhook %s was disabled: its target answered 410 Gone.', w.name)
    from private.webhooks w
    where w.id = any (webhook_ids);
end
$$;
comment on function private.disable_gone(int[]) is
    'Targets that do not want to be called again: their webhooks are disabled, what waits for them is dead.';


create function private.log_dead_deliveries(webhook_ids int[]) returns void
    language sql
    set search_path = ''
as $$
    insert into private.log_entries (level, source, message)
    select 'error', 'webhooks',
           format('Webhook %s: %s given up; among its deliveries they can be sent again.', w.name,
                  case count(*) when 1 then 'a delivery was' else count(*) || ' deliveries were' end)
    from unnest(webhook_ids) as dead (webhook_id) join private.webhooks w on w.id = dead.webhook_id
    group by w.id, w.name
    order by w.id
$$;
comment on function private.log_dead_deliveries(int[]) is
    'A log entry for each webhook that has dead letters; one element for each letter.';


create function private.note_results(results jsonb)
    returns table (webhook_id int, state text, response_status int)
    language sql
    set search_path = ''
as $$
    with verdicts as (
        select d.id, d.attempt, r.status, r.response, r.error, next.at,
               case when r.status between 200 and 299 then 'delivered'
                    when r.status = 410 or d.attempt >= d.last_attempt or next.at > d.expires_at then 'dead'
                    else 'failed' end as state
        from jsonb_to_recordset(results)
             as r (id bigint, attempt int, status int, response text, error text, retry_after float8)
        join private.webhook_deliveries d on d.id = r.id and d.attempt = r.attempt and d.state = 'sending'
        cross join lateral (
            select now() + greatest(private.delivery_pause(7 - d.last_attempt + d.attempt),
                                    least(coalesce(r.retry_after, 0), 86400) * interval '1 second') as at) next
    )
    update private.webhook_deliveries d
    set state = v.state,
        due_at = case when v.state = 'failed' then v.at end,
        delivered_at = case when v.state = 'delivered' then now() end,
        response_status = v.status, response = left(v.response, 1000), error = left(v.error, 1000)
    from verdicts v
    -- another may have it since: his result counts
    where d.id = v.id and d.attempt = v.attempt and d.state = 'sending'
    returning d.webhook_id, d.state, d.response_status
$$;
comment on function private.note_results(jsonb) is
    'What becomes of each of these deliveries, whose leases still hold: delivered, failed and due again, or dead.';


create function private.finish_deliveries(results jsonb) returns void
    language plpgsql security definer
    set search_path = ''
    -- a plan made while the outbox was small would read all of it when it is large
    set plan_cache_mode = force_custom_plan
    set enable_seqscan = off
as $$
#variable_conflict use_column
declare
    outcome record;
begin
    -- first what deleting a webhook locks first, so that the two do not wait for each other
    perform from private.webhooks w
    where w.id in (select d.webhook_id from private.webhook_deliveries d
                   where d.id in (select (r ->> 'id')::bigint from jsonb_array_elements(results) r))
    order by w.id
    for key share;

    select array_agg(webhook_id) as webhook_ids,
           array_agg(state = 'delivered') as answered,
           array_agg(webhook_id) filter (where state = 'dead') as dead,
           array_agg(webhook_id) filter (where response_status = 410) as gone
    into outcome
    from private.note_results(results);

    perform private.judge_targets(outcome.webhook_ids, outcome.answered);
    if outcome.dead is not null then
        perform private.log_dead_deliveries(outcome.dead);
    end if;
    if outcome.gone is not null then
        perform private.disable_gone(outcome.gone);
    end if;
end
$$;
comment on function private.finish_deliveries(jsonb) is
    'What came of claimed deliveries: [{id, attempt, status, response, error, retry_after}], status null where no '
    'answer came, retry_after in seconds. 2xx is delivered, 410 disables the webhook; all else is tried 7 times '
    'over 18 hours, not before retry_after (at most a day), then dead. A result of a lease that '
    'another has now is ignored.';
grant execute on function private.finish_deliveries(jsonb) to webmacs_sidecar;
