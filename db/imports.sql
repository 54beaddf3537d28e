-- Import: what a file of measured values would come to, before any of it is stored. What is stored goes through
-- private.ingest (ingest.sql), as everything does.

create function private.check_points(
    sources    int[],
    event_ids  int[],
    qualities  smallint[],
    timestamps timestamptz[],
    "values"   float8[]
)
    returns table (ordinal int, reason text)
    language plpgsql stable security definer
    set search_path = ''
as $$
#variable_conflict use_column
begin
    return query
    with judged as materialized (
        select * from private.judge(sources, event_ids, qualities, timestamps, "values")
    ), acceptable as (
        -- of points with the same key in one batch the first would be stored
        select *, row_number() over by_key as repetition,
               first_value(value) over by_key as first_value, first_value(quality) over by_key as first_quality
        from judged where reason is null
        window by_key as (partition by event_id, ts order by ordinal)
    )
    select ordinal::int, reason from judged where reason is not null
    union all
    select a.ordinal::int,
           case when (coalesce(d.value, a.first_value), coalesce(d.quality, a.first_quality)) = (a.value, a.quality)
                then 'duplicate' else 'conflict' end
    from acceptable a
    left join private.datapoints d using (event_id, ts)
    where d.event_id is not null or a.repetition > 1;
end
$$;
comment on function private.check_points(int[], int[], smallint[], timestamptz[], float8[]) is
    'What private.ingest would return for these points now; nothing is stored.';
grant execute on function private.check_points(int[], int[], smallint[], timestamptz[], float8[]) to webmacs_sidecar;


create function private.note_import(stored bigint, rejected bigint) returns void
    language sql security definer
    set search_path = ''
as $$
    insert into private.audit_log (actor, role, table_name, operation, row_id, new)
    values (access.actor(), access.claims() ->> 'role', 'datapoints', 'insert', 'import',
            jsonb_build_object('datapoints', stored, 'rejected', rejected))
$$;
comment on function private.note_import(bigint, bigint) is
    'One line in the audit log for a whole file: who imported how many values.';
grant execute on function private.note_import(bigint, bigint) to webmacs_sidecar;
