-- Files of experiments: bytes that go in and out as they are. Everyone reads, operators upload and delete.
-- A file is not changed: what was measured with it stays what it was.

create view api.experiment_files with (security_invoker) as
    select id, experiment_id, name, media_type, size, sha256, author, user_id, created_at
    from private.experiment_files;
comment on view api.experiment_files is 'Files that were attached to experiments; rpc/experiment_file has their bytes.';
comment on column api.experiment_files.id is 'Number, in the order of writing.';
comment on column api.experiment_files.experiment_id is 'Number of the experiment.';
comment on column api.experiment_files.name is 'File name, without a path.';
comment on column api.experiment_files.media_type is 'Media type, as whoever uploaded it called it.';
comment on column api.experiment_files.size is 'Bytes, at most 20971520 (20 MiB).';
comment on column api.experiment_files.sha256 is 'SHA-256 of the bytes, in hexadecimal.';
comment on column api.experiment_files.author is 'Name of who uploaded it, as it was then.';
comment on column api.experiment_files.user_id is
    'Number of the user who uploaded it; null: a login of psql, or a user who was deleted.';
comment on column api.experiment_files.created_at is 'When it was uploaded.';

grant select on private.experiment_files, api.experiment_files to webmacs_viewer, webmacs_controller;
grant delete on private.experiment_files, api.experiment_files to webmacs_operator;
create policy "everyone reads" on private.experiment_files for select to webmacs_viewer, webmacs_controller
    using (true);
create policy "operators delete" on private.experiment_files for delete to webmacs_operator using (true);

create trigger stamp_author_name before insert on private.experiment_files
    for each row execute function private.stamp_author_name();

create view api.experiment_storage with (security_invoker) as
    select experiment_id, count(*) as files, sum(size) as bytes from private.experiment_files group by experiment_id;
comment on view api.experiment_storage is 'What the files of each experiment take; one without files is left out.';
comment on column api.experiment_storage.experiment_id is 'Number of the experiment.';
comment on column api.experiment_storage.files is 'How many there are, at most 100.';
comment on column api.experiment_storage.bytes is 'Bytes of all of them, at most 524288000 (500 MiB).';
grant select on api.experiment_storage to webmacs_viewer;


-- in and out ------------------------------------------------------------------------

create function private.percent_decoded(encoded text) returns text
    language plpgsql immutable
    set search_path = ''
as $$
begin
    return (
        select convert_from(string_agg(case when t.part[1] ~ '^%..' then decode(substr(t.part[1], 2), 'hex')
                                            else convert_to(t.part[1], 'UTF8') end, '' order by t.place), 'UTF8')
        from regexp_matches(encoded, '%[0-9A-Fa-f]{2}|.', 'g') with ordinality as t (part, place));
exception when character_not_in_repertoire then
    return null;
end
$$;
comment on function private.percent_decoded(text) is
    'Text whose bytes in UTF-8 were written as %XX (RFC 3986). Null if it is empty or not UTF-8.';


create function private.percent_encoded(plain text) returns text
    language sql immutable
    set search_path = ''
as $$
    select string_agg(case when c ~ '[A-Za-z0-9._~-]' then c
                           else regexp_replace(upper(encode(convert_to(c, 'UTF8'), 'hex')), '..', '%\&', 'g') end,
                      '' order by place)
    from regexp_split_to_table(plain, '') with ordinality as t (c, place)
$$;
comment on function private.percent_encoded(text) is
    'Each byte in UTF-8 as %XX, but letters, digits and .-_~ (RFC 8187).';


create function private.attachment_headers(file private.experiment_files) returns text
    language sql stable
    set search_path = ''
as $$
    -- a page that somebody uploaded must never run as ours
    select json_build_array(
        json_build_object('Content-Type', file.media_type),
        json_build_object('Content-Disposition', format(
            'attachment; filename="%s"; filename*=UTF-8''''%s',
            regexp_replace(file.name, '[^A-Za-z0-9 ._()+-]', '_', 'g'), private.percent_encoded(file.name))),
        json_build_object('X-Content-Type-Options', 'nosniff'),
        json_build_object('Content-Security-Policy', 'sandbox; default-src ''none'''))
$$;
comment on function private.attachment_headers(private.experiment_files) is
    'Headers with which browsers save a file under its name (RFC 6266), and never show it.';


create function api.experiment_file(file_id int) returns api."*/*"
    language plpgsql stable security definer
    set search_path = ''
as $$
declare
    file private.experiment_files;
begin
    select * into file from private.experiment_files f where f.id = experiment_file.file_id;
    if not found then
        raise sqlstate 'PT404' using message = format('There is no file %s.', coalesce(file_id::text, 'null'));
    end if;
    perform set_config('response.headers', private.attachment_headers(file), true);
    return (select b.bytes from private.experiment_file_bytes b where b.file_id = file.id);
end
$$;
comment on function api.experiment_file(int) is
    'The bytes of a file with its name and media type, to be saved, not shown.';
grant execute on function api.experiment_file(int) to webmacs_viewer, webmacs_controller;


create function private.expect_room(experiment int, size int) returns void
    language plpgsql
    set search_path = ''
as $$
declare
    present record;
begin
    -- two that are uploaded at once are counted one after the other
    perform from private.experiments x where x.id = experiment for no key update;
    select count(*) as files, coalesce(sum(f.size), 0) as bytes into present
    from private.experiment_files f where f.experiment_id = experiment;
    if present.files >= 100 then
        raise sqlstate 'PT409' using message = 'An experiment must have at most 100 files.',
            hint = 'Delete some, or pack them together.';
    elsif present.bytes + size > 524288000 then
        raise sqlstate 'PT413' using message = 'The files of an experiment must have at most 500 MiB together.',
            detail = format('They have %s bytes, the new one %s.', present.bytes, size), hint = 'Delete some.';
    end if;
end
$$;
comment on function private.expect_room(int, int) is
    'Raises PT409 or PT413 if an experiment may not have one more file of this size.';


create function api.upload_experiment_file(bytea) returns json
    language plpgsql security definer
    set search_path = ''
as $$
declare
    headers json := nullif(current_setting('request.headers', true), '');
    experiment int := case when headers ->> 'experiment-id' ~ '^\d{1,9}$' then (headers ->> 'experiment-id')::int end;
    file_name text := private.percent_decoded(headers ->> 'file-name');
    added private.experiment_files;
begin
    if octet_length($1) > 20971520 then
        raise sqlstate 'PT413' using message = 'A file must have at most 20 MiB.';
    elsif experiment is null then
        raise sqlstate 'PT400' using message = 'The header Experiment-Id must be the number of an experiment.';
    elsif file_name is null then
        raise sqlstate 'PT400' using
            message = 'The header File-Name must be a name in UTF-8, its bytes written as %XX.';
    elsif not exists (select from private.experiments x where x.id = experiment) then
        raise sqlstate 'PT404' using message = format('There is no experiment %s.', experiment);
    end if;
    perform private.expect_room(experiment, octet_length($1));
    insert into private.experiment_files (experiment_id, name, media_type, size, sha256)
    values (experiment, file_name, coalesce(headers ->> 'file-type', 'application/octet-stream'), octet_length($1),
            encode(sha256($1), 'hex'))
    returning * into added;
    insert into private.experiment_file_bytes (file_id, bytes) values (added.id, $1);
    return (select to_json(f) from api.experiment_files f where f.id = added.id);
end
$$;
comment on function api.upload_experiment_file(bytea) is
    'Attaches a file to an experiment: the body is its bytes (Content-Type: application/octet-stream), at most 20 MiB. '
    'An experiment has at most 100 files of 500 MiB together. '
    'Headers: Experiment-Id its number, File-Name without a path, percent-encoded UTF-8, File-Type its media type. '
    'Answers with the row of experiment_files.';
grant execute on function api.upload_experiment_file(bytea) to webmacs_operator;
