-- Keys: when another one began to sign, and when the file of one that nothing needs was removed.

alter table private.signing_keys
    add column replaced_at timestamptz,
    add column removed_at  timestamptz;
comment on column private.signing_keys.replaced_at is 'Since when another key signs.';
comment on column private.signing_keys.removed_at is 'When its file was removed; nothing it signed counted any more.';
