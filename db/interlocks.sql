-- Interlocks: an actuator moves only while a condition on another value holds. Whatever is in doubt blocks:
-- no value, an old one, one of doubtful quality, a source that was purged. Everyone reads, administrators manage.

create view api.interlocks with (security_invoker) as
    select id, public_id, event_id, source_event_id, operator, threshold, threshold_high, max_age_seconds, description,
           enabled, created_at
    from private.interlocks;
comment on view api.interlocks is
    'Conditions under which an actuator may move: the newest value of source_event_id fulfils the condition, is of '
    'good quality (simulated will do where the actuator is simulated, too), and not older than max_age_seconds. All '
    'interlocks of an event must hold.';
comment on column api.interlocks.id is 'Number within this database.';
comment on column api.interlocks.public_id is 'Identifier to the outside.';
comment on column api.interlocks.event_id is 'What it guards: anything but a sensor.';
comment on column api.interlocks.source_event_id is 'Whose value decides. Null: it was purged, and this blocks.';
comment on column api.interlocks.operator is 'gt, lt, gte, lte, eq, between or not_between.';
comment on column api.interlocks.threshold is 'What the value is compared with, in the unit of the source.';
comment on column api.interlocks.threshold_high is 'Upper limit of between and not_between.';
comment on column api.interlocks.max_age_seconds is 'A value older than this blocks. 0.1 to 86400.';
comment on column api.interlocks.description is 'What it protects, as people read it when it blocks.';
comment on column api.interlocks.enabled is 'A disabled interlock does not block.';
comment on column api.interlocks.created_at is 'When it was made.';

grant select (id, public_id, event_id, source_event_id, operator, threshold, threshold_high, max_age_seconds,
              description, enabled, created_at)
    on private.interlocks to webmacs_viewer;
grant insert (event_id, source_event_id, operator, threshold, threshold_high, max_age_seconds, description, enabled),
      update (event_id, source_event_id, operator, threshold, threshold_high, max_age_seconds, description, enabled),
      delete
    on private.interlocks, api.interlocks to webmacs_admin;
grant select on api.interlocks to webmacs_viewer;

create policy "people read" on private.interlocks for select to webmacs_viewer using (true);
create policy "administrators manage" on private.interlocks to webmacs_admin using (true) with check (true);

create trigger stamp_author before insert on private.interlocks
    for each row execute function private.stamp_author();


create function private.check_interlock() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
declare
    target private.events;
begin
    select * into target from private.events e where e.id = new.event_id;
    if target.event_type = 'sensor' then
        raise sqlstate 'PT422' using message = format('event_id must name what can be set, but %s is a sensor.',
                                                      private.in_one_line(target.name));
    -- only the purge of the source may leave it null
    elsif new.source_event_id is null
          and (tg_op = 'INSERT' or exists (select from private.events e where e.id = old.source_event_id)) then
        raise sqlstate 'PT422' using message = 'source_event_id must name an event.';
    end if;
    return new;
end
$$;
comment on function private.check_interlock() is 'Before a change: what it guards can be driven, and it has a source.';
create trigger check_interlock before insert or update on private.interlocks
    for each row execute function private.check_interlock();


-- why it blocks, in words -------------------------------------------------------

create function private.condition_words(operator text, threshold float8, threshold_high float8) returns text
    language plpgsql immutable
    set search_path = ''
as $$
declare
    low  text := private.number_text(threshold);
    high text := private.number_text(threshold_high);
begin
    return case operator
        when 'gt'  then 'greater than ' || low
        when 'gte' then 'at least ' || low
        when 'lt'  then 'less than ' || low
        when 'lte' then 'at most ' || low
        when 'eq'  then low
        when 'between'     then format('from %s to %s', low, high)
        when 'not_between' then format('less than %s or greater than %s', low, high)
    end;
end
$$;
comment on function private.condition_words(text, float8, float8) is 'A condition as a sentence names it.';


create function private.age(newest private.latest, at timestamptz) returns float8
    language sql immutable
return extract(epoch from at - least(newest.ts, newest.received_at))::float8;
comment on function private.age(private.latest, timestamptz) is
    'How old a value is, in seconds: by the clock of its source or by ours, whichever makes it older.';


create function private.blocking_interlocks(event_ids int[], at timestamptz) returns table (event_id int, words text)
    language plpgsql stable
    set search_path = ''
as $$
begin
    return query
    select distinct on (i.event_id) i.event_id,
           format('Interlock %s%s blocks: ', i.id, ' (' || i.description || ')') || case
               when s.id is null then 'its source event was deleted.'
               when s.archived_at is not null then format('%s is archived.', s.name)
               when l.event_id is null then format('%s has no value.', s.name)
               when not source.trusted then format('the value of %s is not of good quality (%s).', s.name, l.quality)
               when age.seconds > i.max_age_seconds
                   then format('the value of %s is %s s old, at most %s s are allowed.',
                               s.name, round(age.seconds::numeric, 1), private.number_text(i.max_age_seconds))
               when -age.by_source > i.max_age_seconds
                   then format('the value of %s is dated %s s ahead of this clock, at most %s s are allowed.',
                               s.name, round(-age.by_source::numeric, 1), private.number_text(i.max_age_seconds))
               else format('%s must be %s %s, but is %s %s.', s.name,
                           private.condition_words(i.operator, i.threshold, i.threshold_high), s.unit,
                           private.number_text(l.value), s.unit)
           end
    from private.interlocks i
    left join private.events s on s.id = i.source_event_id
    left join private.latest l on l.event_id = s.id
    -- ahead: what is measured now is dated before it, and does not become the newest value
    cross join lateral (select private.age(l, at) as seconds, extract(epoch from at - l.ts)::float8 as by_source) age
    left join private.latest o on o.event_id = i.event_id
    -- what is simulated (quality 96) lets move what is simulated, too, and nothing real
    cross join lateral (
        select l.quality >= 192 or l.quality = 96 and o.quality is not distinct from 96) source (trusted)
    where i.event_id = any (event_ids) and i.enabled
      and (s.archived_at is null and source.trusted
           and age.seconds <= i.max_age_seconds and -age.by_source <= i.max_age_seconds
           and private.holds(i.operator, l.value, i.threshold, i.threshold_high, 0)) is not true
    order by i.event_id, i.id;
end
$$;
comment on function private.blocking_interlocks(int[], timestamptz) is
    'Which of these events may not be driven now, with the first interlock that blocks each and why.';


create function private.interlock_frames(controller_id int, event_ids int[])
    returns table (event_id int, frames json, seconds float8)
    language sql stable
    set search_path = ''
as $$
    select i.event_id,
           json_agg(json_build_object(
               'event_public_id', s.public_id, 'instance', p.name, 'channel', m.channel, 'operator', i.operator,
               'threshold', i.threshold, 'threshold_high', i.threshold_high, 'max_age', i.max_age_seconds)
               order by i.id),
           min(i.max_age_seconds - private.age(l, clock_timestamp())) filter (where p.id is null)
    from private.interlocks i
    left join private.events s on s.id = i.source_event_id
    left join private.latest l on l.event_id = s.id
    left join (private.channel_mappings m
               join private.plugin_instances p on p.id = m.plugin_instance_id
                                               and p.controller_id = interlock_frames.controller_id)
        on m.event_id = s.id and s.archived_at is null
    where i.event_id = any (event_ids) and i.enabled
    group by i.event_id
$$;
comment on function private.interlock_frames(int, int[]) is
    'The interlocks of each event, as the controller is told them; instance and channel where it measures the source '
    'itself. Where another does, or nobody any more, it cannot judge: then for how many seconds from now what we know '
    'is fresh.';
