"""How often somebody may try to get in. Each test is one transaction, in which no time goes by but by moving rows."""

import itertools
import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.database import Database
from tests.support.people import People
from tests.support.postgres import Connection
from tests.support.sql import Sql

HERE, THERE = "192.0.2.1", "192.0.2.99"
_numbers = itertools.count(1)
LIMITS = {
    "account": (10, 900),
    "familiar": (10, 300),
    "address": (30, 300),
    "password": (10, 900),
    "reset": (20, 300),
    "register": (10, 900),
}


@dataclass
class Gate:
    """What the sidecar asks before and after it looks at a password."""

    connection: Connection

    def begin(self, login: str, address: str | None = HERE) -> Any:
        """What an attempt is answered: seconds to wait (0: none), and what it was counted as."""
        return self._one("select retry_after, kinds, subjects from private.begin_login(%s, %s)", login, address)

    def wait(self, login: str, address: str | None = HERE) -> int:
        return int(self.begin(login, address)[0])

    def succeed(self, user_id: int, login: str, address: str | None = HERE) -> None:
        """Log in with the right password."""
        retry_after, kinds, subjects = self.begin(login, address)
        assert retry_after == 0
        self._one("select private.end_login(%s, %s, %s, %s)", kinds, subjects, user_id, address)

    def fail_until_refused(self, login: str, address: str | None = HERE) -> int:
        """How many attempts were looked at."""
        return next(number for number in itertools.count() if self.wait(login, address))

    def pass_time(self, seconds: float) -> None:
        """All that was counted was counted so much earlier."""
        self.execute("update private.login_limits set counted_at = counted_at - %s * interval '1 second'", seconds)

    def execute(self, statement: str, *values: object) -> list[Any]:
        """The rows of any statement in this transaction."""
        cursor = self.connection.execute(statement.encode(), values)
        return cursor.fetchall() if cursor.description else []

    def _one(self, statement: str, *values: object) -> Any:
        return self.execute(statement, *values)[0]


@pytest.fixture
def gate(database: Database) -> Iterator[Gate]:
    with closing(database.connect()) as connection, connection.transaction(force_rollback=True):
        connection.execute("delete from private.login_limits")
        yield Gate(connection)


@pytest.fixture
def ada(people: People) -> tuple[int, str]:
    """Number and name of a user."""
    user = people.user(name=f"Ada{next(_numbers)}")
    return user.id, user.name


# the rule ---------------------------------------------------------------------


def test_the_table_of_limits(sql: Sql) -> None:
    rows = sql.superuser.execute("select kind, free, longest from private.limits()").fetchall()
    assert {kind: (free, longest) for kind, free, longest in rows} == LIMITS


@pytest.mark.parametrize(
    ("level", "seconds"),
    [(0, 0), (1, 0), (10, 0), (11, 1), (12, 2), (13, 4), (20, 512), (20.9, 900), (21, 900), (1e6, 900), (1e300, 900)],
)
def test_the_delay(sql: Sql, level: float, seconds: int) -> None:
    row = sql.superuser.execute("select private.limit_delay(%s, 10, 900)", [level]).fetchone()
    assert row is not None
    assert round(row[0]) == seconds


@given(steps=st.lists(st.floats(0, 4000), max_size=60), kind=st.sampled_from(sorted(LIMITS)))
def test_the_rule_whatever_the_times_of_attempts(sql: Sql, steps: list[float], kind: str) -> None:
    """In any time no more are looked at than the free ones, those that double, and one in each `longest`; and nobody
    waits longer than that."""
    free, longest = LIMITS[kind]
    elapsed, counted = 0.0, 0
    with sql.superuser.transaction(force_rollback=True) as transaction:
        gate = Gate(transaction.connection)
        for step in steps:
            gate.pass_time(step)
            elapsed += step
            [(wait,)] = gate.execute("select private.count_attempt(array[%s], array['x'])", kind)
            counted += wait == 0
            assert 0 <= wait <= longest
            assert step < longest or wait == 0
            assert counted <= free + math.log2(longest) + 3 + elapsed / longest


# whom it concerns ---------------------------------------------------------------


def test_free_attempts_then_growing_delays_then_a_longest(gate: Gate, ada: tuple[int, str]) -> None:
    assert gate.fail_until_refused(ada[1]) == 11
    waits = []
    for _ in range(20):
        wait = gate.wait(ada[1])
        waits.append(wait)
        gate.pass_time(wait)
        assert gate.wait(ada[1]) == 0
    assert waits == sorted(waits)
    assert waits[0] == 1
    assert 890 < waits[-1] <= 900


def test_what_is_refused_is_not_counted(gate: Gate, ada: tuple[int, str]) -> None:
    """So the wait ends whatever a stranger does meanwhile."""
    gate.fail_until_refused(ada[1])
    assert {gate.wait(ada[1], f"198.51.100.{n}") for n in range(100)} == {1}


def test_one_account_from_everywhere(gate: Gate, ada: tuple[int, str]) -> None:
    looked_at = [gate.wait(ada[1], f"198.51.100.{n}") == 0 for n in range(40)]
    assert sum(looked_at) == 11


def test_one_address_on_all_accounts(gate: Gate) -> None:
    looked_at = [gate.wait(f"name {n}") == 0 for n in range(60)]
    assert sum(looked_at) == 31
    assert gate.wait("name 61", THERE) == 0


def test_any_of_its_names_is_the_same_account(gate: Gate, ada: tuple[int, str]) -> None:
    names = [ada[1], ada[1].upper(), f"{ada[1]}@example.org"]
    assert sum(gate.wait(names[n % 3]) == 0 for n in range(30)) == 11


def test_an_unknown_account_is_answered_as_a_known_one(gate: Gate, ada: tuple[int, str]) -> None:
    known = [gate.wait(ada[1], HERE) for _ in range(20)]
    unknown = [gate.wait("Nobody" if n % 2 else "nobody", THERE) for n in range(20)]
    assert known == unknown


def test_what_a_stranger_typed_is_not_kept(gate: Gate) -> None:
    gate.begin("my password by mistake")
    [(kept,)] = gate.execute("select string_agg(subject, ' ') from private.login_limits")
    assert "password" not in kept


def test_success_clears_the_account_and_gives_back_one_of_the_address(gate: Gate, ada: tuple[int, str]) -> None:
    number, name = ada
    for _ in range(9):
        gate.wait(name)
    gate.succeed(number, name)
    assert gate.execute("select kind, level from private.login_limits") == [("address", 9)]


def test_who_has_an_account_clears_no_guesses_at_others(gate: Gate, ada: tuple[int, str]) -> None:
    number, name = ada
    for guess in range(30):
        gate.wait(f"other {guess}")
        if guess % 3 == 0:
            gate.succeed(number, name)
    assert gate.fail_until_refused("yet another") <= 1


# who must not be kept out --------------------------------------------------------


def test_strangers_do_not_keep_out_who_sits_where_they_always_sit(gate: Gate, ada: tuple[int, str]) -> None:
    number, name = ada
    gate.succeed(number, name, HERE)
    gate.fail_until_refused(name, THERE)
    for n in range(40):
        gate.wait(f"name {n}", HERE)
    assert gate.wait("yet another", HERE) > 0
    assert gate.wait(name, "198.51.100.7") > 0
    gate.succeed(number, name, HERE)


def test_a_familiar_address_has_a_limit_of_its_own(gate: Gate, ada: tuple[int, str]) -> None:
    gate.succeed(*ada, HERE)
    assert gate.fail_until_refused(ada[1], HERE) == 11
    assert gate.wait(ada[1], THERE) == 0


def test_an_address_becomes_unfamiliar(gate: Gate, ada: tuple[int, str]) -> None:
    gate.succeed(*ada, HERE)
    gate.execute("update private.familiar_addresses set last_login_at = now() - interval '91 days'")
    gate.execute("select private.purge_login_limits()")
    assert gate.begin(ada[1], HERE)[1] == ["account", "address"]


def test_a_new_password_forgets_guesses_on_the_old_one(gate: Gate, ada: tuple[int, str], people: People) -> None:
    number, name = ada
    gate.succeed(number, name, HERE)
    others = people.user(name=f"{name}1")
    gate.wait(others.name, HERE)
    gate.fail_until_refused(name, HERE)
    gate.fail_until_refused(name, THERE)
    gate.execute("select private.set_password(%s, 'hash', null)", number)
    assert (gate.wait(name, HERE), gate.wait(name, THERE)) == (0, 0)
    assert gate.execute("select level from private.login_limits where subject = %s", f"user {others.id}")


def test_a_clock_that_is_set_back_keeps_nobody_out(gate: Gate, ada: tuple[int, str]) -> None:
    gate.fail_until_refused(ada[1])
    gate.pass_time(-86_400)
    assert gate.wait(ada[1]) == 0
    gate.pass_time(-400)
    assert gate.wait(ada[1]) <= 900


def test_who_began_a_moment_before_the_one_that_was_counted_is_not_refused(gate: Gate, ada: tuple[int, str]) -> None:
    gate.wait(ada[1])
    gate.pass_time(-0.01)
    assert gate.wait(ada[1]) == 0


# addresses -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::7", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        (None, None, True),
    ],
)
def test_what_counts_as_one_address(gate: Gate, one: str | None, other: str | None, same: bool) -> None:
    assert (gate.begin("x", one)[2] == gate.begin("x", other)[2]) is same


# many at once, and for long ---------------------------------------------------------


def test_parallel_guesses_cannot_race(ada: tuple[int, str], database: Database) -> None:
    """The next one brings a delay of minutes, so of all that come at once one is looked at."""
    with database.connect() as superuser:
        superuser.execute(
            "insert into private.login_limits values ('account', %s, 21, now() - interval '1000 seconds')",
            [f"user {ada[0]}"],
        )

    def guess(number: int) -> bool:
        name = ada[1] if number % 2 else f"{ada[1]}@example.org"
        with database.connect("webmacs_sidecar") as sidecar:
            row = sidecar.execute("select retry_after from private.begin_login(%s, %s)", [name, HERE]).fetchone()
        return row == (0,)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(guess, range(32))) == 1


def test_what_has_sunk_to_nothing_is_purged(gate: Gate, ada: tuple[int, str]) -> None:
    gate.fail_until_refused(ada[1])
    gate.pass_time(600)
    gate.execute("select private.purge_login_limits()")
    assert gate.execute("select count(*) from private.login_limits") == [(2,)]
    gate.pass_time(11 * 900)
    gate.execute("select private.purge_login_limits()")
    assert gate.execute("select count(*) from private.login_limits") == [(0,)]
