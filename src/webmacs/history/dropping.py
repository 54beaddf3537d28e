"""What retention decides to go is detached and dropped, so that nobody waits for it longer than LOCK_TIMEOUT."""

from dataclasses import dataclass

import psycopg
from psycopg.rows import class_row

from webmacs.database import Connection

# Shorter than deadlock_timeout: an export that still needs what is to be detached must not be the one that is ended.
LOCK_TIMEOUT = "set lock_timeout = '500ms'"
PATIENCE = "set local statement_timeout = '2min'"
EXPIRE = "select private.expire()"
STATEMENTS = "select unit, name, statement from private.expiry_statements()"
ONE_AT_A_TIME = "select pg_try_advisory_lock(hashtext('private.retention'))"
NEXT = "select pg_advisory_unlock(hashtext('private.retention'))"

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
    """Names of partitions that were dropped, and of those that have to wait."""

    dropped: list[str]
    waiting: list[str]


async def decide(connection: Connection) -> list[str]:
    """Let the database decide what goes. Names of partitions; from now on nothing is written to them."""
    decided: list[str] = []
    try:
        while name := await _decide_one(connection):
            decided.append(name)
    except psycopg.errors.LockNotAvailable:
        pass  # somebody writes for long; the next time comes soon
    return decided


async def _decide_one(connection: Connection) -> str | None:
    async with connection.transaction():
        await connection.execute(PATIENCE)
        row = await (await connection.execute(EXPIRE)).fetchone()
    return row[0] if row else None


async def steps(connection: Connection) -> list[Step]:
    """What is to be done next, in order."""
    async with connection.cursor(row_factory=class_row(Step)) as cursor:
        return await (await cursor.execute(STATEMENTS)).fetchall()


async def carry_out(connection: Connection) -> Outcome:
    """Do every step that nobody has to wait for. The connection is the owner's; each statement is a transaction."""
    row = await (await connection.execute(ONE_AT_A_TIME)).fetchone()
    if row != (True,):
        return Outcome([], [])
    await connection.execute(LOCK_TIMEOUT)
    before = {step.name for step in await steps(connection)}
    tried: set[str] = set()
    while todo := [step for step in await steps(connection) if step.statement not in tried]:
        tried.add(todo[0].statement)
        try:
            await connection.execute(todo[0].statement.encode())
        except LATER:
            continue
    after = {step.name for step in await steps(connection)}
    await connection.execute(NEXT)
    return Outcome(sorted(before - after), sorted(after))
