"""All that the sidecar does for growing tables from time to time, once and in order."""

from collections.abc import Callable
from functools import partial

from webmacs.clock.upkeep import PRUNED
from webmacs.config import Config
from webmacs.database import Connection
from webmacs.history import dropping, storage
from webmacs.history.retention import connect

KEEP = "select format('made %s partitions ahead of their time', private.keep_partitions())"
MOVE = "select private.move_rollups()"
COMPUTE = "select private.compute_rollups()"
ROLLED = """
    select format('%s is rolled up, %s hours that came late wait',
                  case when isfinite(computed_to) then to_char(computed_to at time zone 'UTC',
                      '"all before" YYYY-MM-DD HH24:MI "UTC"') else 'nothing' end,
                  (select count(*) from private.rollup_dirty))
      from private.settings
"""
WOULD_GO = """
    select format('would drop %s: %s, from %s to %s, %s', name, unit, lower::date, upper::date, pg_size_pretty(bytes))
      from private.expirable_partitions()
"""

READERS = """
    select 'read by ' || who from private.readers(array(select name from private.expired_partitions)) order by who
"""

Say = Callable[[str], object]


async def maintain(config: Config, say: Say) -> None:
    """Do it, and say what was done."""
    async with await connect(config) as connection:
        await _say_all(connection, KEEP, say)
        await _number(connection, MOVE)
        while await _number(connection, COMPUTE):
            pass
        await _say_all(connection, ROLLED, say)
        await _prune_all(connection, say)
        await _drop(connection, config, say)
        await storage.report(connection, config)


async def look(config: Config, say: Say) -> None:
    """Say what would be done to history. What is coarser may follow once that is gone."""
    async with await connect(config) as connection:
        await connection.execute("set default_transaction_read_only = on")
        await _say_all(connection, ROLLED, say)
        await _say_all(connection, WOULD_GO, say)
        for step in await dropping.steps(connection):
            say(f"would go on: {step.statement}")


async def _prune_all(connection: Connection, say: Say) -> None:
    for statement, what in PRUNED.items():
        pruned = 0
        while number := await _number(connection, statement):
            pruned += number
        say(f"removed {pruned} {what}")


async def _drop(connection: Connection, config: Config, say: Say) -> None:
    outcome = await dropping.run(connection, partial(storage.report_room, connection, config))
    for name in outcome.dropped:
        say(f"dropped {name}")
    for name in outcome.waiting:
        say(f"not dropped yet, most often because it is being read: {name}")
    for problem in outcome.problems:
        say(problem)
    if outcome.waiting:
        await _say_all(connection, READERS, say)
    elif not outcome.dropped:
        say("nothing is to be dropped")


async def _say_all(connection: Connection, statement: str, say: Say) -> None:
    for (line,) in await (await connection.execute(statement.encode())).fetchall():
        say(line)


async def _number(connection: Connection, statement: str) -> int:
    row = await (await connection.execute(statement.encode())).fetchone()
    return int(row[0]) if row and row[0] else 0
