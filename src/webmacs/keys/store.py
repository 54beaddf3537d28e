"""What the database knows of keys. Each function is one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row


@dataclass(frozen=True)
class KnownKey:
    """A key with whose signature tokens were issued. `tokens`: those that count, the last until `until`."""

    kid: str
    created_at: datetime
    replaced_at: datetime | None
    retired_at: datetime | None
    removed_at: datetime | None
    tokens: int
    until: datetime | None
    spent: bool


@dataclass(frozen=True)
class Ended:
    """A token that ended with its key."""

    kind: str
    owner: str
    name: str | None


def list_keys(connection: psycopg.Connection) -> list[KnownKey]:
    """All there ever were, oldest first."""
    with connection.cursor(row_factory=class_row(KnownKey)) as cursor:
        return cursor.execute("select * from private.list_keys()").fetchall()


def appoint(connection: psycopg.Connection, kid: str) -> None:
    """This key signs, all others were replaced."""
    connection.execute("select private.appoint_key(%s)", [kid])


def retire(connection: psycopg.Connection, kid: str) -> list[Ended]:
    """No token of this key counts any more. Which ended by that."""
    with connection.cursor(row_factory=class_row(Ended)) as cursor:
        statement = "select kind::text, owner, name from private.retire_key(%s)"
        return cursor.execute(statement, [kid]).fetchall()


def note_removed(connection: psycopg.Connection, kids: Sequence[str]) -> None:
    """Their files are gone."""
    connection.execute("select private.note_removed_keys(%s)", [list(kids)])


def announce(connection: psycopg.Connection) -> None:
    """The files have changed: PostgREST and every sidecar read them again."""
    connection.execute("select private.announce_keys()")
