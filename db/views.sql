-- Views that stand on several tables can only be read. PostgreSQL would answer a write
-- with object_not_in_prerequisite_state, which PostgREST shows as 500, before it looks at
-- the rights; with a trigger it looks at them first, and the answer is 403.
-- Its name comes last in the alphabet, so that all views are there.

create function private.refuse_write() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    raise sqlstate 'PT405' using message = format('%s can only be read.', tg_table_name);
end
$$;
comment on function private.refuse_write() is 'Instead of writing to a view that can only be read.';


do $attach$
declare
    refused record;
begin
    for refused in
        select c.relname as view, lower(operation) as operation
        from pg_class c
        -- the bits are those of pg_relation_is_updatable
        cross join (values ('INSERT', 8), ('UPDATE', 4), ('DELETE', 16)) as operations (operation, bit)
        where c.relnamespace = 'api'::regnamespace and c.relkind = 'v'
          and pg_relation_is_updatable(c.oid, true) & bit = 0
    loop
        execute format('create trigger refuse_%2$s instead of %2$s on api.%1$I '
                       'for each row execute function private.refuse_write()', refused.view, refused.operation);
    end loop;
end
$attach$;
