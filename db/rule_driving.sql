-- Driving: the step of the pipeline that lets points drive the rules, and the same by the clock.

create function private.wakened_rules(points private.arrived) returns int[]
    language plpgsql stable
    set search_path = ''
as $$
#variable_conflict use_column
begin
    return array(
        select r.id
        from (
            select event_id, max(ts) as clock, max(ts - before) as widest_gap,
                   min(value) filter (where quality >= 64) as lowest,
                   max(value) filter (where quality >= 64) as highest
            from unnest(points.event_ids, points.qualities, points.timestamps, points."values", points.befores,
                        points.in_order) as p (event_id, quality, ts, value, before, in_order)
            where in_order
            group by event_id
        ) seen
        join private.rules r using (event_id)
        join private.rule_states s on s.rule_id = r.id
        where r.enabled
          and (s.due_at <= seen.clock
               or case
                      when r.kind = 'rate' then true
                      when r.kind = 'no_data' then
                          s.signal or seen.widest_gap > r.timeout_seconds * interval '1 second'
                      when s.signal then
                          private.may_clear(r.operator, lowest, highest, r.threshold, r.threshold_high, r.deadband)
                      else private.may_set(r.operator, lowest, highest, r.threshold, r.threshold_high)
                  end));
end
$$;
comment on function private.wakened_rules(private.arrived) is
    'The rules whose signal these points could change, or whose delay they end: nearly always few of many.';


create function private.judge(rule_ids int[], points private.arrived) returns void
    language plpgsql
    set search_path = ''
as $$
#variable_conflict use_column
declare
    clocks timestamptz[];
    decided record;
begin
    select array_agg(r.id), array_agg(seen.clock)
    into rule_ids, clocks
    from (
        select event_id, max(ts) as clock
        from unnest(points.event_ids, points.timestamps, points.in_order) as p (event_id, ts, in_order)
        where in_order
        group by event_id
    ) seen
    join private.rules r using (event_id)
    where r.id = any (judge.rule_ids);

    select array_agg(rule_id) as rule_ids, array_agg(at) as times, array_agg(decision) as decisions,
           array_agg(value) as "values"
    into decided
    from (select * from private.decisions(rule_ids, points) where decision is not null order by rule_id, at) d;

    perform private.act_on(array_agg(rule_id), array_agg(step), array_agg(happened_at), array_agg(value))
    from private.advance(rule_ids, clocks, decided.rule_ids, decided.times, decided.decisions, decided."values");
end
$$;
comment on function private.judge(int[], private.arrived) is 'Lets points drive these rules, and does what follows.';


create function private.drive_rules(
    event_ids int[], qualities smallint[], timestamps timestamptz[], "values" float8[], ordinals int[]
)
    returns void
    language plpgsql
    set search_path = ''
as $$
declare
    watched int[] := array(select distinct r.event_id from private.rules r where r.enabled and r.event_id = any (event_ids));
    points private.arrived;
    wakened int[];
begin
    if watched = '{}' then
        return;
    end if;
    -- writers to the same event take turns, so that all agree on what was the newest
    perform from private.events e where e.id = any (watched) order by e.id for no key update;
    points := private.in_order_of_arrival(event_ids, qualities, timestamps, "values", ordinals, watched);
    if false = any (points.in_order) then
        perform private.note_late_points(points);
    end if;
    begin
        wakened := private.wakened_rules(points);
        if wakened <> '{}' then
            perform private.judge(wakened, points);
        end if;
    exception
        when transaction_rollback or lock_not_available then
            raise;   -- no fault of a rule: the batch is tried again
        when others then
            perform private.judge_singly(watched, points);
    end;
end
$$;
comment on function private.drive_rules(int[], smallint[], timestamptz[], float8[], int[]) is
    'Step of the pipeline: what was stored drives the rules. A rule that fails stops neither others nor the storing.';


create function private.judge_singly(watched int[], points private.arrived) returns void
    language plpgsql
    set search_path = ''
as $$
declare
    rule_id int;
begin
    foreach rule_id in array array(select r.id from private.rules r where r.enabled and r.event_id = any (watched) order by r.id)
    loop
        begin
            perform private.judge(array[rule_id], points);
            update private.rule_states s set failure = null
            where s.rule_id = judge_singly.rule_id and s.failure is not null;
        exception
            when transaction_rollback or lock_not_available then
                raise;
            when others then
                perform private.note_failure(rule_id, sqlerrm);
        end;
    end loop;
end
$$;
comment on function private.judge_singly(int[], private.arrived) is
    'One rule after the other, because all together failed: the one that fails is logged, the others work.';


create function private.note_failure(rule_id int, reason text) returns void
    language plpgsql
    set search_path = ''
as $$
begin
    update private.rule_states s set failure = reason, failed_at = now()
    where s.rule_id = note_failure.rule_id
      and (s.failure is distinct from reason or s.failed_at < now() - interval '1 hour');
    if found then
        perform private.write_log('error', format('Rule %s failed: %s.', r.name, reason), 'rules')
        from private.rules r where r.id = note_failure.rule_id;
    end if;
end
$$;
comment on function private.note_failure(int, text) is
    'A rule could not be evaluated: its state says so, and a log entry, at most one an hour for the same reason.';


create function private.overdue_rules(at timestamptz)
    returns table (rule_id int, event_id int, clock timestamptz, silent_since timestamptz, value float8)
    language plpgsql stable
    set search_path = ''
as $$
#variable_conflict use_column
begin
    return query
    with clocks as (
        select s.rule_id, r.event_id, s.due_at, coalesce(l.ts + (at - l.received_at), at) as clock, l.value,
               case when r.kind = 'no_data' and not s.signal then
                   coalesce(l.ts + greatest(s.reset_at - l.received_at, interval '0'), s.reset_at)
                   + r.timeout_seconds * interval '1 second'
               end as silent_since
        from private.rules r
        join private.rule_states s on s.rule_id = r.id
        left join private.latest l on l.event_id = r.event_id
        where r.enabled and (s.due_at is not null or r.kind = 'no_data' and not s.signal)
    )
    select c.rule_id, c.event_id, c.clock, case when c.silent_since <= c.clock then c.silent_since end, c.value
    from clocks c
    where c.due_at <= c.clock or c.silent_since <= c.clock;
end
$$;
comment on function private.overdue_rules(timestamptz) is
    'Rules that the clock alone changes: a delay or cooldown ends, or data fail to appear (silent_since). The clock of an '
    'event goes on from its newest point by its time-stamp, since that was received.';


create function private.pass_time(rule_ids int[], at timestamptz) returns void
    language plpgsql
    set search_path = ''
as $$
#variable_conflict use_column
declare
    due record;
begin
    select array_agg(rule_id) as rule_ids, array_agg(clock) as clocks,
           array_agg(rule_id) filter (where silent_since is not null) as silent,
           array_agg(silent_since) filter (where silent_since is not null) as silent_since,
           array_agg(true) filter (where silent_since is not null) as decisions,
           array_agg(value) filter (where silent_since is not null) as "values"
    into due
    from private.overdue_rules(at)
    where rule_id = any (pass_time.rule_ids);

    perform private.act_on(array_agg(rule_id), array_agg(step), array_agg(happened_at), array_agg(value))
    from private.advance(due.rule_ids, due.clocks, due.silent, due.silent_since, due.decisions, due."values");
end
$$;
comment on function private.pass_time(int[], timestamptz) is
    'Carries those of these rules on that the clock alone changes, and does what follows.';


create function private.tick_rules(at timestamptz) returns void
    language plpgsql
    set search_path = ''
as $$
declare
    overdue int[] := array(select o.rule_id from private.overdue_rules(at) o order by o.rule_id);
    rule_id int;
begin
    if overdue = '{}' then
        return;
    end if;
    -- what was overdue before this waited may not be so any more; pass_time asks again
    perform from private.events e
    where e.id in (select r.event_id from private.rules r where r.id = any (overdue))
    order by e.id for no key update;
    begin
        perform private.pass_time(overdue, at);
        return;
    exception
        when transaction_rollback or lock_not_available then
            raise;
        when others then
            null;   -- one of them fails: which?
    end;
    foreach rule_id in array overdue loop
        begin
            perform private.pass_time(array[rule_id], at);
        exception
            when transaction_rollback or lock_not_available then
                raise;
            when others then
                perform private.note_failure(rule_id, sqlerrm);
        end;
    end loop;
end
$$;
comment on function private.tick_rules(timestamptz) is
    'What the clock does to rules: ends of delays and cooldowns, data that fail to appear. Catches up after any pause.';
