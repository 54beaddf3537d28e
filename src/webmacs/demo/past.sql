-- One stretch of the past, from %(from)s to %(to)s (exclusive): a value of each channel of the instances of
-- %(plugins)s every 30 seconds.
-- Materialised, because PostgreSQL would otherwise compute each step anew wherever it is used.
-- The same instant always gives the same values, so a repetition adds nothing.
--
-- The past ends at %(end)s as the plug-in's plant begins there: cold and still, in a room of 21 °C. So no batch is
-- begun that would not be over an hour before, and what makes the room warmer or colder fades within the last two.
-- The plant works Monday to Saturday, and on the last two days, so that there is a yesterday to look at, from 6
-- to 18 o'clock (UTC), in batches of three hours: start the air, heat, hold, cool. The room is warmer by day and in
-- summer; the machine has more to do while people work.
with clock as materialized (
    select ts,
           extract(epoch from ts)::bigint as t,
           (extract(epoch from ts)::bigint %% 86400) / 3600::float8 as hour,
           extract(isodow from ts at time zone 'UTC')::int as weekday,
           extract(doy from ts at time zone 'UTC')::int as day
    from generate_series(%(from)s::timestamptz, %(to)s::timestamptz - interval '1 second', interval '30 seconds') as ts
), shift as materialized (
    select *,
           -- from 0 to 1 through a batch; 0 where there is none
           case when (weekday <= 6 or ts > %(end)s - interval '2 days') and hour >= 6 and hour < 18
                     and ts + (3 - mod((hour - 6)::numeric, 3)) * interval '1 hour' <= %(end)s - interval '1 hour'
                then mod((hour - 6)::numeric, 3)::float8 / 3 else 0 end as batch,
           21 + weather * (2.5 * sin((hour - 9) / 12 * pi()) + 1.5 * sin((day - 105) / 182.5 * pi())) as room
    from clock
    cross join lateral (values (least(1, extract(epoch from %(end)s - ts) / 7200))) as fading (weather)
), drive as materialized (
    select *,
           -- shares from 0 to 1; the warmth follows the heater with a delay
           greatest(0, least(1, batch / 0.08, (0.97 - batch) / 0.05)) as air,
           greatest(0, least(1, (batch - 0.05) / 0.15, (0.70 - batch) / 0.10)) as heat,
           greatest(0, least(1, (batch - 0.08) / 0.30, (1.00 - batch) / 0.35)) as warmth,
           1 + 0.08 * sin(t / 86400 * 1.7) as load     -- no day is quite like another
    from shift
), plant as materialized (
    select *,
           2 + 108 * air * (0.55 + 0.35 * batch) as flow,
           room + 110 * load * warmth * warmth * (3 - 2 * warmth) as reactor,
           case when weekday <= 5 and hour between 7 and 18 then 1.0 else 0.15 end as people
    from drive
), measured (ts, t, channel, value, tremble, digits) as (
    select ts, t, channel, value, tremble, digits
    from plant
    cross join lateral (values
        ('temp_inlet',       room + 38 * load * heat,                                  0.2,    2),
        ('temp_reactor',     reactor,                                                  0.3,    2),
        ('temp_outlet',      room + 0.85 * (reactor - room),                           0.2,    2),
        ('pressure_chamber', 1.013 + 0.004 * weather * sin(t / 200000.0) + 0.2 * (flow / 120)^2, 0.002,  4),
        ('pressure_diff',    25 * least(flow / 40, 1) + 0.05 * greatest(flow - 40, 0), 0.6,    2),
        ('volume_flow',      flow,                                                     1.0,    2),
        ('humidity',         45 / (1 + (reactor - room) / 18),                         0.5,    2),
        ('heater_power',     75 * heat,                                                0.0,    1),
        ('valve_position',   100 * air * (0.55 + 0.35 * batch),           0.0,    1),
        ('cpu_percent',      4 + 30 * people * (1 + 0.5 * sin(t / 900.0)),             6.0,    1),
        ('memory_percent',   38 + 14 * people + 4 * sin(t / 40000.0),                  0.8,    1),
        ('disk_percent',     40 + 0.4 * (day %% 30) + hour / 60,                  0.0,    2)
    ) as formula (channel, value, tremble, digits)
)
insert into private.datapoints (event_id, quality, ts, value)
select e.id, 96, m.ts,  -- uncertain, simulated
       round(greatest(e.min_value, least(e.max_value,
           -- hashint8 makes noise that is the same at every run, from -1 to 1
           m.value + m.tremble * hashint8(m.t * 64 + hashtext(m.channel)) / 2147483648.0))::numeric, m.digits)
from measured m
join private.plugin_instances i on i.controller_id = %(controller)s and i.plugin = any (%(plugins)s)
join private.channel_mappings c on c.plugin_instance_id = i.id and c.channel = m.channel
join private.events e on e.id = c.event_id
order by e.id, m.ts
on conflict do nothing
