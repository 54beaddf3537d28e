-- Silence: a shelved alarm is silent until a time, because a person said so and why; a
-- suppressed one while an experiment of the kind runs that its rule names ("shelved" and
-- "suppressed by design" of ISA-18.2). Silent alarms live on, but nobody is told.

create view api.alarm_shelves with (security_invoker) as
    select rule_id, shelved_until, reason, shelved_by, shelved_at from private.alarm_shelves;
comment on view api.alarm_shelves is 'Rules whose alarms are shelved: silent until a time.';
comment on column api.alarm_shelves.rule_id is 'Number of the rule.';
comment on column api.alarm_shelves.shelved_until is 'When they are announced again.';
comment on column api.alarm_shelves.reason is 'Why, 1 to 1000 characters.';
comment on column api.alarm_shelves.shelved_by is 'Name of who did it.';
comment on column api.alarm_shelves.shelved_at is 'When.';

grant select on private.alarm_shelves, api.alarm_shelves to webmacs_viewer;
create policy "people read" on private.alarm_shelves for select to webmacs_viewer using (true);


create function private.silent_rules(at timestamptz) returns table (rule_id int, silenced_by text)
    language plpgsql stable   -- which, unlike sql, keeps its plan
    set search_path = ''
as $$
begin
    return query
    select s.rule_id, 'shelved' from private.alarm_shelves s
    union all
    select r.id, 'suppressed' from private.rules r
    where r.suppressed_by in (select x.kind from private.experiments x
                              where x.started_at <= at and (x.stopped_at is null or x.stopped_at > at))
      and not exists (select from private.alarm_shelves s where s.rule_id = r.id);
end
$$;
comment on function private.silent_rules(timestamptz) is
    'Rules whose alarms are silent, and why. A shelf counts until the clock removes it.';


create function private.unsettled_alarms(at timestamptz) returns table (alarm_id bigint, silenced_by text, wanted text)
    language sql stable
    set search_path = ''
as $$
    select a.id, a.silenced_by, q.silenced_by
    from private.alarms a left join private.silent_rules(at) q using (rule_id)
    where a.state <> 'normal' and a.silenced_by is distinct from q.silenced_by
$$;
comment on function private.unsettled_alarms(timestamptz) is
    'Open alarms that are silent and should not be, or should be and are not, or for another reason.';


create function private.settle_alarms(at timestamptz) returns void
    language plpgsql security definer
    set search_path = ''
as $$
declare
    -- one that somebody acts on is left to the next tick: the clock has locked alarms before, and must not wait
    free bigint[] := array(
        select a.id from private.alarms a
        where a.id in (select u.alarm_id from private.unsettled_alarms(at) u) for update skip locked);
begin
    if free = '{}' then
        return;
    end if;
    insert into private.alarm_journal (alarm_id, step, state, silent, happened_at, actor)
    select a.id, s.step, a.state, a.silenced_by is not null, at, 'system'
    from private.unsettled_alarms(at) u
    join private.alarms a on a.id = u.alarm_id
    cross join lateral (values (1, 'un' || u.silenced_by), (2, u.wanted)) as s (place, step)
    where a.id = any (free) and s.step is not null
    order by a.id, s.place;
end
$$;
comment on function private.settle_alarms(timestamptz) is
    'Open alarms become silent, or are announced again, as shelves and running experiments want it.';


create function private.tick_alarms(at timestamptz) returns void
    language plpgsql
    set search_path = ''
as $$
begin
    delete from private.alarm_shelves s where s.shelved_until <= at;
    perform private.settle_alarms(at);
end
$$;
comment on function private.tick_alarms(timestamptz) is
    'What the clock does to alarms: shelves end, experiments begin and end.';


create function private.settle_alarms_of_experiments() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    perform private.settle_alarms(clock_timestamp());
    return null;
end
$$;
comment on function private.settle_alarms_of_experiments() is
    'After a change of experiments: alarms are suppressed, or announced again, at once.';
create trigger settle_alarms after insert or update or delete on private.experiments
    for each statement execute function private.settle_alarms_of_experiments();
