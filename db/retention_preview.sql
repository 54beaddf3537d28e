-- What retention holds and what it would let go, for administrators: before they change a policy, and at any time.

create function api.history_partitions()
    returns table (unit text, name text, "from" timestamptz, "to" timestamptz, bytes bigint, goes boolean)
    language sql stable security definer
    set search_path = ''
as $$
    select p.unit, p.name, p.lower, p.upper, p.bytes,
           p.name in (select e.name from private.expirable_partitions() e)
           or p.name in (select d.name from private.expired_partitions d)
    from private.history_partitions() p
    order by p.place, p.lower
$$;
comment on function api.history_partitions() is
    'The pieces in which history lies and goes: raw points and what minutes, hours and days come to, from (inclusive) '
    'to (exclusive); goes: retention drops it within the hour.';
grant execute on function api.history_partitions() to webmacs_admin;


create function api.preview_retention(unit text, age_days int, budget_bytes bigint) returns json
    language plpgsql security definer
    set search_path = ''
as $$
begin
    -- the policy is put there, what follows is asked, and all is taken back with this block
    update private.retention r
    set age_days = preview_retention.age_days, budget_bytes = preview_retention.budget_bytes,
        least_days = least(r.least_days, preview_retention.age_days)
    where r.unit = preview_retention.unit;
    if not found then
        raise sqlstate 'PT404' using message = 'unit must be raw, minute, hour or day.';
    end if;
    raise sqlstate 'WM000' using message = (
        select coalesce(json_agg(json_build_object('unit', e.unit, 'name', e.name, 'from', e.lower, 'to', e.upper,
                                                   'bytes', e.bytes) order by e.place, e.lower), '[]')
        from private.expirable_partitions() e);
exception
    when sqlstate 'WM000' then
        return sqlerrm::json;
end
$$;
comment on function api.preview_retention(text, int, bigint) is
    'What would go at once if a unit had this policy, as a list of {unit, name, from, to, bytes}: all that the '
    'policies then want to go and nothing holds. Nothing is changed.';
grant execute on function api.preview_retention(text, int, bigint) to webmacs_admin;
