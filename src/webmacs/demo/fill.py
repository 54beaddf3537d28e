"""Writes the past day by day, straight into the table: what was long ago fires no rule and reaches no live page."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from webmacs.demo.channels import CONTROLLER, INSTANCES, SIMULATED

PLUGINS: tuple[str, ...] = tuple(str(instance["plugin"]) for instance in INSTANCES)
PAST = files("webmacs.demo").joinpath("past.sql").read_bytes()

# Yesterday from its first hour on, wherever on earth.
TWO_DAYS = 2

# So long before its end nothing is at work any more, as past.sql has it.
STILL = timedelta(hours=1)

CONTROLLER_ROW = "insert into private.controllers (name) values (%s) on conflict do nothing"

# What was rolled up of this stretch before is to be computed again.
HOLD_ROLLUPS = "select pg_advisory_xact_lock_shared(hashtext('private.rollups'))"
MARK = """
    select private.mark_rollups(array_agg(c.event_id), array_agg(h.hour))
      from private.plugin_instances i
      join private.channel_mappings c on c.plugin_instance_id = i.id,
           generate_series(private.hour_of(%(from)s), %(to)s - interval '1 second', '1 hour') as h (hour)
     where i.controller_id = %(controller)s and i.plugin = any (%(plugins)s) and c.event_id is not null
"""

# Up to the first value that was really measured: those have fractions of a second, ours are on the half minute.
END = """
    select date_bin('30 seconds', coalesce(min(d.ts), now()), 'epoch')
      from private.plugin_instances i
      join private.channel_mappings c on c.plugin_instance_id = i.id
      join private.datapoints d on d.event_id = c.event_id
     where i.controller_id = %s and d.ts <> date_bin('30 seconds', d.ts, 'epoch')
"""

NEWEST = """
    insert into private.latest as l (event_id, quality, ts, value)
    select distinct on (d.event_id) d.event_id, d.quality, d.ts, d.value
      from private.datapoints d
     where d.ts >= %(from)s and d.ts < %(to)s
     order by d.event_id, d.ts desc
    on conflict (event_id) do update set quality = excluded.quality, ts = excluded.ts, value = excluded.value
       where excluded.ts > l.ts
"""

EXPERIMENTS = """
    insert into private.experiments (name, kind, description, started_at, stopped_at)
    select format('Drying campaign %%s, batch %%s', to_char(day at time zone 'UTC', 'YYYY-MM-DD'), batch), 'demo',
           'Made by `webmacs demo`.', day + interval '3 hours' * (batch + 1), day + interval '3 hours' * (batch + 2)
      from generate_series(date_trunc('day', %(from)s::timestamptz, 'UTC'), %(to)s, interval '1 day') as day,
           generate_series(1, 4) as batch
     where extract(isodow from day at time zone 'UTC') <= 6
       and day + interval '3 hours' * (batch + 1) >= %(from)s
       and day + interval '3 hours' * (batch + 2) <= %(to)s
    on conflict do nothing
"""


@dataclass(frozen=True)
class Filling:
    """A past to be written: of the channels of `controller`, from `begin` to `end`, in stretches of a day."""

    controller: int
    begin: datetime
    end: datetime
    plugins: tuple[str, ...] = PLUGINS

    def days(self) -> list[tuple[datetime, datetime]]:
        """The stretches, oldest first."""
        length = timedelta(days=1)
        count = -((self.begin - self.end) // length)
        return [(self.begin + n * length, min(self.begin + (n + 1) * length, self.end)) for n in range(count)]

    def write(self, connection: psycopg.Connection) -> Iterator[int]:
        """Write each stretch in a transaction of its own, and say how many points it added."""
        whole = {"end": self.end, "controller": self.controller, "plugins": list(self.plugins)}
        for begin, end in self.days():
            stretch = whole | {"from": begin, "to": end}
            with connection.transaction():
                connection.execute("select private.make_partitions_for(%s)", [[begin, end]])
                connection.execute(HOLD_ROLLUPS)
                added = connection.execute(PAST, stretch).rowcount
                connection.execute(MARK, stretch)
            yield added
        with connection.transaction():
            connection.execute(NEWEST, {"from": self.end - timedelta(days=1), "to": self.end})

    def campaigns(self, connection: psycopg.Connection) -> None:
        """The experiments of this past."""
        with connection.transaction():
            connection.execute(EXPERIMENTS, {"from": self.begin, "to": self.end - STILL})


def prepare(connection: psycopg.Connection, days: int) -> Filling:
    """Make the demo controller with its instances and events where they are missing. The connection commits itself."""
    connection.execute("set jit = off")  # compiling each stretch would take longer than running it
    with connection.transaction():
        connection.execute(CONTROLLER_ROW, [CONTROLLER])
        controller = _one(connection, "select id from private.controllers where name = %s", CONTROLLER)
        connection.execute("select private.adopt_instances(%s, %s)", [controller, Jsonb(INSTANCES)])
        connection.execute("select private.adopt_channels(%s, %s)", [controller, Jsonb(INSTANCES)])
        end = _one(connection, END, controller)
    return Filling(controller, end - timedelta(days=days), end)


def fill_yesterday(connection: psycopg.Connection) -> None:
    """Give the simulated reactor two days, so that there is a yesterday to look at. The connection commits itself.

    What the machine really measures is left alone: nobody would take numbers for it that nobody has measured.
    """
    filling = replace(prepare(connection, TWO_DAYS), plugins=(SIMULATED,))
    for _ in filling.write(connection):
        pass


def _one(connection: psycopg.Connection, statement: str, value: object) -> Any:
    row = connection.execute(statement.encode(), [value]).fetchone()
    assert row is not None  # noqa: S101
    return row[0]
