-- Whether the audit log still is what was sealed. All of it is SQL and sha256: it can be done with psql alone.

create function private.verify_seals() returns table (problem text, seal_id bigint)
    language sql stable security definer
    set search_path = ''
as $$
    with cut as (
        select c.seal_id, c.chain_hash, c.settled_to from private.audit_cuts c order by c.seal_id desc limit 1
    ), chain as (
        select s, lag(s.id) over in_order as previous_id, lag(s.chain_hash) over in_order as previous_hash,
               lag(s.settled_to) over in_order as previous_settled
        from private.audit_seals s
        window in_order as (order by s.id)
    ), linked as (
        select (c.s).*, c.s as seal, coalesce(c.previous_id, cut.seal_id, 0) as previous_id,
               coalesce(c.previous_hash, cut.chain_hash, '') as previous_hash,
               coalesce(c.previous_settled, cut.settled_to, 0) as previous_settled
        from chain c left join cut on c.previous_id is null
    )
    select 'a seal before it is missing', l.id from linked l where l.id <> l.previous_id + 1
    union all
    -- of one that follows a gap nothing else can be said
    select 'it was changed, or the seal before it was', l.id
    from linked l
    where l.id = l.previous_id + 1
      and (l.chain_hash <> private.seal_hash(l.seal, l.previous_hash) or lower(l.entries) <= l.previous_settled
           or length(l.row_hashes) <> 32 * (select coalesce(sum(upper(r) - lower(r)), 0) from unnest(l.entries) r))
$$;
comment on function private.verify_seals() is 'What is wrong with the chain of seals itself; no row: nothing.';


create function private.verify_entries() returns table (problem text, entry_id bigint)
    language sql stable security definer
    set search_path = ''
as $$
    with spans as (
        select s.id as seal_id, lower(r) as "from", upper(r) as "to"
        from private.audit_seals s, unnest(s.entries) r
    ), found as (
        select p.seal_id, string_agg(private.audit_hash(a), '' order by a.id) as row_hashes
        from spans p join private.audit_log a on a.id >= p."from" and a.id < p."to"
        group by p.seal_id
    ), broken as materialized (
        select s.entries, s.row_hashes
        from private.audit_seals s left join found f on f.seal_id = s.id
        where s.row_hashes <> coalesce(f.row_hashes, '')
    ), expected as (
        select n.id, substr(b.row_hashes, 32 * (n.place - 1)::int + 1, 32) as hash
        from broken b
        cross join lateral (
            select i.id, row_number() over (order by i.id) as place
            from unnest(b.entries) r, generate_series(lower(r), upper(r) - 1) as i (id)) n
    )
    select case when a.id is null then 'removed' else 'changed' end, e.id
    from expected e left join private.audit_log a using (id)
    where a.id is null or private.audit_hash(a) <> e.hash
    union all
    select 'inserted', a.id
    from private.audit_log a
    where a.id <= (select max(s.settled_to) from private.audit_seals s)
      and (a.id <@ (select range_agg(s.entries) from private.audit_seals s)) is not true
$$;
comment on function private.verify_entries() is
    'Rows of the audit log that were changed, removed or inserted since they were sealed; no row: none.';


create function private.audit_summary(
    out seals bigint, out entries bigint, out last_id bigint, out last_hash text, out cut_at timestamptz,
    out unsealed bigint, out waiting interval
)
    language sql stable security definer
    set search_path = ''
as $$
    select count(*), coalesce(sum(length(s.row_hashes) / 32), 0), (private.last_seal()).id,
           encode((private.last_seal()).chain_hash, 'hex'),
           (select max(c.cut_at) from private.audit_cuts c), u.unsealed, clock_timestamp() - u.since
    from private.audit_seals s
    right join (
        select count(*) as unsealed, min(a.changed_at) as since
        from private.audit_log a
        where a.id > coalesce((private.last_seal()).settled_to, 0)
          and (a.id <@ (select range_agg(s.entries) from private.audit_seals s
                        where upper(s.entries) > (private.last_seal()).settled_to)) is not true) u on true
    group by u.unsealed, u.since
$$;
comment on function private.audit_summary() is
    'How far the audit log is sealed, and how many rows wait for it, the oldest for how long.';


create function api.verify_audit() returns json
    language sql stable security definer
    set search_path = ''
as $$
    select json_build_object(
        'seals', s.seals, 'entries', s.entries, 'last_id', s.last_id, 'last_hash', s.last_hash, 'cut_at', s.cut_at,
        'unsealed', s.unsealed, 'waiting_seconds', extract(epoch from s.waiting),
        'problems', (
            select coalesce(json_agg(p.sentence), '[]')
            from (select format('Seal %s: %s.', v.seal_id, v.problem) as sentence from private.verify_seals() v
                  union all
                  select format('Entry %s was %s.', e.entry_id, e.problem) from private.verify_entries() e
                  limit 100) p))
    from private.audit_summary() s
$$;
comment on function api.verify_audit() is
    'Whether the audit log still is what was sealed, found out now: seals and entries that are sealed, how many wait '
    'for it and for how long, and problems, a list of sentences (at most 100); none: it is.';
grant execute on function api.verify_audit() to webmacs_admin;
