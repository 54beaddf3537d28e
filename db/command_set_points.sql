-- Set points: commands for what no controller drives, an actuator excepted. Storing the value is all there is to do.

create function private.store_set_points() returns void
    language plpgsql
    set search_path = ''
as $$
declare
    queued bigint[];
    batch  record;
begin
    -- a stored value may fire a rule that sets the next one, which waits: a circle would not end
    if current_setting('webmacs.storing_set_points', true) = 'on' then
        return;
    end if;
    queued := array(select c.id from private.commands c
                    where c.state = 'queued' and c.controller_id is null
                    order by c.id for update skip locked);
    perform private.refuse_commands(queued);
    perform private.supersede_commands(array(select c.event_id from private.commands c where c.id = any (queued)));

    select array_agg(q.id) as ids, array_agg(q.event_id) as event_ids, array_agg(q.value) as "values",
           array_agg(case when cause.quality = 96 then 96 else 192 end::smallint) as qualities,
           -- never before a value that came dated ahead of our clock: done means that it is the newest one
           array_agg(greatest(clock_timestamp(), l.ts + interval '1 microsecond')) as timestamps,
           array_agg(null::int) as sources
    into batch
    from (select * from private.commands c where c.id = any (queued) and c.state = 'queued' order by c.id) q
    left join private.latest l using (event_id)
    left join private.rules r on r.id = q.rule_id
    left join private.latest cause on cause.event_id = r.event_id;
    if batch.ids is null then
        return;
    end if;
    perform set_config('webmacs.storing_set_points', 'on', true);
    with refused as (
        select i.ordinal, format('The value was not stored: %s.', i.reason) as error
        from private.ingest(batch.sources, batch.event_ids, batch.qualities, batch.timestamps, batch."values") i
    )
    update private.commands c
    set state = case when r.error is null then 'done' else 'failed' end,
        value_read = case when r.error is null then c.value end,
        error = r.error
    from unnest(batch.ids) with ordinality as stored (id, ordinal) left join refused r using (ordinal)
    where c.id = stored.id;
    perform set_config('webmacs.storing_set_points', 'off', true);
end
$$;
comment on function private.store_set_points() is
    'Queued commands for what no controller drives: their values are stored as measured ones are, and as simulated '
    '(quality 96) where a rule gave them because of what is simulated.';
