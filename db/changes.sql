-- Live changes: who listens on webmacs_changes is told which rows are new or different, by topic and
-- number alone, because any login can notify anything. The sidecar reads the rows themselves.

create function private.announce_changes(topic text, ids bigint[]) returns void
    language plpgsql
    set search_path = ''
as $$
begin
    -- 200 numbers of at most 19 digits stay under the 8000 bytes of a notification
    perform pg_notify('webmacs_changes', json_build_object(
        'topic', topic, 'ids', array_to_json(ids[page : page + 199]))::text)
    from generate_series(1, cardinality(ids), 200) as page;
end
$$;
comment on function private.announce_changes(text, bigint[]) is
    'Tells who listens on webmacs_changes that these rows of a topic (alarm, command, log, ota) are new or different.';
