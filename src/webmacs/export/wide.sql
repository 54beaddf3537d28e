-- A page of lines, one for each step of the grid that any event has a value for: the newest at that time, not older
-- than a step. Looked up cell by cell in the index, so that the work is that of the answer and not of the points.
select convert_to(string_agg(page.line, ''), 'UTF8'), count(*)
  from (select concat(
                   %(before)s::text, btrim(to_json(step.ts)::text, '"'),
                   string_agg(event.key || coalesce(replace(newest.value::text, '.', %(point)s), %(nothing)s), ''
                              order by event.place),
                   %(end)s::text) as line
          from make_interval(secs => %(grid)s) as grid (step)
         cross join generate_series(%(from)s::timestamptz, %(last)s::timestamptz, grid.step) as step (ts)
         cross join unnest(%(event_ids)s::int[], %(keys)s::text[]) with ordinality as event (id, key, place)
          left join lateral (
               select d.value from api.datapoints d
                where d.event_id = event.id and d.ts > step.ts - grid.step and d.ts <= step.ts
                  and d.ts > %(from)s::timestamptz - grid.step and d.ts <= %(last)s::timestamptz
                order by d.ts desc
                limit 1) newest on true
         group by step.ts
        having count(newest.value) > 0
         order by step.ts) page
