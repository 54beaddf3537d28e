-- Webhooks: whom to call about what. Administrators alone. A secret goes in and never comes out, but from
-- rpc/rotate_webhook_secret, which makes a new one and says it once.

create function private.new_webhook_secret() returns text
    language sql volatile
    set search_path = ''
as $$
    -- two times 122 bits of the system's randomness, in 32 bytes
    select 'whsec_' || encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'base64')
$$;
comment on function private.new_webhook_secret() is 'A random secret, in the form of Standard Webhooks.';


create function private.webhook_types() returns text[]
    language sql immutable
    set search_path = ''
as $$
    select '{sensor.reading,sensor.threshold_exceeded,
             alarm.raised,alarm.returned,alarm.acknowledged,alarm.reset,alarm.shelved,alarm.unshelved,alarm.suppressed,
             alarm.unsuppressed,
             experiment.started,experiment.stopped,
             command.queued,command.sent,command.done,command.failed,command.expired,command.superseded,
             command.outcome_unknown,
             system.health_changed,system.disk_changed,
             controller.connected,controller.disconnected}'::text[]
$$;
comment on function private.webhook_types() is 'The types of what webhooks are called about.';


create function private.check_webhook() returns trigger
    language plpgsql
    set search_path = ''
as $$
declare
    known  text[] := private.webhook_types() || array(
        select distinct split_part(t, '.', 1) || '.*' from unnest(private.webhook_types()) t order by 1);
    parsed json;
begin
    if not coalesce(new.types <@ known, false) or array_position(new.types, null) is not null then
        raise check_violation using
            message = format('types must be among %s.', array_to_string(known, ', ')),
            detail = format('Not known: %s.', coalesce((select string_agg(coalesce(t, 'null'), ', ')
                                                        from unnest(new.types) t where t <> all (known) or t is null),
                                                       'null'));
    end if;
    if new.template is not null and new.content_type = 'application/json' then
        begin
            parsed := new.template::json;
        exception when invalid_text_representation or untranslatable_character then
            raise check_violation using
                message = 'template must be JSON, its placeholders within strings, as in '
                          '{"text": "{rule}: {message}"}.',
                detail = sqlerrm,
                hint = 'For a template that is no JSON content_type is text/plain.';
        end;
    end if;
    return new;
end
$$;
comment on function private.check_webhook() is 'Types are known, and a template that is to be JSON is JSON.';
create trigger check_webhook before insert or update on private.webhooks
    for each row execute function private.check_webhook();
create trigger stamp_author before insert on private.webhooks
    for each row execute function private.stamp_author();


create view api.webhooks with (security_invoker) as
    select w.id, w.public_id, w.name, w.url, null::text as secret, w.types,
           case when w.filters_events
                then array(select e.event_id from private.webhook_events e where e.webhook_id = w.id order by 1)
           end as event_ids,
           w.min_severity, w.template, w.content_type, w.reading_interval_seconds, w.enabled, w.disabled_reason,
           (select b.failures from private.webhook_breakers b where b.webhook_id = w.id) as failures,
           (select b.retry_at from private.webhook_breakers b where b.webhook_id = w.id) as retry_at,
           w.created_at
    from private.webhooks w;
comment on view api.webhooks is 'Addresses that are called when something happens, as Standard Webhooks have it.';
comment on column api.webhooks.id is 'Number within this database.';
comment on column api.webhooks.public_id is 'Identifier to the outside.';
comment on column api.webhooks.name is 'Unique name.';
comment on column api.webhooks.url is 'Address that is called: http or https.';
comment on column api.webhooks.secret is
    'With which calls are signed: whsec_ and 24 to 64 bytes in base64. Only written; a random one if not given. '
    'Another one replaces all before at once; rpc/rotate_webhook_secret lets the one before be valid for a time.';
comment on column api.webhooks.types is
    'What it is called about: sensor.reading, sensor.threshold_exceeded (a rule fired that has an action of kind '
    'webhook), alarm.raised, alarm.returned, alarm.acknowledged, alarm.reset, alarm.shelved, alarm.unshelved, '
    'alarm.suppressed, alarm.unsuppressed, experiment.started, experiment.stopped, command. with a state of commands, '
    'system.health_changed, controller.connected, controller.disconnected; alarm.* is all of alarms, and so on.';
comment on column api.webhooks.event_ids is
    'Only about these events; null: about all. What has no event is not filtered.';
comment on column api.webhooks.min_severity is
    'Only from this severity: low, medium, high or critical; null: any. What has no severity is not filtered.';
comment on column api.webhooks.template is
    'What is sent, with placeholders for what `data` would have, {type} and {timestamp}. For Slack: '
    '{"text": "{rule}: {message}"}. Null: {"type", "timestamp", "data"}.';
comment on column api.webhooks.content_type is 'application/json, or text/plain for a template that is no JSON.';
comment on column api.webhooks.reading_interval_seconds is 'At most one sensor.reading of an event in so many seconds.';
comment on column api.webhooks.enabled is 'Whether it is called. What waits is kept meanwhile, for two days.';
comment on column api.webhooks.disabled_reason is 'Why it was disabled, if nobody did it by hand.';
comment on column api.webhooks.failures is 'How many calls in succession have failed; null: none.';
comment on column api.webhooks.retry_at is 'Not called before, because too many calls have failed; null: called.';
comment on column api.webhooks.created_at is 'When it was made.';
-- what is not given to an insert
alter view api.webhooks alter content_type set default 'application/json';
alter view api.webhooks alter reading_interval_seconds set default 5;
alter view api.webhooks alter enabled set default true;

grant select (id, public_id, name, url, types, filters_events, min_severity, template, content_type,
              reading_interval_seconds, enabled, disabled_reason, created_at) on private.webhooks to webmacs_admin;
grant select on private.webhook_events, private.webhook_breakers to webmacs_admin;
grant delete on private.webhooks to webmacs_admin;
grant select, delete,
      insert (name, url, secret, types, event_ids, min_severity, template, content_type, reading_interval_seconds,
              enabled),
      update (name, url, secret, types, event_ids, min_severity, template, content_type, reading_interval_seconds,
              enabled)
    on api.webhooks to webmacs_admin;
create policy "administrators read and delete" on private.webhooks to webmacs_admin using (true);
create policy "administrators read" on private.webhook_events for select to webmacs_admin using (true);
create policy "administrators read" on private.webhook_breakers for select to webmacs_admin using (true);


create function private.save_webhook() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
declare
    sentence     text;
    "constraint" text;
    "table"      text;
begin
    if tg_op = 'INSERT' then
        insert into private.webhooks (name, url, secret, types, filters_events, min_severity, template, content_type,
                                      reading_interval_seconds, enabled)
        values (new.name, new.url, coalesce(new.secret, private.new_webhook_secret()), new.types,
                new.event_ids is not null, new.min_severity, new.template, new.content_type,
                new.reading_interval_seconds, new.enabled)
        returning id, public_id, created_at into new.id, new.public_id, new.created_at;
    else
        update private.webhooks w
        set name = new.name, url = new.url, types = new.types, filters_events = new.event_ids is not null,
            min_severity = new.min_severity, template = new.template, content_type = new.content_type,
            reading_interval_seconds = new.reading_interval_seconds, enabled = new.enabled,
            disabled_reason = case when not new.enabled then w.disabled_reason end,
            secret = coalesce(new.secret, w.secret),
            previous_secret = case when new.secret is null then w.previous_secret end,
            previous_secret_until = case when new.secret is null then w.previous_secret_until end
        where w.id = old.id
        returning disabled_reason into new.disabled_reason;
    end if;
    new.secret := null;
    if tg_op = 'INSERT' or new.event_ids is distinct from old.event_ids then
        perform private.filter_webhook(new.id, new.event_ids);
    end if;
    if tg_op = 'UPDATE' and (new.url <> old.url or new.enabled and not old.enabled) then
        delete from private.webhook_breakers b where b.webhook_id = new.id;
    end if;
    return new;
exception when check_violation or not_null_violation then
    get stacked diagnostics sentence = message_text, "constraint" = constraint_name, "table" = table_name;
    if "table" = '' then
        raise;
    end if;
    -- without the detail: it is the whole row, with its secrets
    raise exception using errcode = sqlstate, message = sentence, constraint = "constraint", table = "table";
end
$$;
comment on function private.save_webhook() is
    'A webhook with its events and its secret, which is not shown. What was mended is called at once.';
create trigger save_webhook instead of insert or update on api.webhooks
    for each row execute function private.save_webhook();


create function private.filter_webhook(webhook_id int, event_ids int[]) returns void
    language plpgsql
    set search_path = ''
as $$
#variable_conflict use_column
begin
    if event_ids = '{}' then
        raise check_violation using message = 'event_ids must name at least one event, or be null for all.';
    end if;
    delete from private.webhook_events e
    where e.webhook_id = filter_webhook.webhook_id and e.event_id <> all (coalesce(event_ids, '{}'));
    insert into private.webhook_events (webhook_id, event_id)
    select distinct filter_webhook.webhook_id, event_id from unnest(event_ids) as event_id
    on conflict do nothing;
end
$$;
comment on function private.filter_webhook(int, int[]) is 'The events that a webhook is called about are these.';


create function api.rotate_webhook_secret(webhook_id int, keep_previous_seconds int default 86400) returns text
    language plpgsql security definer
    set search_path = ''
as $$
declare
    fresh text := private.new_webhook_secret();
begin
    if (keep_previous_seconds between 0 and 2592000) is not true then
        raise sqlstate 'PT400' using message = 'keep_previous_seconds must be from 0 to 2592000 (30 days).';
    end if;
    update private.webhooks w
    set secret = fresh,
        previous_secret = w.secret,
        previous_secret_until = now() + keep_previous_seconds * interval '1 second'
    where w.id = rotate_webhook_secret.webhook_id;
    if not found then
        raise sqlstate 'PT404' using message = format('There is no webhook %s.', coalesce(webhook_id::text, 'null'));
    end if;
    return fresh;
end
$$;
comment on function api.rotate_webhook_secret(int, int) is
    'Gives a webhook a new random secret and says it, this once. Calls are signed with it and, for so many seconds, '
    'with the one before too.';
grant execute on function api.rotate_webhook_secret(int, int) to webmacs_admin;
