"""The sidecar seals the audit log, writes the last hash into the journal, and notices when the chain is another."""

import asyncio
import logging
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.sidecar import running_sidecar
from tests.support.sql import Sql
from webmacs.activity.seals import Seals
from webmacs.config import Config
from webmacs.database import make_pool
from webmacs.doctor.audit import audit_log

SECONDS = 60
ADD = "insert into private.log_entries (message) select 'n' from generate_series(1, 1500)"
LAST = "select id, encode(chain_hash, 'hex') from private.last_seal()"


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[socket.socket]:
    """A journal that takes datagrams, as systemd's does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(str(tmp_path / "log"))
        receiver.settimeout(SECONDS)
        yield receiver


def _lines(journal: socket.socket) -> list[str]:
    """What has come."""
    journal.setblocking(False)
    lines = []
    while True:
        try:
            lines.append(journal.recv(4096).decode())
        except BlockingIOError:
            return lines


def test_the_journal_has_the_last_seal(config: Config, sql: Sql, journal: socket.socket) -> None:
    async def _twice() -> None:
        async with make_pool(config) as pool:
            seals = Seals(pool, Path(journal.getsockname()))
            await seals.work()
            await seals.work()  # nothing new: no line

    sql.superuser.execute(ADD)
    asyncio.run(_twice())
    number, head = sql.superuser.execute(LAST).fetchone() or (0, "")
    assert number >= 2
    assert _lines(journal) == [f"<85>webmacs: audit log sealed: seal {number}, {head}"]


def test_a_chain_that_was_written_anew_is_noticed(
    config: Config, sql: Sql, journal: socket.socket, caplog: pytest.LogCaptureFixture
) -> None:
    async def _meanwhile() -> None:
        async with make_pool(config) as pool:
            seals = Seals(pool, Path(journal.getsockname()))
            await seals.work()
            sql.superuser.execute("delete from private.audit_seals; update private.audit_log set actor = 'nobody'")
            await seals.work()

    sql.superuser.execute(ADD)
    with caplog.at_level(logging.CRITICAL):
        asyncio.run(_meanwhile())
    sealed, noticed, anew = _lines(journal)
    number, head = sealed.split(": seal ")[1].split(", ")
    assert noticed == f"<85>webmacs: the seals of the audit log were written anew: seal {number} was {head}"
    assert "sealed: seal" in anew
    assert "were written anew" in caplog.text


def test_a_running_sidecar_seals(config: Config, sql: Sql) -> None:
    sql.superuser.execute(
        "create function tell_seal() returns trigger language plpgsql as 'begin notify sealed; return null; end'"
    )
    sql.superuser.execute(
        "create trigger tell_seal after insert on private.audit_seals for each row execute function tell_seal()"
    )
    sql.superuser.execute("listen sealed")
    sql.superuser.execute(ADD)
    with running_sidecar(config):
        assert list(sql.superuser.notifies(timeout=SECONDS, stop_after=1))


def test_the_doctor_verifies(config: Config, sql: Sql) -> None:
    sql.superuser.execute(ADD)
    while sql.superuser.execute("select sealed from private.seal_audit()").fetchone() not in [(None,), (0,)]:
        pass
    found = audit_log(config)
    assert found.ok
    number, head = sql.superuser.execute(LAST).fetchone() or (0, "")
    assert f"the last is {number}: {head}" in found.found

    sql.superuser.execute("insert into private.audit_log (actor, role, table_name, operation, row_id, changed_at)"
                          " values ('x', 'x', 'x', 'insert', 'x', now() - interval '11 minutes')")  # fmt: skip
    assert "rows wait for their seal for 0:11" in audit_log(config).found
    sql.superuser.execute("update private.audit_log set actor = 'another' where id = 5")
    sql.superuser.execute("delete from private.audit_log where id between 6 and 12")
    broken = audit_log(config)
    assert not broken.ok
    assert broken.found == (
        "row 5 was changed; row 6 was removed; row 7 was removed; row 8 was removed; row 9 was removed and 3 more"
    )
