-- Audit: who changed what. One generic trigger for every table of `private` that
-- a person's change can reach. Administrators read; nobody writes by hand.

create view api.audit_log with (security_invoker) as
    select id, changed_at, actor, role, table_name, operation, row_id, old, new, actor_public_id, jti
    from private.audit_log;
comment on view api.audit_log is 'Who changed what, and when. Append-only.';
comment on column api.audit_log.id is 'Number, in the order of writing.';
comment on column api.audit_log.changed_at is 'When.';
comment on column api.audit_log.actor is
    'User name, `controller` and its name, or the login of psql. People may rename themselves: search by '
    'actor_public_id.';
comment on column api.audit_log.role is 'The database role under which the change was made.';
comment on column api.audit_log.table_name is 'Which table.';
comment on column api.audit_log.operation is 'insert, update, delete, or purge (measured values removed).';
comment on column api.audit_log.row_id is 'Number of the changed row, or numbers joined by a comma.';
comment on column api.audit_log.old is
    'What the row said before; of an update only what changed. Secrets are shown as ***.';
comment on column api.audit_log.new is
    'What the row says since; of an update only what changed. Secrets are shown as ***.';
comment on column api.audit_log.actor_public_id is
    'public_id of the user or controller, whatever its name was or is; null: a login of psql.';
comment on column api.audit_log.jti is
    'With which session or token it was done, as in sessions, api_tokens and controller_tokens; null: none.';

grant select on private.audit_log, api.audit_log to webmacs_admin;
create policy "administrators read" on private.audit_log for select to webmacs_admin using (true);


create function private.stamp_audit() returns trigger
    language plpgsql
    set search_path = ''
as $$
declare
    claims json := access.claims();
begin
    -- without claims what stands there stays: a row that is restored is sealed as it was
    if claims is not null then
        new.actor_public_id := claims ->> 'sub';
        new.jti := claims ->> 'jti';
    end if;
    return new;
end
$$;
comment on function private.stamp_audit() is 'Before insert: whose token the request has, and which.';
create trigger stamp_audit before insert on private.audit_log
    for each row execute function private.stamp_audit();


create function private.audited(old_row jsonb, new_row jsonb, ignored text[])
    returns table (old jsonb, new jsonb)
    language sql immutable
    set search_path = ''
as $$
    with columns as (
        select key, key in ('password_hash', 'secret', 'secrets', 'previous_secret', 'secret_hash') as is_secret,
               o.value as before, n.value as after
        from jsonb_each(coalesce(old_row, '{}')) o full join jsonb_each(coalesce(new_row, '{}')) n using (key)
        where key <> all (ignored) and o.value is distinct from n.value
    ), redacted as (
        select key,
               case when is_secret and before <> 'null' then '"***"' else before end as before,
               case when is_secret and after <> 'null' then '"***"' else after end as after
        from columns
    )
    select jsonb_object_agg(key, before) filter (where before is not null),
           jsonb_object_agg(key, after) filter (where after is not null)
    from redacted
    having count(*) > 0
$$;
comment on function private.audited(jsonb, jsonb, text[]) is
    'What differs between two versions of a row, secrets redacted, ignored columns left out. No row: nothing differs.';


create function private.audit() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
declare
    -- the columns that name a row, then those whose change is not worth a line
    key_columns text[] := string_to_array(tg_argv[0], ',');
    ignored     text[] := string_to_array(tg_argv[1], ',');
    actor       text := access.actor();
    role        text := coalesce(access.claims() ->> 'role', session_user);
    pairs       text;
begin
    pairs := case tg_op
        when 'INSERT' then 'select null::jsonb as old_row, to_jsonb(n) as new_row from new_rows n'
        when 'DELETE' then 'select to_jsonb(o) as old_row, null::jsonb as new_row from old_rows o'
        else format('select to_jsonb(o) as old_row, to_jsonb(n) as new_row from old_rows o join new_rows n using (%s)',
                    tg_argv[0])
    end;
    execute format($sql$
        insert into private.audit_log (actor, role, table_name, operation, row_id, old, new)
        select $1, $2, $3, $4,
               (select string_agg(coalesce(p.new_row, p.old_row) ->> k.name, ',' order by k.place)
                from unnest($5) with ordinality k (name, place)),
               a.old, a.new
        from (%s) p, private.audited(p.old_row, p.new_row, $6) a
    $sql$, pairs)
    using actor, role, tg_table_name, lower(tg_op), key_columns, ignored;
    return null;
end
$$;
comment on function private.audit() is 'Writes the rows of a statement into the audit log, in one statement.';


do $attach$
declare
    audited record;
begin
    for audited in
        select * from (values
            ('settings',          'only_row',               'covered_from,covered_to,rolled_to,computed_to'),
            ('users',             'id',                     ''),
            ('identities',        'id',                     ''),
            ('password_resets',   'user_id',                ''),
            ('signing_keys',      'kid',                    ''),
            ('credentials',       'id',
                                  'last_used_at,last_used_address,last_used_agent'),
            ('controllers',       'id',
                                  'software,connected_at,last_seen_at,last_seen_address,last_seen_agent,'
                                  'socket_id,connection_told,told_version,told_at'),
            ('plugin_instances',  'id',                     'status,status_detail,setting_error,reported_at'),
            ('channel_mappings',  'id',                     'status,status_detail'),
            ('plugin_packages',   'id',                     ''),
            ('plugin_package_assignments', 'id',            'state,detail,reported_at'),
            ('update_bundles',    'id',                     ''),
            ('updates',           'id',                     'received,changed_at'),
            ('events',            'id',                     ''),
            ('experiments',       'id',                     ''),
            ('experiment_events', 'experiment_id,event_id', ''),
            ('experiment_notes',  'id',                     ''),
            ('experiment_files',  'id',                     ''),
            ('commands',          'id',                     'socket_id'),
            ('interlocks',        'id',                     ''),
            ('retention',         'unit',                   'gone,over_budget'),
            ('housekeeping',      'what',                   ''),
            ('rules',             'id',                     ''),
            ('rule_actions',      'id',                     ''),
            ('webhooks',          'id',                     ''),
            ('webhook_events',    'webhook_id,event_id',    ''),
            ('dashboards',        'id',                     'version,changed_at,changed_by'),
            ('log_entries',       'id',                     '')
        ) as tables (name, key_columns, ignored)
    loop
        execute format('create trigger audit_insert after insert on private.%I referencing new table as new_rows '
                       'for each statement execute function private.audit(%L, %L)',
                       audited.name, audited.key_columns, audited.ignored);
        execute format('create trigger audit_update after update on private.%I referencing old table as old_rows '
                       'new table as new_rows for each statement execute function private.audit(%L, %L)',
                       audited.name, audited.key_columns, audited.ignored);
        execute format('create trigger audit_delete after delete on private.%I referencing old table as old_rows '
                       'for each statement execute function private.audit(%L, %L)',
                       audited.name, audited.key_columns, audited.ignored);
    end loop;
end
$attach$;
