-- Conditions: what rules and interlocks ask of a value. Functions with an SQL body, which
-- PostgreSQL writes into the query that calls them.

create function private.holds(operator text, value float8, threshold float8, threshold_high float8, slack float8)
    returns boolean
    language sql immutable parallel safe
return case operator
    when 'gt'          then value > threshold - slack
    when 'gte'         then value >= threshold - slack
    when 'lt'          then value < threshold + slack
    when 'lte'         then value <= threshold + slack
    when 'eq'          then abs(value - threshold) <= 1e-9 + slack
    when 'between'     then value between threshold - slack and threshold_high + slack
    when 'not_between' then value < threshold + slack or value > threshold_high - slack
end;
comment on function private.holds(text, float8, float8, float8, float8) is
    'Whether a value fulfils a condition that is wider by slack on each side. A signal begins where the condition '
    'holds with slack 0 and ends where it does not even hold with the deadband as slack (hysteresis).';


create function private.decision(operator text, value float8, threshold float8, threshold_high float8, deadband float8)
    returns boolean
    language sql immutable parallel safe
return case
    when private.holds(operator, value, threshold, threshold_high, 0) then true
    when not private.holds(operator, value, threshold, threshold_high, deadband) then false
end;
comment on function private.decision(text, float8, float8, float8, float8) is
    'Whether a value sets a signal (true), clears it (false) or leaves it (null: within the deadband).';


create function private.may_set(
    operator text, lowest float8, highest float8, threshold float8, threshold_high float8
)
    returns boolean
    language sql immutable parallel safe
return private.holds(operator, lowest, threshold, threshold_high, 0)
    or private.holds(operator, highest, threshold, threshold_high, 0)
    or operator in ('eq', 'between') and lowest <= threshold and highest >= threshold;
comment on function private.may_set(text, float8, float8, float8, float8) is
    'Whether any value from lowest to highest could set a signal: false spares looking at each.';


create function private.may_clear(
    operator text, lowest float8, highest float8, threshold float8, threshold_high float8, deadband float8
)
    returns boolean
    language sql immutable parallel safe
return not private.holds(operator, lowest, threshold, threshold_high, deadband)
    or not private.holds(operator, highest, threshold, threshold_high, deadband)
    or operator = 'not_between' and lowest <= threshold_high - deadband and highest >= threshold + deadband;
comment on function private.may_clear(text, float8, float8, float8, float8, float8) is
    'Whether any value from lowest to highest could clear a signal: false spares looking at each.';
