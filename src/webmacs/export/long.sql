-- A page of the lines of one event, in the order of time: their bytes, how many, and the time of the last.
-- to_json writes a time as ISO 8601 in the zone of the session, in half the time that to_char takes.
select convert_to(string_agg(concat(
           %(before)s::text, btrim(to_json(page.ts)::text, '"'),
           %(middle)s::text,
           case when %(point)s = '.' then page.value::text else replace(page.value::text, '.', ',') end,
           %(after)s::text, page.quality, %(end)s::text), ''), 'UTF8'),
       count(*), max(page.ts)
  from (select ts, value, quality
          from api.datapoints
         where event_id = %(event_id)s and ts >= %(from)s and ts < %(to)s
         order by ts
         limit %(rows)s) page
