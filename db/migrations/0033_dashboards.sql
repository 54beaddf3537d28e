-- Dashboards: what people put together to look at. Their widgets are kept as one value, because they are saved as one.

create table private.dashboards (
    id         int generated always as identity primary key,
    public_id  uuid not null default gen_random_uuid() unique,
    name       text not null,
    shared     boolean not null default false,
    widgets    jsonb not null default '[]',
    version    int not null default 1,   -- counts changes, so that none is based on what is no longer there
    user_id    int references private.users on delete set null,
    author     text not null,
    created_at timestamptz not null default now(),
    changed_at timestamptz not null default now(),
    changed_by text not null,

    constraint "name must be 1 to 100 characters" check (name !~ '^\s|\s$' and length(name) between 1 and 100),
    constraint "widgets must have at most 200000 characters" check (length(widgets::text) <= 200000)
);
create unique index "name is taken by another dashboard of the same owner"
    on private.dashboards (user_id, lower(name));
alter table private.dashboards enable row level security;
