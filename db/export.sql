-- Export: measured values with all that one wants to know of them, for tools that read SQL (Grafana, pandas, Excel).
-- Everyone who reads values reads it; the role webmacs_reader is made for it.

create view api.measurements with (security_invoker) as
    select d.ts, e.name as event, d.value, e.unit, d.quality, e.area, d.event_id, e.public_id as event_public_id
    from private.datapoints d join private.events e on e.id = d.event_id;
comment on view api.measurements is
    'Measured values with the name and unit of their event, for Grafana, pandas and the like. Name a range of ts and '
    'the events: then only the partitions and index entries of those are read.';
comment on column api.measurements.ts is 'Time of the measurement.';
comment on column api.measurements.event is 'Name of the event.';
comment on column api.measurements.value is 'Value in the unit of the event; always finite.';
comment on column api.measurements.unit is 'Unit of the event.';
comment on column api.measurements.quality is 'How far it can be relied on, as datapoints.quality has it.';
comment on column api.measurements.area is 'Part of the plant.';
comment on column api.measurements.event_id is 'Number of the event.';
comment on column api.measurements.event_public_id is 'Identifier of the event to the outside.';
grant select on api.measurements to webmacs_viewer;
