-- The time of the earliest value of these events in a range; null: there is none.
select min(earliest.ts)
  from unnest(%(event_ids)s::int[]) as event (id)
 cross join lateral (
       select d.ts from api.datapoints d
        where d.event_id = event.id and d.ts > %(after)s and d.ts < %(to)s
        order by d.ts
        limit 1) earliest
