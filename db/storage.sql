-- Storage: what history takes, month by month, and when the disk will be full. Administrators read. How much is free no
-- query can find out: the sidecar reports it where the server is on its machine.

create view api.storage with (security_invoker) as
    with partition as (
        select u.unit, pg_total_relation_size(c.oid) as bytes,
               -- PostgreSQL counts when it analyses; until then, what came in since it was started
               greatest(c.reltuples, pg_stat_get_live_tuples(c.oid), 0) as rows,
               bounds[1]::timestamptz at time zone 'UTC' as lower, bounds[2]::timestamptz at time zone 'UTC' as upper
        from (values ('raw', 'private.datapoints'::regclass), ('minute', 'private.rollup_minutes'::regclass),
                     ('hour', 'private.rollup_hours'::regclass), ('day', 'private.rollup_days'::regclass))
             as u (unit, parent)
        join pg_catalog.pg_inherits i on i.inhparent = u.parent
        join pg_catalog.pg_class c on c.oid = i.inhrelid
        cross join regexp_match(pg_get_expr(c.relpartbound, c.oid), $re$FROM \('(.+)'\) TO \('(.+)'\)$re$) as bounds
    ), history as (
        -- decades begin before anything was measured
        select least(min(p.lower), (select lower(r.gone) at time zone 'UTC'
                                    from private.retention r where r.unit = 'raw')) as begins
        from partition p
        where p.unit = 'raw'
    ), filled as (
        select p.*, f.begins, greatest(f.begins + interval '1 day', least(p.upper, now() at time zone 'UTC')) as ends
        from partition p
        cross join history h
        cross join lateral (
            select greatest(p.lower, least(h.begins, p.upper - interval '1 day')) as begins) f
        where p.lower <= now() at time zone 'UTC'
    ), spread as (
        select f.unit, m.month, f.bytes, f.rows,
               extract(epoch from least(f.ends, m.month + interval '1 month') - greatest(f.begins, m.month))
               / extract(epoch from f.ends - f.begins) as share
        from filled f
        cross join lateral generate_series(
            date_trunc('month', f.begins), f.ends - interval '1 microsecond', interval '1 month') as m (month)
    )
    select unit, month::date as month, sum(bytes * share)::bigint as bytes, sum(rows * share)::bigint as rows_estimated
    from spread
    group by unit, month
    union all
    select 'file', date_trunc('month', created_at at time zone 'UTC')::date, sum(size), count(*)
    from private.experiment_files
    group by 2;
comment on view api.storage is
    'What raw points, rollups and files of experiments take, by month (UTC). A partition that spans several months is '
    'spread evenly over them.';
comment on column api.storage.unit is 'raw points, the rollups of minute, hour, day, or file: of experiments.';
comment on column api.storage.month is 'First day of the month; of files, when they were uploaded.';
comment on column api.storage.bytes is 'With indexes; of files, their own bytes.';
comment on column api.storage.rows_estimated is 'About as many rows as there are; of files, exactly.';

create view api.storage_forecast with (security_invoker) as
    with newest as (
        select r.* from private.disk_reports r order by r.day desc limit 1
    ), oldest as (
        select r.* from private.disk_reports r, newest n
        where r.day between n.day - 30 and n.day - 1
        order by r.day limit 1
    ), growth as (
        select (n.bytes - o.bytes) / (extract(epoch from n.reported_at - o.reported_at) / 86400) as bytes_per_day
        from newest n, oldest o
    ), forecast as (
        select n.bytes, g.bytes_per_day::bigint, n.free_bytes, n.reported_at,
               case when g.bytes_per_day > 0 and n.free_bytes / g.bytes_per_day < 36500
                    then ((n.reported_at + n.free_bytes / g.bytes_per_day * interval '1 day') at time zone 'UTC')::date
               end as full_on
        from (select) always left join newest n on true left join growth g on true
    )
    select f.bytes, f.bytes_per_day, f.free_bytes, f.reported_at, f.full_on,
           case when d.level <> 'fine' then d.level
                when f.free_bytes < 2000000000 then 'little'
                when f.full_on <= (now() at time zone 'UTC')::date + 60 then 'soon' end as trouble
    from forecast f cross join private.disk d;
comment on view api.storage_forecast is 'How what is stored grows, and when the disk will be full if it goes on so.';
comment on column api.storage_forecast.bytes is 'What all tables take; null: not reported yet.';
comment on column api.storage_forecast.bytes_per_day is
    'By how much they grew a day, over the last month or as long as it was reported; null: not for a day yet.';
comment on column api.storage_forecast.free_bytes is
    'Free on the disk of the database; null: it is on another machine.';
comment on column api.storage_forecast.reported_at is 'When a sidecar reported this; they do each hour.';
comment on column api.storage_forecast.full_on is
    'The day when nothing will be free; null: not within a hundred years, or unknown.';
comment on column api.storage_forecast.trouble is
    'refuse: it is full, and no values are taken; thin: nearly, what least_days lets go is removed; warn: it fills up; '
    'little: less than 2 GB is free; soon: it will be full within 60 days; null: nothing of this is known.';

grant select on private.disk, private.disk_reports, api.storage, api.storage_forecast to webmacs_admin;
create policy "administrators read" on private.disk for select to webmacs_admin using (true);
create policy "administrators read" on private.disk_reports for select to webmacs_admin using (true);


create function private.report_disk(free_bytes bigint) returns void
    language plpgsql security definer
    set search_path = ''
as $$
begin
    insert into private.disk_reports as r (day, bytes, free_bytes, reported_at)
    select (now() at time zone 'UTC')::date, sum(pg_total_relation_size(c.oid)), report_disk.free_bytes, now()
    from pg_catalog.pg_class c
    where c.relnamespace = 'private'::regnamespace and c.relkind = 'r'
    on conflict (day) do update set bytes = excluded.bytes, reported_at = excluded.reported_at,
                                    free_bytes = coalesce(excluded.free_bytes, r.free_bytes);
    delete from private.disk_reports r where r.day < (now() at time zone 'UTC')::date - 400;
end
$$;
comment on function private.report_disk(bigint) is
    'What is free on the disk of the database; null from who cannot know. One row a day is kept.';
grant execute on function private.report_disk(bigint) to webmacs_sidecar;
