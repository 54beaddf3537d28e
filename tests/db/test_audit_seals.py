"""Seals of the audit log: behind the writers, of every row, and whatever is done to a row is found."""

import random
import subprocess
from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import psycopg
import pytest

from tests.support.database import Database, drop, empty_database
from tests.support.postgres import Address, Connection

ADD = "insert into private.log_entries (message) select 'n' from generate_series(1, %s)"


@pytest.fixture
def audited(fresh_database: Database) -> Iterator[Connection]:
    """A superuser's connection to a database of the test's own, all sealed but nothing else in it."""
    with fresh_database.connect() as connection:
        seal(connection)
        yield connection


def seal(connection: Connection, most: int = 1000) -> int:
    """Seal all there is. How many rows were."""
    rows = 0
    while True:
        seal_id, sealed = one(connection, "select seal_id, sealed from private.seal_audit(%s)", most)
        rows += sealed or 0
        if seal_id is None or sealed < most:
            return rows


def one(connection: Connection, statement: str, *values: object) -> tuple[Any, ...]:
    row = connection.execute(statement.encode(), values).fetchone()
    assert row is not None
    return row


def problems(connection: Connection) -> list[tuple[object, ...]]:
    """All that is found to be wrong."""
    seals = connection.execute("select problem, seal_id from private.verify_seals() order by seal_id").fetchall()
    return seals + connection.execute("select problem, entry_id from private.verify_entries() order by 2, 1").fetchall()


def unsealed(connection: Connection) -> object:
    return one(connection, "select unsealed from private.audit_summary()")[0]


def newest(connection: Connection) -> int:
    return int(str(one(connection, "select max(id) from private.audit_log")[0]))


def test_every_row_is_sealed_once_and_nothing_new_makes_no_seal(audited: Connection) -> None:
    audited.execute(ADD, (25,))
    assert seal(audited, 10) == 25
    assert seal(audited) == 0
    assert unsealed(audited) == 0
    assert problems(audited) == []
    seals = one(audited, "select count(*) from private.audit_seals")
    assert one(audited, "select seal_id from private.seal_audit()") == (None,)
    assert one(audited, "select count(*) from private.audit_seals") == seals


def test_what_an_open_transaction_wrote_is_sealed_later(audited: Connection, fresh_database: Database) -> None:
    with fresh_database.connect() as early, fresh_database.connect() as broken:
        early.execute("begin")
        early.execute(ADD, (3,))
        broken.execute("begin")
        broken.execute(ADD, (2,))
        audited.execute(ADD, (4,))
        assert seal(audited) == 4
        broken.execute("rollback")
        audited.execute(ADD, (1,))
        assert seal(audited) == 1
        early.execute("commit")
    assert seal(audited) == 3
    assert seal(audited) == 0
    assert one(audited, "select settled_to >= (select max(id) from private.audit_log) from private.last_seal()") == (
        True,
    )
    assert problems(audited) == []


def test_a_writer_does_not_wait_for_the_seal(audited: Connection, fresh_database: Database) -> None:
    with fresh_database.connect() as sealing, fresh_database.connect() as another:
        audited.execute(ADD, (3,))
        sealing.execute("begin")
        assert seal(sealing) == 3
        audited.execute("set lock_timeout = '1ms'")
        audited.execute(ADD, (3,))  # would fail
        assert one(another, "select seal_id from private.seal_audit()") == (None,)  # at it is another
        sealing.execute("commit")
    assert seal(audited) == 3
    assert problems(audited) == []


@pytest.mark.parametrize("seed", range(3))
def test_writers_at_the_same_time_and_none_is_missed(audited: Connection, fresh_database: Database, seed: int) -> None:
    """Short and long transactions, broken ones, savepoints; sealing all the while, in small seals."""
    writers = [Thread(target=_write, args=(fresh_database, random.Random(seed * 10 + n))) for n in range(4)]
    for writer in writers:
        writer.start()
    rows = 0
    while any(writer.is_alive() for writer in writers):
        rows += seal(audited, 7)
        assert problems(audited) == []
    rows += seal(audited, 7)
    rows += seal(audited, 7)
    assert unsealed(audited) == 0
    assert problems(audited) == []
    assert (
        one(audited, "select entries, (select count(*) from private.audit_log) from private.audit_summary()")
        == (one(audited, "select count(*) from private.audit_log")[0],) * 2
    )


def _write(database: Database, chance: random.Random) -> None:
    with database.connect() as connection:
        for _ in range(40):
            connection.execute("begin")
            for _ in range(chance.choice((1, 1, 2, 5))):
                connection.execute(ADD, (chance.choice((1, 1, 3)),))
            if chance.random() < 0.2:
                connection.execute("savepoint s")
                connection.execute(ADD, (1,))
                connection.execute("rollback to savepoint s")
            connection.execute("rollback" if chance.random() < 0.2 else "commit")


TAMPERED = {
    "a value": ("update private.audit_log set new = '{}' where id = %(row)s", [("changed", "row")]),
    "who": ("update private.audit_log set actor = 'another' where id = %(row)s", [("changed", "row")]),
    "as whom": (
        "update private.audit_log set actor_public_id = gen_random_uuid() where id = %(row)s",
        [("changed", "row")],
    ),
    "when": ("update private.audit_log set changed_at = 'infinity' where id = %(row)s", [("changed", "row")]),
    "null for nothing": ("update private.audit_log set old = 'null' where id = %(row)s", [("changed", "row")]),
    "removed": ("delete from private.audit_log where id = %(row)s", [("removed", "row")]),
    "all removed": ("truncate private.audit_log", [("removed", "each")]),
    "inserted": (
        "insert into private.audit_log (id, actor, role, table_name, operation, row_id) overriding system value"
        " values (%(gap)s, 'x', 'x', 'x', 'insert', 'x')",
        [("inserted", "gap")],
    ),
    "exchanged": (
        "update private.audit_log a set new = b.new || '{\"id\": 0}', actor = b.role from private.audit_log b"
        " where a.id in (%(row)s, %(row)s + 1) and b.id = 2 * %(row)s + 1 - a.id",
        [("changed", "row"), ("changed", "next")],
    ),
    "a seal": ("update private.audit_seals set sealed_at = now() where id = 2", [("it was changed", "seal")]),
    "a seal with its row": (
        """with forged as (update private.audit_log set actor = 'another' where id = %(row)s returning *)
           update private.audit_seals s set row_hashes = overlay(s.row_hashes placing
               private.audit_hash(row(f.*)::private.audit_log) from 1)
           from forged f where s.id = 2""",
        [("it was changed", "seal")],
    ),
    "a seal anew": (
        "update private.audit_seals s set settled_to = s.settled_to - 1, chain_hash = sha256('x') where id = 2",
        [("it was changed", "seal"), ("it was changed", "next seal")],
    ),
    "a seal removed with its rows": (
        """with gone as (delete from private.audit_seals where id = 2 returning entries)
           delete from private.audit_log a using gone where a.id <@ gone.entries""",
        [("a seal before it is missing", "next seal")],
    ),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_what_is_done_to_it_is_found(how: str, audited: Connection) -> None:
    audited.execute("begin")
    audited.execute(ADD, (1,))
    audited.execute("rollback")  # leaves a gap
    audited.execute("truncate private.audit_log, private.audit_seals")
    for _ in range(3):
        audited.execute(ADD, (3,))
        seal(audited)
    row, gap = newest(audited) - 5, newest(audited) - 9
    statement, expected = TAMPERED[how]
    audited.execute(statement.encode(), {"row": row, "gap": gap})
    meant = {
        "row": [row],
        "next": [row + 1],
        "gap": [gap],
        "seal": [2],
        "next seal": [3],
        "each": range(gap + 1, row + 6),
    }
    wanted = [(problem, number) for problem, name in expected for number in meant[name]]
    found = problems(audited)
    assert [number for _, number in found] == [number for _, number in wanted]
    for (said, _), (problem, _) in zip(found, wanted, strict=True):
        assert str(said).startswith(problem)


def test_a_chain_that_was_written_anew_is_not_the_one_in_the_journal(audited: Connection) -> None:
    audited.execute(ADD, (3,))
    seal_id, head = one(audited, "select seal_id, hash from private.seal_audit()")
    assert one(audited, "select private.has_seal(%s, %s)", seal_id, head) == (True,)
    audited.execute("update private.audit_log set actor = 'another'")
    audited.execute("truncate private.audit_seals")
    seal(audited)
    assert problems(audited) == []  # the chain alone cannot tell
    assert one(audited, "select private.has_seal(%s, %s)", seal_id, head) == (False,)


def test_what_is_cut_by_age_leaves_a_hash_with_which_the_rest_verifies(audited: Connection) -> None:
    assert one(audited, "select seal_id from private.cut_audit()") == (None,)  # for ever
    for _ in range(3):
        audited.execute(ADD, (3,))
        seal(audited)
    head = one(audited, "select id, chain_hash from private.last_seal()")
    before = newest(audited)
    # as if it were later
    audited.execute("select private.configure('{\"audit_days\": 1}')")
    seal(audited)
    audited.execute("update private.audit_seals set sealed_at = sealed_at - interval '2 days'")
    _rehash(audited)
    count = one(audited, "select count(*) from private.audit_log")[0]
    cut, rows = one(audited, "select seal_id, entries from private.cut_audit()")
    assert cut == one(audited, "select id - 1 from private.last_seal()")[0]
    assert (one(audited, "select count(*) from private.audit_log")[0], rows) == (1, int(str(count)) - 1)
    assert problems(audited) == []
    assert one(audited, "select private.has_seal(%s, chain_hash) from private.audit_cuts", cut) == (True,)
    assert one(audited, "select seal_id from private.cut_audit()") == (None,)  # the newest stays

    audited.execute(ADD, (2,))
    seal(audited)
    assert problems(audited) == []
    insert = "insert into private.audit_log (id, actor, role, table_name, operation, row_id) overriding system value"
    audited.execute(f"{insert} values (%s, 'x', 'x', 'x', 'insert', 'x')".encode(), (before,))
    assert problems(audited) == [("inserted", before)]
    assert head is not None


def test_a_clock_that_jumped_ahead_cuts_nothing(audited: Connection) -> None:
    audited.execute("select private.configure('{\"audit_days\": 1}')")
    for _ in range(2):
        audited.execute(ADD, (3,))
        seal(audited)
    audited.execute("update private.audit_seals set sealed_at = sealed_at - interval '30 days'")
    audited.execute("delete from private.clock")
    audited.execute("insert into private.clock (seen_at) values (now() - interval '30 days')")
    assert one(audited, "select seal_id from private.cut_audit()") == (None,)
    audited.execute("select private.trust_clock()")
    assert one(audited, "select seal_id from private.cut_audit()") != (None,)


def _rehash(connection: Connection) -> None:
    """What only the owner of the database can do: write the chain anew."""
    connection.execute("""
        do $$ declare s private.audit_seals; previous bytea := ''; begin
            for s in select * from private.audit_seals order by id loop
                previous := private.seal_hash(s, previous);
                update private.audit_seals set chain_hash = previous where id = s.id;
            end loop;
        end $$""")


def test_the_chain_survives_dump_and_restore(
    audited: Connection, fresh_database: Database, postgres: Address, pg_dump: Callable[..., str]
) -> None:
    """With a transaction open meanwhile, and where times are written otherwise."""
    audited.execute(ADD, (5,))
    with fresh_database.connect() as early:
        early.execute("begin")
        early.execute(ADD, (3,))
        audited.execute(ADD, (5,))
        seal(audited)
        audited.execute(ADD, (1,))
        text = pg_dump(fresh_database)
    other = empty_database(postgres)
    try:
        command = ["psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", other.uri("postgres")]
        subprocess.run(command, input=text, text=True, check=True, capture_output=True)
        with other.connect() as restored:
            restored.execute("set timezone = 'Asia/Tokyo'; set datestyle = 'German'; set bytea_output = 'escape'")
            assert problems(restored) == []
            restored.execute(ADD, (2,))
            assert seal(restored) == 3
            assert problems(restored) == []
    finally:
        drop(other)


@pytest.mark.parametrize("table", ["audit_log", "audit_seals", "audit_cuts", "audit_writers"])
@pytest.mark.parametrize(
    "action", ["insert into {} default values", "update {} set {}", "delete from {}", "truncate {}"]
)
@pytest.mark.parametrize(
    "role", ["anon", "viewer", "operator", "admin", "controller", "authenticator", "sidecar", "reader"]
)
def test_append_only_for_everybody_but_the_owner(table: str, action: str, role: str, database: Database) -> None:
    column = {"audit_log": "actor = 'x'", "audit_writers": "upto = 0"}.get(table, "chain_hash = ''")
    with database.connect() as connection:
        connection.execute("set transaction_read_only = off")
        connection.execute(f"grant usage on schema private to webmacs_{role}".encode())  # even then
        connection.execute(f"set role webmacs_{role}".encode())
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(action.format(f"private.{table}", column).encode())
