"""`webmacs demo`"""

from typing import Any

from webmacs_controller.plugins.simulated.channels import INSTRUMENTS
from webmacs_controller.plugins.simulated.process import Process

from tests.cli.conftest import Command, refused
from tests.support.database import Database
from webmacs.demo import fill_yesterday


def ask(database: Database, statement: str) -> Any:
    with database.connect() as connection:
        row = connection.execute(statement.encode()).fetchone()
    assert row is not None
    return row


def test_fills_the_past_and_repeats_without_harm(webmacs: Command, database: Database) -> None:
    assert webmacs("demo", "--days", "3").returncode == 0
    count, events, first = ask(database, "select count(*), count(distinct event_id), min(ts) from private.datapoints")
    assert (count, events) == (3 * 2880 * 12, 12)
    assert ask(database, "select count(*) from private.latest") == (12,)

    assert webmacs("demo", "--days", "3").returncode == 0
    again = ask(
        database, f"select count(*) from private.datapoints where ts < '{first}'::timestamptz + interval '3 days'"
    )
    assert again == (count,)
    assert ask(database, "select count(*) from private.controllers where name = 'demo'") == (1,)


def test_values_are_within_their_range(webmacs: Command, database: Database) -> None:
    webmacs("demo", "--days", "3")
    outside = """
        select count(*) from private.datapoints d join private.events e on e.id = d.event_id
         where d.value not between e.min_value and e.max_value
    """
    assert ask(database, outside) == (0,)
    assert ask(database, "select count(*) > 0 from private.experiments where kind = 'demo'") == (True,)


def test_a_new_installation_has_a_yesterday_of_what_is_simulated_only(
    webmacs: Command, fresh_database: Database
) -> None:
    uri = {"WEBMACS_DATABASE_ADMIN_URI": fresh_database.uri("postgres")}
    webmacs("demo", "--days", "1", **uri)
    with fresh_database.connect() as connection:
        connection.execute("truncate private.datapoints, private.latest")
        fill_yesterday(connection)
    plugins = """
        select array_agg(distinct i.plugin), count(*), bool_and(d.quality = 96) from private.datapoints d
          join private.channel_mappings c using (event_id)
          join private.plugin_instances i on i.id = c.plugin_instance_id
    """
    assert ask(fresh_database, plugins) == (["simulated"], 2 * 2880 * 9, True)


def test_ends_where_real_values_begin(webmacs: Command, fresh_database: Database) -> None:
    uri = {"WEBMACS_DATABASE_ADMIN_URI": fresh_database.uri("postgres")}
    webmacs("demo", "--days", "1", **uri)
    with fresh_database.connect() as connection:
        connection.execute("truncate private.datapoints, private.latest")
        connection.execute(
            """select private.ingest(null, array[min(id)], array[192::smallint],
                      array[date_trunc('hour', now()) - interval '5 hours 1.5 seconds'], array[1.0])
                 from private.events"""
        )
    webmacs("demo", "--days", "1", **uri)
    real = "date_trunc('hour', now()) - interval '5 hours 1.5 seconds'"
    assert ask(fresh_database, f"select count(*) from private.datapoints where ts > {real}") == (0,)


def test_the_past_ends_as_the_plant_begins(webmacs: Command, fresh_database: Database) -> None:
    uri = {"WEBMACS_DATABASE_ADMIN_URI": fresh_database.uri("postgres")}
    webmacs("demo", "--days", "1", **uri)
    amid_a_batch = "date_trunc('week', now() - interval '1 week', 'UTC') + interval '34 hours 30 minutes 0.5 seconds'"
    with fresh_database.connect() as connection:
        connection.execute("truncate private.datapoints, private.latest")
        connection.execute(
            f"""select private.ingest(null, array[min(id)], array[192::smallint], array[{amid_a_batch}], array[1.0])
                  from private.events""".encode()
        )
        fill_yesterday(connection)
        last = connection.execute(
            """select distinct on (c.channel) c.channel, d.value from private.datapoints d
                 join private.channel_mappings c using (event_id)
                where d.quality = 96 order by c.channel, d.ts desc"""
        ).fetchall()
    cold = Process()
    begins = {each.channel.id: each.value(cold) for each in INSTRUMENTS}
    ranges = {each.channel.id: each.channel.max - each.channel.min for each in INSTRUMENTS}
    jumps = {name: abs(value - begins[name]) / ranges[name] for name, value in last}
    assert jumps.keys() == begins.keys()
    assert {name: jump for name, jump in jumps.items() if jump > 0.04} == {}


def test_not_beyond_the_horizon(webmacs: Command) -> None:
    assert "past_days" in refused(webmacs("demo", "--days", "31", WEBMACS_INGEST_PAST_DAYS="30"))
