-- Retention of the audit log: for ever, unless config.toml says otherwise. Nobody can say so through the API: who may
-- shorten it, may remove traces.

create function private.cut_audit(most int default 100, out seal_id bigint, out hash bytea, out entries bigint)
    language plpgsql security definer
    set search_path = ''
as $$
declare
    kept_from timestamptz := private.trusted_time() - (select s.audit_days * interval '1 day' from private.settings s);
    last      private.audit_seals;
begin
    if kept_from is null or not pg_try_advisory_xact_lock(hashtext('private.seal_audit')) then
        return;
    end if;
    -- the oldest, up to the first that is to be kept; the newest in any case
    select s.* into last
    from private.audit_seals s
    where s.id < coalesce((select min(k.id) from private.audit_seals k where k.sealed_at >= kept_from),
                          (private.last_seal()).id)
      and s.id < (select min(f.id) from private.audit_seals f) + most
    order by s.id desc limit 1;
    if last.id is null then
        return;
    end if;

    delete from private.audit_log a
    using private.audit_seals s, unnest(s.entries) r
    where s.id <= last.id and a.id >= lower(r) and a.id < upper(r);
    get diagnostics entries = row_count;
    insert into private.audit_cuts (seal_id, chain_hash, settled_to, entries)
    values (last.id, last.chain_hash, last.settled_to, cut_audit.entries);
    delete from private.audit_seals s where s.id <= last.id;
    seal_id := last.id;
    hash := last.chain_hash;
end
$$;
comment on function private.cut_audit(int) is
    'Removes the rows of at most so many of the oldest seals, if the configuration limits how long the audit log is '
    'kept and they are older. The hash of the last of them stays. Null: there are none.';
grant execute on function private.cut_audit(int) to webmacs_sidecar;
