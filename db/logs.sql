-- Log entries: what the system and people wrote down. Everyone reads; operators and
-- controllers write; operators mark as read; administrators delete.

create view api.log_entries with (security_invoker) as
    select id, created_at, level, message, source, is_read, user_id, controller_id from private.log_entries;
comment on view api.log_entries is 'What the system and people wrote down.';
comment on column api.log_entries.id is 'Number, in the order of writing.';
comment on column api.log_entries.created_at is 'When it was written.';
comment on column api.log_entries.level is 'info, warning or error.';
comment on column api.log_entries.message is '1 to 2000 characters.';
comment on column api.log_entries.source is 'Which part wrote it.';
comment on column api.log_entries.is_read is 'Whether somebody marked it as read.';
comment on column api.log_entries.user_id is 'The user who wrote it, or null.';
comment on column api.log_entries.controller_id is 'The controller that wrote it, or null.';

grant select on private.log_entries, api.log_entries to webmacs_viewer;
grant insert (level, message, source) on private.log_entries, api.log_entries to webmacs_operator, webmacs_controller;
grant update (is_read) on private.log_entries, api.log_entries to webmacs_operator;
grant update (level, message, source), delete on private.log_entries, api.log_entries to webmacs_admin;

create policy "people read" on private.log_entries for select to webmacs_viewer using (true);
create policy "operators and controllers write" on private.log_entries for insert
    to webmacs_operator, webmacs_controller with check (true);
create policy "operators mark as read" on private.log_entries for update to webmacs_operator using (true);
create policy "administrators do everything" on private.log_entries to webmacs_admin using (true) with check (true);


create function private.stamp_log_entry() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    new.user_id := access.user_id();
    new.controller_id := access.controller_id();
    return new;
end
$$;
-- what the system writes, it writes as the owner, whoever made it do so
create trigger stamp_log_entry before insert on private.log_entries
    for each row when (current_user <> 'webmacs_owner') execute function private.stamp_log_entry();


create function private.write_log(level api.log_level, message text, source text) returns void
    language sql security definer
    set search_path = ''
as $$
    insert into private.log_entries (level, message, source) values (level, left(message, 2000), source)
$$;
comment on function private.write_log(api.log_level, text, text) is 'A log entry of the system itself.';
grant execute on function private.write_log(api.log_level, text, text) to webmacs_sidecar;


-- live ------------------------------------------------------------------------------

create function private.announce_log_entries() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    perform private.announce_changes('log', array(select id from changed order by id));
    return null;
end
$$;
create trigger announce_insert after insert on private.log_entries referencing new table as changed
    for each statement execute function private.announce_log_entries();
create trigger announce_update after update on private.log_entries referencing new table as changed
    for each statement execute function private.announce_log_entries();


create function private.live_log_entries(ids bigint[]) returns setof json
    language sql stable security definer
    set search_path = ''
as $$
    select to_json(l) from api.log_entries l where l.id = any (ids) order by l.id
$$;
comment on function private.live_log_entries(bigint[]) is
    'These log entries as the API shows them, for the live stream.';
grant execute on function private.live_log_entries(bigint[]) to webmacs_sidecar;
