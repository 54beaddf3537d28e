-- Driving: the step of the pipeline that lets points drive the rules, and the same by the clock.

create function private.wakened_rules(
    event_ids int[], qualities smallint[], timestamps timestamptz[], "values" float8[]
)
    returns table (event_id int, rule_id int, alone boolean)
    language plpgsql stable
    set search_path = ''
as $$
#variable_conflict use_column
begin
    return query
    with seen as (
        select p.event_id, min(p.ts) as earliest, max(p.ts) as clock,
               min(p.value) filter (where private.is_usable(p.quality)) as lowest,
               max(p.value) filter (where private.is_usable(p.quality)) as highest
        from unnest(event_ids, qualities, timestamps, "values") as p (event_id, quality, ts, value)
        group by p.event_id
    ), compared as (
        select s.*, l.ts as newest from seen s left join private.latest l using (event_id)
    )
    select c.event_id, r.id, s.failure is not null
    from compared c
    join private.rules r on r.event_id = c.event_id
    join private.rule_states s on s.rule_id = r.id
    where r.enabled
      and case
              when s.failure is not null then
                  s.failed_at not between now() - interval '10 seconds' and now() + interval '10 seconds'
              when s.due_at <= c.clock or r.kind = 'rate' then true
              when r.kind = 'no_data' then
                  s.signal or c.clock - least(c.newest, c.earliest) > r.timeout_seconds * interval '1 second'
              when s.signal then
                  private.may_clear(r.operator, c.lowest, c.highest, r.threshold, r.threshold_high, r.deadband)
              else private.may_set(r.operator, c.lowest, c.highest, r.threshold, r.threshold_high)
          end
    union all
    select c.event_id, null, false
    from compared c
    where c.earliest < c.newest or c.clock - c.earliest > interval '5 seconds';
end
$$;
comment on function private.wakened_rules(int[], smallint[], timestamptz[], float8[]) is
    'The rules whose signal these points could change, or whose delay they end: nearly always few of many. alone: it '
    'failed the last time, which would stop the others. Without a rule: an event some of whose points may be late.';


create function private.hold_rules(rule_ids int[]) returns void
    language plpgsql
    set search_path = ''
as $$
begin
    perform from private.rules r where r.id = any (rule_ids) order by r.id for share;
end
$$;
comment on function private.hold_rules(int[]) is
    'Whoever changes or deletes one of these rules waits, instead of each for the other: a rule is locked before its '
    'state and its alarm, by everybody.';


create function private.judge(rule_ids int[], points private.arrived) returns void
    language plpgsql
    set search_path = ''
as $$
#variable_conflict use_column
declare
    clocks timestamptz[];
    decided record;
begin
    perform private.hold_rules(rule_ids);
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

    -- only where the decision turns: the rest would change nothing, and is most of it
    select array_agg(rule_id) as rule_ids, array_agg(at) as times, array_agg(decision) as decisions,
           array_agg(value) as "values"
    into decided
    from (
        select *, lag(decision) over (partition by rule_id order by at) as before
        from private.decisions(rule_ids, points)
        where decision is not null
        order by rule_id, at
    ) d
    where decision is distinct from before;

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
    watched int[] := array(
        select distinct r.event_id from private.rules r where r.enabled and r.event_id = any (event_ids));
    points private.arrived;
    wakened int[];      -- events
    together int[];     -- their rules
    alone int[] := '{}';
begin
    if watched = '{}' then
        return;
    end if;
    -- writers to the same event take turns, so that all agree on what was the newest
    perform from private.events e where e.id = any (watched) order by e.id for no key update;
    begin
        select array_agg(distinct w.event_id),
               array_agg(w.rule_id) filter (where not w.alone and w.rule_id is not null),
               coalesce(array_agg(w.rule_id) filter (where w.alone), '{}')
        into wakened, together, alone
        from private.wakened_rules(event_ids, qualities, timestamps, "values") w
        where w.event_id = any (watched);
        if wakened is null then
            return;
        end if;
        points := private.in_order_of_arrival(event_ids, qualities, timestamps, "values", ordinals, wakened);
        if together is not null then
            perform private.judge(together, points);
        end if;
    exception
        when transaction_rollback or lock_not_available then
            raise;   -- no fault of a rule: the batch is tried again
        when others then
            points := private.in_order_of_arrival(event_ids, qualities, timestamps, "values", ordinals, watched);
            perform private.carry_on(array(
                select r.id from private.rules r where r.enabled and r.event_id = any (watched)), points, null);
    end;
    perform private.carry_on(alone, points, null);
    perform private.note_late_points(points);
end
$$;
comment on function private.drive_rules(int[], smallint[], timestamptz[], float8[], int[]) is
    'Step of the pipeline: what was stored drives the rules. A rule that fails stops neither others nor the storing.';


create function private.note_failure(rule_id int, reason text) returns void
    language plpgsql
    set search_path = ''
as $$
declare
    before text := (select s.failure from private.rule_states s where s.rule_id = note_failure.rule_id);
begin
    update private.rule_states s set failure = reason, failed_at = clock_timestamp()
    where s.rule_id = note_failure.rule_id;
    if before is distinct from reason then
        perform private.write_log('error', format('Rule %s failed: %s.', r.name, reason), 'rules')
        from private.rules r where r.id = note_failure.rule_id;
    end if;
end
$$;
comment on function private.note_failure(int, text) is
    'A rule could not be evaluated: its state says so, and a log entry the first time. It is tried again every '
    '10 seconds.';


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
        join private.events e on e.id = r.event_id
        left join private.latest l on l.event_id = r.event_id
        where r.enabled and e.archived_at is null and (s.due_at is not null or r.kind = 'no_data' and not s.signal)
          and (s.failure is null or s.failed_at not between at - interval '10 seconds' and at + interval '10 seconds')
    )
    select c.rule_id, c.event_id, c.clock, case when c.silent_since <= c.clock then c.silent_since end, c.value
    from clocks c
    where c.due_at <= c.clock or c.silent_since <= c.clock;
end
$$;
comment on function private.overdue_rules(timestamptz) is
    'Rules that the clock alone changes: a delay or cooldown ends, or data fail to appear (silent_since). The clock of '
    'an event goes on from its newest point by its time-stamp, since that was received.';


create function private.pass_time(rule_ids int[], at timestamptz) returns void
    language plpgsql
    set search_path = ''
as $$
#variable_conflict use_column
declare
    due record;
begin
    perform private.hold_rules(rule_ids);
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


create function private.carry_on(rule_ids int[], points private.arrived, at timestamptz) returns void
    language plpgsql
    set search_path = ''
as $$
declare
    half int := cardinality(rule_ids) / 2;
begin
    if rule_ids = '{}' then
        return;
    end if;
    begin
        if points is null then
            perform private.pass_time(rule_ids, at);
        else
            perform private.judge(rule_ids, points);
        end if;
        update private.rule_states s set failure = null, failed_at = null
        where s.rule_id = any (rule_ids) and s.failure is not null;
        return;
    exception
        when transaction_rollback or lock_not_available then
            raise;   -- no fault of a rule: all of it is tried again
        when others then
            if half = 0 then
                perform private.note_failure(rule_ids[1], sqlerrm);
                return;
            end if;
    end;
    -- one of them fails: in halves that one is soon found, and the others work
    perform private.carry_on(rule_ids[: half], points, at);
    perform private.carry_on(rule_ids[half + 1 :], points, at);
end
$$;
comment on function private.carry_on(int[], private.arrived, timestamptz) is
    'Lets points drive these rules, or, without points, the clock. One that fails is logged and stops no other.';


create function private.tick_rules(at timestamptz) returns void
    language plpgsql
    set search_path = ''
as $$
declare
    -- What others hold is left to them, or to the next second: the clock waits for nobody. Points that come in carry
    -- their rules on themselves, and whoever edits a rule in an open transaction stops no other.
    overdue int[] := array(
        select r.id
        from private.rules r
        join private.events e on e.id = r.event_id
        where r.id in (select o.rule_id from private.overdue_rules(at) o)
        order by e.id, r.id
        limit 1000   -- of thousands at once the others wait for the next second, so that values need not wait longer
        for no key update of e skip locked
        for share of r skip locked);
begin
    -- what was overdue before they were locked may not be so any more; it is asked again
    perform private.carry_on(overdue, null, at);
end
$$;
comment on function private.tick_rules(timestamptz) is
    'What the clock does to rules: ends of delays and cooldowns, data that fail to appear. Catches up after any pause.';
