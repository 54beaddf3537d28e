-- The newest time that was seen, so that a clock that is behind, or has jumped ahead, is noticed.

create table private.clock (
    only_row      boolean     primary key default true check (only_row),
    seen_at       timestamptz not null default now(),
    doubted_since timestamptz
);
alter table private.clock enable row level security;
comment on table private.clock is 'The newest time that this database has seen and trusts. One row, or none yet.';
comment on column private.clock.doubted_since is 'When the clock stood far ahead of seen_at for the first time.';
