-- Dashboards: everybody keeps their own and reads those that are shared. Operators and administrators share:
-- what everybody finds in their list comes from somebody who is answerable for the plant. Owners and administrators
-- change.

create view api.dashboards with (security_invoker) as
    select d.id, d.public_id, d.name, d.shared, d.widgets, d.version, d.user_id, d.author,
           (d.user_id = (select access.user_id())) is true as own,
           jsonb_array_length(d.widgets) as widget_count, d.created_at, d.changed_at, d.changed_by
    from private.dashboards d;
comment on view api.dashboards is
    'What people put together to look at. A change names the version that it is based on: PATCH with `version` as it '
    'was read; 409 if somebody changed the dashboard since, 428 without it.';
comment on column api.dashboards.id is 'Number within this database.';
comment on column api.dashboards.public_id is 'Identifier to the outside.';
comment on column api.dashboards.name is '1 to 100 characters; an owner has each name once.';
comment on column api.dashboards.shared is 'Whether everybody reads it. Operators and administrators share.';
comment on column api.dashboards.widgets is
    'What is on it, in the order of reading: at most 60 of {"id", "type", "x", "y", "w", "h", "options"}. The grid has '
    '24 columns: x from 0, w from 1, x + w at most 24; y from 0 to 999, h from 1 to 50. What options mean says '
    'the type.';
comment on column api.dashboards.version is 'Counts its changes.';
comment on column api.dashboards.user_id is 'The owner; null: a login of psql, or a user who was deleted.';
comment on column api.dashboards.author is 'Name of who made it, as it was then.';
comment on column api.dashboards.own is 'Whether it belongs to who asks.';
comment on column api.dashboards.widget_count is 'How many widgets are on it.';
comment on column api.dashboards.created_at is 'When it was made.';
comment on column api.dashboards.changed_at is 'When it was last changed.';
comment on column api.dashboards.changed_by is 'Name of who changed it last.';
-- what is not given to an insert
alter view api.dashboards alter shared set default false;
alter view api.dashboards alter widgets set default '[]';

grant select, insert (name, widgets), update (name, widgets, version), delete
    on private.dashboards, api.dashboards to webmacs_viewer;
grant insert (shared), update (shared) on private.dashboards, api.dashboards to webmacs_operator;

create policy "people read their own and what is shared" on private.dashboards for select to webmacs_viewer
    using (shared or user_id = (select access.user_id()));
create policy "people make their own" on private.dashboards for insert to webmacs_viewer
    with check (user_id = (select access.user_id()));
create policy "owners change" on private.dashboards for update to webmacs_operator
    using (user_id = (select access.user_id()));
-- whoever is an operator no more changes no more what everybody sees
create policy "owners change what is theirs alone" on private.dashboards for update to webmacs_viewer
    using (user_id = (select access.user_id()) and not shared);
create policy "owners delete" on private.dashboards for delete to webmacs_viewer
    using (user_id = (select access.user_id()));
create policy "administrators do everything" on private.dashboards to webmacs_admin
    using (true) with check (true);


create view api.dashboard_widgets with (security_invoker) as
    select d.id as dashboard_id, w.place, w.value ->> 'id' as id, w.value ->> 'type' as type,
           (w.value ->> 'x')::int as x, (w.value ->> 'y')::int as y,
           (w.value ->> 'w')::int as w, (w.value ->> 'h')::int as h, w.value -> 'options' as options
    from private.dashboards d, jsonb_array_elements(d.widgets) with ordinality w (value, place);
comment on view api.dashboard_widgets is
    'The widgets of dashboards, one by one, to search them: options=cs.{"events":["…"]} finds where an event is '
    'shown. They are changed through dashboards.';
comment on column api.dashboard_widgets.dashboard_id is 'Number of the dashboard.';
comment on column api.dashboard_widgets.place is 'Place in the order of reading, from 1.';
comment on column api.dashboard_widgets.id is 'Identifier within the dashboard.';
comment on column api.dashboard_widgets.type is 'What it is: curve, gauge, number and so on.';
comment on column api.dashboard_widgets.x is 'First of the 24 columns of the grid that it takes, from 0.';
comment on column api.dashboard_widgets.y is 'First row that it takes, from 0.';
comment on column api.dashboard_widgets.w is 'How many columns it takes.';
comment on column api.dashboard_widgets.h is 'How many rows it takes.';
comment on column api.dashboard_widgets.options is 'What it shows, and how; the events by public_id.';

grant select on api.dashboard_widgets to webmacs_viewer;


-- making --------------------------------------------------------------------------

create function private.stamp_dashboard() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    new.changed_by := new.author;
    if (select count(*) >= 200 from private.dashboards d where d.user_id = new.user_id) then
        raise sqlstate 'PT409' using message = 'There are 200 dashboards of this owner already, which is the most.',
            hint = 'Delete one that is not needed any more.';
    end if;
    return new;
end
$$;
comment on function private.stamp_dashboard() is
    'Before insert, after the author is known; an owner has a limited number.';
create trigger stamp_author_name before insert on private.dashboards
    for each row execute function private.stamp_author_name();
create trigger stamp_dashboard before insert on private.dashboards
    for each row execute function private.stamp_dashboard();


create function private.is_whole(value jsonb, low int, high int) returns boolean
    language sql immutable
    set search_path = ''
as $$
    select case jsonb_typeof(value)
           when 'number' then value::numeric between low and high and value::numeric % 1 = 0 else false end
$$;
comment on function private.is_whole(jsonb, int, int) is 'Whether this is a whole number from low to high.';


create function private.widget_complaint(widget jsonb) returns text
    language sql immutable
    set search_path = ''
as $$
    select case
        when jsonb_typeof(widget) <> 'object' then ' must be an object'
        when not widget ?& '{id,type,x,y,w,h,options}' or widget - '{id,type,x,y,w,h,options}'::text[] <> '{}'
            then ' must have id, type, x, y, w, h and options, and nothing else'
        when jsonb_typeof(widget -> 'id') <> 'string' or widget ->> 'id' !~ '^[A-Za-z0-9_-]{1,40}$'
            then '.id must be a text of 1 to 40 letters, digits, - or _'
        when jsonb_typeof(widget -> 'type') <> 'string' or widget ->> 'type' !~ '^[a-z][a-z0-9-]{0,39}$'
            then '.type must be a text of 1 to 40 small letters, digits or -'
        when not private.is_whole(widget -> 'w', 1, 24) then '.w must be a whole number from 1 to 24'
        when not private.is_whole(widget -> 'h', 1, 50) then '.h must be a whole number from 1 to 50'
        when not private.is_whole(widget -> 'x', 0, 24 - (widget ->> 'w')::int)
            then '.x must be a whole number from 0, and x + w at most 24'
        when not private.is_whole(widget -> 'y', 0, 999) then '.y must be a whole number from 0 to 999'
        when jsonb_typeof(widget -> 'options') <> 'object' then '.options must be an object'
        when length((widget -> 'options')::text) > 10000 then '.options must have at most 10000 characters'
        when jsonb_path_exists(widget -> 'options', '$.**{10}') then '.options must have at most 10 levels'
        when jsonb_path_exists(widget -> 'options',
                               '$.** ? (@.type() == "number" && (@ > 1e308 || @ < -1e308))')
            then '.options must have no number beyond 1e308'
        end
$$;
comment on function private.widget_complaint(jsonb) is
    'What is wrong with a widget, to follow its name; null: nothing.';


create function private.check_widgets() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
declare
    complaint text;
begin
    if jsonb_typeof(new.widgets) <> 'array' then
        complaint := ' must be a list';
    elsif jsonb_array_length(new.widgets) > 60 then
        complaint := ' must have at most 60 entries';
    else
        select format('[%s]%s', w.place - 1, private.widget_complaint(w.value)) into complaint
        from jsonb_array_elements(new.widgets) with ordinality w (value, place)
        where private.widget_complaint(w.value) is not null order by w.place limit 1;
        complaint := coalesce(complaint, (
            select format(' have the id %s more than once', w ->> 'id')
            from jsonb_array_elements(new.widgets) w group by w ->> 'id' having count(*) > 1 limit 1));
    end if;
    if complaint is not null then
        raise check_violation using message = format('widgets%s.', complaint);
    end if;
    return new;
end
$$;
comment on function private.check_widgets() is
    'Each widget has a place in the grid; what a type does with it is the page''s.';
create trigger check_widgets before insert or update of widgets on private.dashboards
    for each row execute function private.check_widgets();


-- changing --------------------------------------------------------------------------

create function private.advance_version() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    if new.version is distinct from old.version then
        raise sqlstate 'PT409' using
            message = format('version is %s by now: %s changed this dashboard meanwhile.',
                             private.number_text(old.version), private.in_one_line(old.changed_by)),
            hint = 'Read it again and repeat your change, or save yours as a copy.';
    end if;
    new.version := old.version + 1;
    new.changed_at := now();
    new.changed_by := access.actor();
    return new;
end
$$;
comment on function private.advance_version() is
    'Before a change that names a version: it is the present one, and becomes the next.';
-- the triggers of a table fire in the order of their names
create trigger advance_version before update of version on private.dashboards
    for each row execute function private.advance_version();


create function private.refuse_blind_change() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    if new.version = old.version then
        raise sqlstate 'PT428' using message = 'version must be given: the one that the change is based on.';
    end if;
    return new;
end
$$;
comment on function private.refuse_blind_change() is 'Before a change: it said on which version it is based.';
create trigger refuse_blind_change before update of name, shared, widgets on private.dashboards
    for each row execute function private.refuse_blind_change();


create function private.delete_own_dashboards() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    delete from private.dashboards d where d.user_id = old.id and not d.shared;
    return old;
end
$$;
comment on function private.delete_own_dashboards() is 'With a user go the dashboards that nobody else saw.';
create trigger delete_own_dashboards before delete on private.users
    for each row execute function private.delete_own_dashboards();
