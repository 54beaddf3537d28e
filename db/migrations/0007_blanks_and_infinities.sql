-- A name or unit of nothing but tabs is empty too, and a time that a person gives is finite.

alter table private.controllers
    drop constraint "name must be 1 to 255 characters",
    add constraint "name must be 1 to 255 characters" check (name !~ '^\s|\s$' and length(name) between 1 and 255);

alter table private.credentials
    drop constraint "a token that is not a session must have a name",
    add constraint "a token that is not a session must have a name" check (kind = 'session' or name ~ '\S');

alter table private.events
    drop constraint "name must be 1 to 255 characters",
    drop constraint "unit must be 1 to 255 characters",
    drop constraint "area must be 1 to 255 characters",
    add constraint "name must be 1 to 255 characters" check (name !~ '^\s|\s$' and length(name) between 1 and 255),
    add constraint "unit must be 1 to 255 characters" check (unit !~ '^\s|\s$' and length(unit) between 1 and 255),
    add constraint "area must be 1 to 255 characters" check (area !~ '^\s|\s$' and length(area) between 1 and 255),
    add constraint "archived_at must be finite" check (isfinite(archived_at));

alter table private.plugin_instances
    drop constraint "name must be 1 to 255 characters",
    drop constraint "plugin must be 1 to 100 characters",
    add constraint "name must be 1 to 255 characters" check (name !~ '^\s|\s$' and length(name) between 1 and 255),
    add constraint "plugin must be 1 to 100 characters" check (plugin !~ '^\s|\s$' and length(plugin) between 1 and 100);

alter table private.channel_mappings
    drop constraint "channel must be 1 to 100 characters",
    drop constraint "channel_name must be 1 to 255 characters",
    drop constraint "unit must be 1 to 255 characters",
    add constraint "channel must be 1 to 100 characters"
        check (channel !~ '^\s|\s$' and length(channel) between 1 and 100),
    add constraint "channel_name must be 1 to 255 characters"
        check (channel_name !~ '^\s|\s$' and length(channel_name) between 1 and 255),
    add constraint "unit must be 1 to 255 characters" check (unit !~ '^\s|\s$' and length(unit) between 1 and 255);

alter table private.experiments
    drop constraint "name must be 1 to 255 characters",
    drop constraint "kind must be 1 to 100 characters",
    add constraint "name must be 1 to 255 characters" check (name !~ '^\s|\s$' and length(name) between 1 and 255),
    add constraint "kind must be 1 to 100 characters" check (kind !~ '^\s|\s$' and length(kind) between 1 and 100),
    add constraint "started_at and stopped_at must be finite" check (isfinite(started_at) and isfinite(stopped_at));

alter table private.log_entries
    drop constraint "message must be 1 to 2000 characters",
    add constraint "message must be 1 to 2000 characters" check (message ~ '\S' and length(message) <= 2000);
