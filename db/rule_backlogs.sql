-- Backlogs: values that came too late for the rules. When a controller has delivered one, a log entry for each rule
-- says what rpc/test_rule finds in it. That takes its time, so it is done beside the clock, in transactions of its own.

create function private.note_late_points(points private.arrived) returns void
    language plpgsql
    set search_path = ''
as $$
#variable_conflict use_column
begin
    insert into private.late_points as l (event_id, points, from_ts, to_ts)
    select event_id, count(*), min(ts), max(ts)
    from unnest(points.event_ids, points.timestamps, points.befores) as p (event_id, ts, before)
    where ts < before - interval '5 seconds'   -- less is jitter, and no backlog
    group by event_id
    order by event_id
    on conflict (event_id) do update set
        points = l.points + excluded.points,
        from_ts = least(l.from_ts, excluded.from_ts),
        to_ts = greatest(l.to_ts, excluded.to_ts),
        last_arrived_at = excluded.last_arrived_at;
end
$$;
comment on function private.note_late_points(private.arrived) is
    'Remembers what came too late for the rules, for private.report_backlogs.';


create function private.tick_late_points(at timestamptz) returns void
    language sql
    set search_path = ''
as $$
    -- a backlog is over when nothing of it came for ten seconds
    with over as (
        delete from private.late_points l
        where l.event_id in (select o.event_id from private.late_points o
                             where o.last_arrived_at < at - interval '10 seconds' for update skip locked)
        returning l.*
    )
    insert into private.backlogs as b (rule_id, points, from_ts, to_ts)
    select r.id, o.points, o.from_ts, o.to_ts
    from over o
    join private.rules r using (event_id)
    where r.enabled
    order by r.id
    on conflict (rule_id) do update set
        points = b.points + excluded.points,
        from_ts = least(b.from_ts, excluded.from_ts),
        to_ts = greatest(b.to_ts, excluded.to_ts)
$$;
comment on function private.tick_late_points(timestamptz) is
    'When a controller has delivered a backlog, each rule that it concerns owes a log entry.';


create function private.report_backlog(rule private.rules, backlog private.backlogs) returns void
    language plpgsql
    set search_path = ''
as $$
declare
    found jsonb;
    what text := format('%s values of %s from %s to %s came too late for rule %s', backlog.points,
                        (select e.name from private.events e where e.id = rule.event_id),
                        date_trunc('second', backlog.from_ts), date_trunc('second', backlog.to_ts), rule.name);
begin
    found := private.try_rule(to_jsonb(rule) - '{id,public_id,name,enabled,created_at,created_by,version,
                              changed_by}'::text[],
                              backlog.from_ts, backlog.to_ts + interval '1 microsecond');
    if (found ->> 'fired')::int = 0 then
        perform private.write_log('info', format('%s; it would not have fired.', what), 'rules');
    else
        perform private.write_log('warning', format('%s; it would have fired %s times, first at %s: %s', what,
            found ->> 'fired', found #>> '{firings,0,fired_at}', found #>> '{firings,0,message}'), 'rules');
    end if;
exception
    when transaction_rollback or lock_not_available then
        raise;
    when query_canceled or others then   -- cancelled: it took longer than a statement may; it would again
        perform private.write_log(
            'warning', format('%s; what it would have done is not known: %s', what, sqlerrm), 'rules');
end
$$;
comment on function private.report_backlog(private.rules, private.backlogs) is
    'One log entry: what a rule would have done, had a backlog come in time.';


create function private.report_backlogs() returns void
    language plpgsql security definer
    set search_path = ''
as $$
declare
    backlog private.backlogs;
begin
    loop
        delete from private.backlogs b
        where b.rule_id = (select o.rule_id from private.backlogs o order by o.rule_id limit 1 for update skip locked)
        returning b.* into backlog;
        exit when not found;
        perform private.report_backlog(r, backlog) from private.rules r where r.id = backlog.rule_id;
        exit when clock_timestamp() > now() + interval '1 second';
    end loop;
end
$$;
comment on function private.report_backlogs() is
    'Called every second by every sidecar: writes what rules owe about backlogs, as many as a second allows.';
grant execute on function private.report_backlogs() to webmacs_sidecar;
