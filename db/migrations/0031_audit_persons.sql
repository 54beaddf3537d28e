-- Who changed something, by what stays when people rename themselves, and with which session or token.

alter table private.audit_log
    add column actor_public_id uuid,
    add column jti             uuid;
create index on private.audit_log (actor_public_id, changed_at);
