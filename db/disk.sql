-- The disk of the database: from 80, 90 and 99 % on (config.toml, [storage]) people are warned, what may go goes, no
-- more values are taken. How full it is no query can find out: the sidecar on that machine says so every few seconds.

create function private.disk_levels() returns table (place int, level text, percent int, reserve bigint)
    language sql stable
    set search_path = ''
as $$
    select l.* from private.settings s
    cross join lateral (values (1, 'warn', s.disk_warn_percent, 0::bigint), (2, 'thin', s.disk_thin_percent, 0),
                               (3, 'refuse', s.disk_refuse_percent, s.disk_reserve_bytes)) as l
$$;
comment on function private.disk_levels() is
    'From how much of the disk on each level begins, and from how little that is free: a percent of a small disk is '
    'less than what PostgreSQL needs to go on.';


create function private.disk_level_at(free_bytes bigint, total_bytes bigint, before text) returns text
    language sql stable
    set search_path = ''
as $$
    select coalesce((
        select l.level
        from private.disk_levels() l
        cross join lateral (
            -- what was reached is left two percent below it, or half as much more free, so that it does not flap
            select l.place <= coalesce((select b.place from private.disk_levels() b where b.level = before), 0) as lasts
        ) was
        where 100.0 * (total_bytes - free_bytes) / total_bytes >= l.percent - case when lasts then 2 else 0 end
           or free_bytes < l.reserve * case when lasts then 1.5 else 1 end
        order by l.place desc limit 1), 'fine')
$$;
comment on function private.disk_level_at(bigint, bigint, text) is 'The level by what is free, if it was `before`.';


create function private.report_room(free_bytes bigint, total_bytes bigint) returns text
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_column
declare
    known private.disk;
    found text;
begin
    select * into known from private.disk;
    found := private.disk_level_at(report_room.free_bytes, report_room.total_bytes, known.level);
    if found = known.level and known.reported_at > now() - interval '1 minute'
       and abs(known.free_bytes - report_room.free_bytes) < report_room.total_bytes / 100 then
        return found;   -- nothing new: nothing is written
    end if;
    select * into known from private.disk for update;
    found := private.disk_level_at(report_room.free_bytes, report_room.total_bytes, known.level);
    update private.disk set level = found, free_bytes = report_room.free_bytes, total_bytes = report_room.total_bytes,
                            reported_at = now(),
                            changed_at = case when found = level then changed_at else now() end;
    if found <> known.level then
        perform private.tell_disk(found, known.level);
    end if;
    return found;
end
$$;
comment on function private.report_room(bigint, bigint) is
    'What is free on the disk of the database, and how much it holds. Returns the level that follows: fine, warn, thin '
    'or refuse. Written at a change, and once a minute.';
grant execute on function private.report_room(bigint, bigint) to webmacs_sidecar;


create function private.tell_disk(level text, before text) returns void
    language plpgsql
    set search_path = ''
as $$
declare
    disk  private.disk;
    used  int;
    words text;
begin
    select * into disk from private.disk;
    used := floor(100.0 * (disk.total_bytes - disk.free_bytes) / disk.total_bytes);
    words := format('The disk of the database is %s %% full, %s are free. ', used, pg_size_pretty(disk.free_bytes))
        || case level
               when 'refuse' then 'No more values are taken until there is room; controllers keep what they measure.'
               when 'thin' then 'What policies let go when it is nearly full is removed.'
               when 'warn' then 'Keep less, or add space.'
               else 'That is room enough.' end;
    update private.settings set no_room = case level when 'refuse' then words end;
    perform private.write_log(case level when 'refuse' then 'error' when 'fine' then 'info' else 'warning' end
                              ::api.log_level, words, 'disk');
    perform private.emit(array['system.disk_changed'], array[null::int], array[null::text], array[now()],
                         array[jsonb_build_object('level', level, 'before', before, 'used_percent', used,
                                                  'free_bytes', disk.free_bytes, 'message', words)]);
end
$$;
comment on function private.tell_disk(text, text) is
    'Says a new level in the log and to webhooks, and lets values in or not.';


create function private.disk_is_nearly_full() returns boolean
    language sql stable security definer
    set search_path = ''
as $$
    select level in ('thin', 'refuse') from private.disk
$$;
comment on function private.disk_is_nearly_full() is 'Whether what least_days lets go is to go.';


create function private.require_room() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
declare
    trouble text := (select s.no_room from private.settings s);
begin
    if trouble is not null then
        raise disk_full using message = trouble, hint = 'Try again when there is room.';
    end if;
    return null;
end
$$;
comment on function private.require_room() is 'Files wait, too: values that were taken must not be the next to fail.';
create trigger require_room before insert on private.experiment_file_bytes
    for each statement execute function private.require_room();
create trigger require_room before insert on private.plugin_package_pieces
    for each statement execute function private.require_room();
create trigger require_room before insert on private.update_bundle_pieces
    for each statement execute function private.require_room();
