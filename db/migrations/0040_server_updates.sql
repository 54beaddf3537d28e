-- An update without a controller is one of the server itself.
alter table private.updates alter column controller_id drop not null;
drop index private."controller_id has another update under way";
create unique index "controller_id has another update under way" on private.updates (controller_id) nulls not distinct
    where state in ('pending', 'downloading', 'verified', 'installing', 'probation');

alter table private.settings add column server_version text;
comment on column private.settings.server_version is
    'Which version of the server runs, where its launcher can put another one in its place; null: nothing can.';
