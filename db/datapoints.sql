-- Datapoints: measured values, and the newest of each event. Everyone reads;
-- operators enter values by hand; controllers insert what is theirs; administrators
-- delete deliberately. Whichever way a value comes in, it goes through private.ingest
-- (ingest.sql).

-- how far a value can be relied on ------------------------------------------------

create function private.is_usable(quality smallint) returns boolean
    language sql immutable parallel safe
return quality >= 64;
comment on function private.is_usable(smallint) is
    'Whether anything is concluded from a value: it counts for rules, statistics and rollups. Interlocks want a good '
    'one, 192 and more. The codes: api.datapoints.quality.';


create function private.usual_quality() returns smallint
    language plpgsql stable
    set search_path = ''
as $$
begin
    return case when access.in_person() then 216 else 192 end;
end
$$;
comment on function private.usual_quality() is
    'Of a value that comes without: what a person enters is a local override, what a program sends is measured.';


-- reading --------------------------------------------------------------------

create view api.datapoints with (security_invoker) as
    select d.event_id, e.public_id as event_public_id, d.ts, d.value, d.quality
    from private.datapoints d join private.events e on e.id = d.event_id;
comment on view api.datapoints is
    'Measured values. Inserting takes event_id or event_public_id, value, and, if wanted, ts and quality; '
    'many at once go through rpc/ingest.';
comment on column api.datapoints.event_id is 'Number of the event.';
comment on column api.datapoints.event_public_id is 'Identifier of the event to the outside.';
comment on column api.datapoints.ts is 'Time of the measurement. Inserting: now, if not given.';
comment on column api.datapoints.value is 'Value in the unit of the event; always finite.';
comment on column api.datapoints.quality is
    'How far the value can be relied on, as OPC DA has it. Good: 192; 216 entered by hand. Uncertain: 64; 84 out of '
    'range; 96 simulated; 100 the clock was not set. Bad: 0; 4 wrong setting; 8 not connected; 16 sensor fault; 24 no '
    'communication. What is below 64 counts for no rule, statistics or rollup. Inserting: if not given 216 for a user '
    'who is logged in, 192 for programs and controllers.';

create view api.latest with (security_invoker) as
    select l.event_id, e.public_id as event_public_id, l.ts, l.value, l.quality
    from private.latest l join private.events e on e.id = l.event_id;
comment on view api.latest is 'The newest value of each event.';
comment on column api.latest.event_id is 'Number of the event.';
comment on column api.latest.event_public_id is 'Identifier of the event to the outside.';
comment on column api.latest.ts is 'Time of the measurement.';
comment on column api.latest.value is 'Value in the unit of the event.';
comment on column api.latest.quality is 'How far it can be relied on, as datapoints.quality has it.';

grant select on private.datapoints, private.latest to webmacs_viewer;
grant select on api.datapoints, api.latest to webmacs_viewer;
grant insert on api.datapoints to webmacs_operator, webmacs_controller;
create policy "people read" on private.datapoints for select to webmacs_viewer using (true);
create policy "people read" on private.latest for select to webmacs_viewer using (true);


create function private.newest()
    returns table (event_id int, event_public_id uuid, ts timestamptz, value double precision, quality smallint)
    language sql stable security definer
    set search_path = ''
as $$
    select e.id, e.public_id, l.ts, l.value, l.quality
    from private.events e left join private.latest l on l.event_id = e.id
$$;
comment on function private.newest() is
    'Every event with its newest value, for the live stream; ts is null where there is none yet.';
grant execute on function private.newest() to webmacs_sidecar;


-- the doors to the pipeline through REST and SQL ---------------------------------

create function api.ingest(points json) returns json
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_column
declare
    caller int := access.credential_id();
    usual smallint := private.usual_quality();
    batch record;
    answer json;
begin
    if json_typeof(points) is distinct from 'array' then
        raise sqlstate 'PT400' using message = 'points must be an array of objects.',
            hint = 'Each has event_public_id or event_id, value, and, if wanted, timestamp and quality.';
    elsif json_array_length(points) > 5000 then
        raise sqlstate 'PT413' using message = 'points must have at most 5000 items.', hint = 'Send several requests.';
    end if;

    select array_agg(e.id order by p.ordinal) as event_ids,
           array_agg(coalesce(p.quality, usual) order by p.ordinal) as qualities,
           array_agg(coalesce(p.timestamp, clock_timestamp()) order by p.ordinal) as timestamps,
           array_agg(p.value order by p.ordinal) as "values",
           array_agg(p.event_public_id order by p.ordinal) as event_public_ids,
           array_agg(caller) as sources
    into batch
    from rows from (json_to_recordset(points)
             as (event_public_id uuid, event_id int, value float8, "timestamp" timestamptz, quality smallint))
         with ordinality as p (event_public_id, event_id, value, "timestamp", quality, ordinal)
    left join private.events e on e.public_id = p.event_public_id or (p.event_public_id is null and e.id = p.event_id);

    select json_build_object(
        'accepted', coalesce(cardinality(batch.event_ids), 0) - count(*),
        'duplicates', count(*) filter (where reason = 'duplicate'),
        'rejected', coalesce(json_agg(json_build_object(
                'index', ordinal - 1, 'event_public_id', batch.event_public_ids[ordinal], 'reason', reason)
            order by ordinal) filter (where reason <> 'duplicate' and place <= 100), '[]'),
        'rejected_total', count(*) filter (where reason <> 'duplicate'))
    into answer
    from (
        select ordinal, reason, count(*) filter (where reason <> 'duplicate') over (order by ordinal) as place
        from private.ingest(batch.sources, batch.event_ids, batch.qualities, batch.timestamps, batch."values")
    ) refused;
    return answer;
end
$$;
comment on function api.ingest(json) is
    'Stores measured values: an array of at most 5000 objects {event_public_id or event_id, value, timestamp, '
    'quality}, the latter two if wanted. What is refused is named with its reason, at most 100; the rest is stored. '
    'Repeating a request does no harm if it has timestamps.';
grant execute on function api.ingest(json) to webmacs_operator, webmacs_controller;


create function private.insert_datapoint() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
declare
    refusal text;
begin
    new.event_id := coalesce(new.event_id, (select e.id from private.events e where e.public_id = new.event_public_id));
    new.event_public_id := (select e.public_id from private.events e where e.id = new.event_id);
    new.ts := coalesce(new.ts, clock_timestamp());
    new.quality := coalesce(new.quality, private.usual_quality());
    select i.reason into refusal
    from private.ingest(array[access.credential_id()], array[new.event_id], array[new.quality], array[new.ts],
                        array[new.value]) i;
    if refusal <> 'duplicate' then
        raise sqlstate 'PT422' using
            message = format('The datapoint was refused: %s.', refusal),
            detail = json_build_object('event_id', new.event_id, 'ts', new.ts, 'reason', refusal)::text,
            hint = case refusal
                when 'unknown_event' then 'event_id or event_public_id must name an event.'
                when 'malformed' then 'value must be given, and quality be from 0 to 255.'
                when 'not_finite' then 'value must be a finite number.'
                when 'out_of_horizon' then 'ts is too far in the past.'
                when 'future' then 'ts is too far in the future.'
                when 'conflict' then 'The event has another value at this ts.'
                when 'disabled' then 'The event is archived, or its plugin instance disabled.'
                when 'not_yours' then 'A controller writes only events of its own channels.'
            end;
    elsif refusal is null and access.in_person() then
        -- what a program or a controller sends is measured; what a person types in is worth a line
        insert into private.audit_log (actor, role, table_name, operation, row_id, new)
        values (access.actor(), access.claims() ->> 'role', 'datapoints', 'insert', new.event_id::text,
                jsonb_build_object('ts', new.ts, 'value', new.value, 'quality', new.quality));
    end if;
    return new;
end
$$;
create trigger insert_datapoint instead of insert on api.datapoints
    for each row execute function private.insert_datapoint();


create function api.delete_datapoints(event_id int, "from" timestamptz, "to" timestamptz) returns bigint
    language plpgsql security definer
    set search_path = ''
as $$
declare
    removed bigint;
begin
    if (delete_datapoints."from" < delete_datapoints."to") is not true then
        raise sqlstate 'PT400' using message = '"from" and "to" must be times, "from" before "to".';
    elsif not exists (select from private.events e where e.id = delete_datapoints.event_id) then
        raise sqlstate 'PT404' using message = format('There is no event %s.', coalesce(event_id::text, 'null'));
    end if;
    delete from private.datapoints d
    where d.event_id = delete_datapoints.event_id
      and d.ts >= delete_datapoints."from" and d.ts < delete_datapoints."to";
    get diagnostics removed = row_count;
    perform private.mark_rollups_between(event_id, "from", "to");

    -- the newest value may be among them
    delete from private.latest l
    where l.event_id = delete_datapoints.event_id
      and l.ts >= delete_datapoints."from" and l.ts < delete_datapoints."to";
    insert into private.latest (event_id, quality, ts, value)
    select d.event_id, d.quality, d.ts, d.value
    from private.datapoints d
    where d.event_id = delete_datapoints.event_id
    order by d.ts desc
    limit 1
    on conflict do nothing;

    insert into private.audit_log (actor, role, table_name, operation, row_id, old)
    values (access.actor(), coalesce(access.claims() ->> 'role', session_user), 'datapoints', 'purge',
            delete_datapoints.event_id::text,
            jsonb_build_object('datapoints', removed, 'from', delete_datapoints."from", 'to', delete_datapoints."to"));
    return removed;
end
$$;
comment on function api.delete_datapoints(int, timestamptz, timestamptz) is
    'Removes the values of an event from "from" (inclusive) to "to" (exclusive), for ever. '
    'Returns how many there were.';
grant execute on function api.delete_datapoints(int, timestamptz, timestamptz) to webmacs_admin;
