-- What administrators do with an update: approve that of another, withdraw it, roll it back.

create function private.update_to_change(update_id int) returns private.updates
    language plpgsql security definer
    set search_path = ''
as $$
declare
    found private.updates;
begin
    select u.* into found from private.updates u where u.id = update_id for no key update;
    if found.id is null then
        raise sqlstate 'PT404' using message = format('update_id: there is no update %s.', update_id);
    end if;
    return found;
end
$$;
comment on function private.update_to_change(int) is 'The row, which nobody else changes meanwhile.';


create function api.approve_update(update_id int) returns setof api.updates
    language plpgsql security definer
    set search_path = ''
as $$
declare
    wanted private.updates := private.update_to_change(update_id);
begin
    if wanted.approved_at is not null or wanted.state <> 'pending' then
        raise sqlstate 'PT409' using message = 'This update does not wait for an approval.';
    elsif wanted.user_id = access.user_id() or wanted.author = access.actor() then
        raise sqlstate 'PT403' using
            message = 'Another administrator has to approve it than the one who asked for it.';
    end if;
    update private.updates u
    set approved_by = access.actor(), approver_id = access.user_id(), approved_at = now()
    where u.id = update_id;
    return query select * from api.updates u where u.id = update_id;
end
$$;
comment on function api.approve_update(int) is
    'Lets an update of another administrator go on to its machine, where two of them are demanded.';
grant execute on function api.approve_update(int) to webmacs_admin;


create function api.withdraw_update(update_id int) returns setof api.updates
    language plpgsql security definer
    set search_path = ''
as $$
declare
    wanted private.updates := private.update_to_change(update_id);
begin
    if wanted.state not in ('pending', 'downloading', 'verified') then
        raise sqlstate 'PT409' using
            message = format('An update that is %s cannot be withdrawn.', replace(wanted.state, '_', ' '));
    end if;
    update private.updates u
    set state = 'failed', withdrawn_by = access.actor(), detail = format('withdrawn by %s', access.actor())
    where u.id = update_id;
    return query select * from api.updates u where u.id = update_id;
end
$$;
comment on function api.withdraw_update(int) is 'Ends an update that its machine does not install yet.';
grant execute on function api.withdraw_update(int) to webmacs_admin;


create function api.roll_back_update(update_id int) returns setof api.updates
    language plpgsql security definer
    set search_path = ''
as $$
declare
    wanted private.updates := private.update_to_change(update_id);
begin
    if wanted.state <> 'completed' or wanted.roll_back_at is not null then
        raise sqlstate 'PT409' using message = 'Only an update that is completed, and not rolled back yet, can be.';
    elsif wanted.controller_id is null then
        raise sqlstate 'PT409' using
            message = 'The server goes back by `webmacs update rollback` alone, on its machine.',
            hint = 'Its database may have to come back with it; docs/updates.md.';
    elsif exists (select from private.updates n
                  where n.controller_id = wanted.controller_id and n.id > wanted.id
                    and n.state not in ('failed', 'rolled_back')) then
        raise sqlstate 'PT409' using message = 'There is a later update of this controller; roll back that one.';
    end if;
    update private.updates u set roll_back_by = access.actor(), roll_back_at = now() where u.id = update_id;
    return query select * from api.updates u where u.id = update_id;
end
$$;
comment on function api.roll_back_update(int) is
    'Asks the controller to go back to the version that ran before this update.';
grant execute on function api.roll_back_update(int) to webmacs_admin;
