-- Seals of the audit log: a chain of hashes that a job adds behind the writers, so that whoever rewrites a row has to
-- rewrite all that came after it; and the last hash stands in the system journal, too.
--
-- A seal is of all rows that are visible and have none, whatever their numbers: a transaction that was open keeps lower
-- numbers than rows already sealed, and gets its seal after it has committed. `settled_to` is the number up to which
-- nothing more can come. It is found without waiting and without transaction ids, which start anew in another cluster:
-- who takes a number holds a lock on the table until the end of its transaction, and pg_locks shows who does.

create function private.audit_hash(entry private.audit_log) returns bytea
    language sql stable
    return sha256(convert_to((
        jsonb_build_array(
            entry.id, extract(epoch from entry.changed_at)::text, entry.actor, entry.role, entry.table_name,
            entry.operation, entry.row_id, entry.old::text, entry.new::text)
        -- rows without a token are hashed as before there were these columns
        || case when coalesce(entry.actor_public_id, entry.jti) is null then '[]'
                else jsonb_build_array(entry.actor_public_id, entry.jti) end)::text, 'UTF8'));
comment on function private.audit_hash(private.audit_log) is
    'SHA-256 of a row: of its values as text (the time as seconds since 1970), as an array in JSON, in UTF-8; '
    'public_id and jti of a request''s token are its last two members, if there was one.';


create function private.seal_hash(seal private.audit_seals, previous bytea) returns bytea
    language sql stable
    return sha256(previous || sha256(convert_to(jsonb_build_array(
        seal.id, extract(epoch from seal.sealed_at)::text, seal.entries::text, seal.settled_to)::text, 'UTF8'))
        || seal.row_hashes);
comment on function private.seal_hash(private.audit_seals, bytea) is
    'SHA-256 of a seal after the one before, whose hash is `previous`; nothing before the first.';


create function private.last_seal() returns private.audit_seals
    language sql stable security definer
    set search_path = ''
as $$
    -- a cut leaves the last seal
    select s from private.audit_seals s order by s.id desc limit 1
$$;
comment on function private.last_seal() is 'The newest seal, or null.';


create function private.settled_audit() returns bigint
    language plpgsql security definer
    set search_path = ''
as $$
declare
    newest  bigint;
    writers text[];
    before  private.audit_writers;
begin
    -- first the number, then who may hold one up to it
    select case when is_called then last_value else 0 end into newest from private.audit_log_id_seq;
    select coalesce(array_agg(distinct l.virtualtransaction), '{}') into writers
    from pg_catalog.pg_locks l
    where l.locktype = 'relation' and l.relation = 'private.audit_log'::regclass and l.mode = 'RowExclusiveLock'
      and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = current_database());
    if writers = '{}' then
        return newest;
    end if;
    select * into before from private.audit_writers;
    -- a prepared transaction has lost the name under which it was seen open
    if before.open && writers or exists (select from unnest(writers) w where starts_with(w, '-1/')) then
        return 0;
    end if;
    update private.audit_writers set upto = newest, open = writers;
    return before.upto;
end
$$;
comment on function private.settled_audit() is
    'A number up to which every row of the audit log is committed or will never be. Waits for nobody.';


create function private.seal_audit(most int default 1000, out seal_id bigint, out hash bytea, out sealed int)
    language plpgsql security definer
    set search_path = ''
as $$
declare
    last    private.audit_seals;
    fresh   private.audit_seals;
    settled bigint;
    top     bigint;
begin
    if not pg_try_advisory_xact_lock(hashtext('private.seal_audit')) then
        return;
    end if;
    last := private.last_seal();
    -- before the rows are looked up: those that are settled are then visible
    settled := private.settled_audit();

    select count(*), max(f.id), range_agg(int8range(f.id, f.id + 1)), string_agg(f.hash, '' order by f.id)
    into sealed, top, fresh.entries, fresh.row_hashes
    from (select a.id, private.audit_hash(a) as hash
          from private.audit_log a
          where a.id > coalesce(last.settled_to, 0)
            and (a.id <@ (select range_agg(s.entries) from private.audit_seals s
                          where upper(s.entries) > coalesce(last.settled_to, 0))) is not true
          order by a.id limit most) f;
    if sealed = most then
        settled := least(settled, top);
    end if;
    fresh.settled_to := greatest(settled, coalesce(last.settled_to, 0));
    if sealed = 0 and fresh.settled_to = coalesce(last.settled_to, 0) then
        return;
    end if;

    fresh.id := coalesce(last.id, 0) + 1;
    fresh.sealed_at := clock_timestamp();
    fresh.entries := coalesce(fresh.entries, '{}');
    fresh.row_hashes := coalesce(fresh.row_hashes, '');
    fresh.chain_hash := private.seal_hash(fresh, coalesce(last.chain_hash, ''));
    insert into private.audit_seals select fresh.*;
    seal_id := fresh.id;
    hash := fresh.chain_hash;
end
$$;
comment on function private.seal_audit(int) is
    'Seals at most so many rows of the audit log, and says the new seal, its hash, and of how many rows it is. Null: '
    'there is nothing new, or another is at it. As many as `most`: there may be more.';
grant execute on function private.seal_audit(int) to webmacs_sidecar;


create function private.has_seal(seal_id bigint, hash bytea) returns boolean
    language sql stable security definer
    set search_path = ''
as $$
    select exists (select from private.audit_seals s where (s.id, s.chain_hash) = (has_seal.seal_id, has_seal.hash))
        or exists (select from private.audit_cuts c where (c.seal_id, c.chain_hash) = (has_seal.seal_id, has_seal.hash))
$$;
comment on function private.has_seal(bigint, bytea) is
    'Whether the chain still has this seal, or was cut there. False: it was written anew.';
grant execute on function private.has_seal(bigint, bytea) to webmacs_sidecar;


-- For administrators: what the journal says can be compared with it.
create view api.audit_seals with (security_invoker) as
    select s.id, s.sealed_at, length(s.row_hashes) / 32 as entries, s.settled_to, encode(s.chain_hash, 'hex') as hash
    from private.audit_seals s;
comment on view api.audit_seals is
    'Seals of the audit log, a chain of hashes. The system journal has them too: compare, and a chain that was '
    'rewritten shows. `webmacs doctor` verifies them.';
comment on column api.audit_seals.id is 'Number, without gaps; those before a cut by age are gone.';
comment on column api.audit_seals.sealed_at is 'When it was made.';
comment on column api.audit_seals.entries is 'Of how many rows it is.';
comment on column api.audit_seals.settled_to is 'All rows up to this number are sealed; another there was inserted.';
comment on column api.audit_seals.hash is 'SHA-256 of its rows and of the seal before, in hexadecimal digits.';
grant select on private.audit_seals, api.audit_seals to webmacs_admin;
create policy "administrators read" on private.audit_seals for select to webmacs_admin using (true);
