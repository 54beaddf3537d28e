"""What retention decides to go is detached and dropped, so that nobody waits for it longer than LOCK_TIMEOUT."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import psycopg
from psycopg.rows import class_row

from webmacs.database import Connection

# Shorter than deadlock_timeout: an export that still needs what is to be detached must not be the one that is ended.
LOCK_TIMEOUT = "set lock_timeout = '500ms'"
# What many events with few points came to in a minute takes a while to make; nobody waits for that.
PATIENCE = "set local statement_timeout = '1h'"
EXPIRE = "select private.expire()"
STATEMENTS = "select unit, name, statement from private.expiry_statements()"
ONE_AT_A_TIME = "select pg_try_advisory_lock(hashtext('private.retention'))"
NEXT = "select pg_advisory_unlock(hashtext('private.retention'))"

KEPT_OFF = (
    "values are being rolled up, or somebody who writes values or experiments does not end; "
    "what else is to go is decided another time"
)
LATER = (
    psycopg.errors.LockNotAvailable,  # it is being read or written
    psycopg.errors.ObjectNotInPrerequisiteState,  # another partition of the table is half detached
    psycopg.errors.UndefinedTable,  # somebody else was faster
)


@dataclass(frozen=True)
class Step:
    """What is to be done next with an expired partition of `unit`."""

    unit: str
    name: str
    statement: str


@dataclass(frozen=True)
class Outcome:
    """Names of partitions that were dropped, and of those that have to wait; what else was in the way."""

    dropped: list[str]
    waiting: list[str]
    problems: list[str]


async def run(connection: Connection, look: Callable[[], Awaitable[object]]) -> Outcome:
    """Finish what was begun, then decide and drop one partition after another, so that the disk never holds more than
    one together with the minutes that were made of it. The connection is the owner's. `look`: at the disk, before each
    decision, so that nothing goes that need not."""
    outcome = await carry_out(connection)
    dropped = outcome.dropped
    try:
        await look()
        while not outcome.waiting and await decide(connection):
            outcome = await carry_out(connection)
            dropped = dropped + outcome.dropped
            await look()
    except psycopg.errors.LockNotAvailable:
        return Outcome(dropped, outcome.waiting, [*outcome.problems, KEPT_OFF])
    return Outcome(dropped, outcome.waiting, outcome.problems)


async def decide(connection: Connection) -> str | None:
    """The partition that goes next, if any does; from now on nothing is written to it."""
    async with connection.transaction():
        await connection.execute(PATIENCE)
        row = await (await connection.execute(EXPIRE)).fetchone()
    return row[0] if row else None


async def steps(connection: Connection) -> list[Step]:
    """What is to be done next, in order."""
    async with connection.cursor(row_factory=class_row(Step)) as cursor:
        return await (await cursor.execute(STATEMENTS)).fetchall()


async def carry_out(connection: Connection) -> Outcome:
    """Do every step that nobody has to wait for; each statement is a transaction."""
    before = {step.name for step in await steps(connection)}
    row = await (await connection.execute(ONE_AT_A_TIME)).fetchone()
    if row != (True,):
        return Outcome([], sorted(before), [])
    await connection.execute(LOCK_TIMEOUT)
    problems: dict[str, str] = {}
    tried: set[str] = set()
    while todo := [step for step in await steps(connection) if step.statement not in tried]:
        tried.add(todo[0].statement)
        if problem := await _do(connection, todo[0]):
            problems[todo[0].name] = problem
    after = {step.name for step in await steps(connection)}
    await connection.execute(NEXT)
    return Outcome(sorted(before - after), sorted(after - problems.keys()), list(problems.values()))


async def _do(connection: Connection, step: Step) -> str | None:
    """What went wrong, other than that it has to wait: the other partitions must not wait for this one."""
    try:
        await connection.execute(step.statement.encode())
    except LATER:
        return None
    except psycopg.Error as error:
        if connection.closed:
            raise
        return f"cannot go on with {step.name}: {error}"
    return None
