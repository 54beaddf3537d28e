-- Health: what the sidecars find when they use the parts of the system. Changes go into the log and to webhooks,
-- once, however many sidecars see them.

create function private.report_health(sidecar uuid, at timestamptz, problems jsonb) returns void
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_column
declare
    news jsonb;
begin
    perform pg_advisory_xact_lock(hashtext('private.report_health'));
    delete from private.health_reports where reported_at < now() - interval '2 minutes';
    insert into private.health_reports (sidecar, problems) values (report_health.sidecar, report_health.problems)
    on conflict (sidecar) do update set problems = excluded.problems, reported_at = now();

    with found as (   -- a part works if every sidecar says so
        select p.key as part, string_agg(distinct p.value, ' ') as problem
        from private.health_reports r, jsonb_each_text(r.problems) p
        group by p.key
    ), changed as (
        insert into private.health as h (part, problem, changed_at)
        select part, f.problem, at
        from found f full join private.health h using (part)
        where (f.problem is null) <> (h.problem is null)
          and at > coalesce(h.changed_at, '-infinity')   -- an outage that another sidecar has told of is told once
        on conflict (part) do update set problem = excluded.problem, changed_at = excluded.changed_at
        returning part, problem
    )
    select jsonb_object_agg(part, problem) into news from changed;
    if news is not null then
        perform private.tell_health(at, news);
    end if;
end
$$;
comment on function private.report_health(uuid, timestamptz, jsonb) is
    'What a sidecar found at this time: the problem of each part, null if it works. Said at each change, which may '
    'have been a while ago if the database was away, and every 30 seconds.';
grant execute on function private.report_health(uuid, timestamptz, jsonb) to webmacs_sidecar;


create function private.tell_health(at timestamptz, changed jsonb) returns void
    language plpgsql
    set search_path = ''
as $$
declare
    ill  jsonb;
    word text;
begin
    select coalesce(jsonb_object_agg(part, problem), '{}') into ill from private.health where problem is not null;
    select string_agg(case when value is null then format('%s works again.', key)
                           else format('%s does not work: %s', key, value) end, ' ' order by key)
    into word
    from jsonb_each_text(changed);
    perform private.write_log(
        case when changed = jsonb_strip_nulls(changed) then 'error' else 'info' end::api.log_level,
        format('Health at %s UTC: %s', to_char(at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS'), word), 'health');
    perform private.emit(array['system.health_changed'], array[null::int], array[null::text], array[at],
                         array[jsonb_build_object('ok', ill = '{}', 'problems', ill, 'changed', changed)]);
end
$$;
comment on function private.tell_health(timestamptz, jsonb) is
    'Writes into the log which parts have changed, and tells the webhooks: ok as a whole, the problem of each part '
    'that does not work, and what has changed.';
