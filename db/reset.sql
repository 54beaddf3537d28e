-- Drops all that the repeatable files define: views and functions of `api`,
-- functions of `access` and `private`, policies, triggers and web grants on the
-- tables of `private`. Runs before them in the same transaction, so that each file
-- is plain `create` and what is no longer in a file is no longer in the database.
-- Tables, types and data belong to migrations/ and are not touched.
--
-- Nothing is dropped that something outside WebMACS depends on: then the
-- migration stops and PostgreSQL's message names the dependent object.

create or replace function private.drop_together(kind text, names text[]) returns void
    language plpgsql
as $$
begin
    -- one command, so that views that stand on each other need no order
    if cardinality(names) > 0 then
        execute format('drop %s %s', kind, array_to_string(names, ', '));
    end if;
end
$$;

do $reset$
declare
    doomed record;
begin
    for doomed in
        select format('drop policy %I on %s', p.polname, p.polrelid::regclass) as command
        from pg_policy p join pg_class c on c.oid = p.polrelid
        where c.relnamespace = 'private'::regnamespace
        union all
        select format('drop trigger %I on %s', t.tgname, t.tgrelid::regclass)
        from pg_trigger t join pg_class c on c.oid = t.tgrelid
        where c.relnamespace = 'private'::regnamespace and not t.tgisinternal and t.tgparentid = 0
        union all
        select format('revoke all on %s from webmacs_anon, webmacs_viewer, webmacs_operator, webmacs_admin, '
                      'webmacs_controller, webmacs_sidecar, webmacs_reader', c.oid::regclass)
        from pg_class c
        where c.relnamespace = 'private'::regnamespace and c.relkind in ('r', 'p', 'S') and not c.relispartition
    loop
        execute doomed.command;
    end loop;
    -- functions of the API may return rows of its views, views may call functions of access
    perform private.drop_together('routine', array(
        select format('%s', p.oid::regprocedure) from pg_proc p where p.pronamespace = 'api'::regnamespace));
    perform private.drop_together('view', array(
        select format('%s', c.oid::regclass) from pg_class c
        where c.relnamespace in ('api'::regnamespace, 'private'::regnamespace) and c.relkind = 'v'));
    perform private.drop_together('routine', array(
        select format('%s', p.oid::regprocedure) from pg_proc p
        where p.pronamespace in ('access'::regnamespace, 'private'::regnamespace)
          and p.proname <> 'drop_together'));
end
$reset$;

drop function private.drop_together;
