-- Two people who save one rule: the second is told, as with dashboards.
alter table private.rules
    add version    int not null default 1,   -- counts changes, so that none is based on what is no longer there
    add changed_by text;                     -- null: not since it was made
