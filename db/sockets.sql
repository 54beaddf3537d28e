-- Open WebSockets: the sidecar asks again, in one query for all of them, whose token still counts.

create function access.refused_claims(claims json[]) returns table (ordinal int, reason text)
    language plpgsql stable security definer
    set search_path = ''
as $$
begin
    for place in 1 .. coalesce(cardinality(claims), 0) loop
        begin
            perform access.check_claims(claims[place]);
        exception when sqlstate 'PT401' then
            ordinal := place;
            reason := sqlerrm;
            return next;
        end;
    end loop;
end
$$;
comment on function access.refused_claims(json[]) is
    'Those of these claims that access.check_claims refuses, by their place from 1, and why.';
grant execute on function access.refused_claims(json[]) to webmacs_sidecar;
