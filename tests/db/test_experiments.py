"""What is written down of experiments, and what goes with them."""

from typing import Any

import psycopg
import pytest

from tests.support.people import People
from tests.support.sql import Sql

PAYLOAD = b"the very bytes of it"
HEADERS = '{"experiment-id": "%s", "file-name": "%s", "file-type": "text/plain"}'


@pytest.fixture
def experiment(sql: Sql) -> int:
    """An experiment of its own."""
    statement = "insert into private.experiments (name) values ('run ' || gen_random_uuid()) returning id"
    return int(_one(sql, statement))


def _one(sql: Sql, statement: str, *parameters: object) -> Any:
    row = sql.superuser.execute(statement.encode(), parameters).fetchone()
    assert row is not None
    return row[0]


def _upload(sql: Sql, experiment: int, content: bytes = PAYLOAD) -> int:
    with sql.as_role("operator").transaction() as transaction:
        connection = transaction.connection
        headers = HEADERS % (experiment, "notes.txt")
        connection.execute("select set_config('request.headers', %s, true)", (headers,))
        row = connection.execute("select api.upload_experiment_file(%s::bytea)", (content,)).fetchone()
    assert row is not None
    return int(row[0]["id"])


def test_the_audit_log_knows_a_file_but_not_its_bytes(sql: Sql, people: People, experiment: int) -> None:
    file = _upload(sql, experiment)
    sql.as_role("operator").execute("delete from api.experiment_files where id = %s", (file,))
    lines = sql.superuser.execute(
        "select actor, operation, coalesce(new, old) from private.audit_log"
        " where table_name = 'experiment_files' and row_id = %s order by id",
        (str(file),),
    ).fetchall()
    name = people.the("operator").name
    assert [(actor, operation) for actor, operation, _ in lines] == [(name, "insert"), (name, "delete")]
    assert {row["size"] for _, _, row in lines} == {len(PAYLOAD)}
    everything = _one(sql, "select string_agg(coalesce(new, old)::text, '') from private.audit_log")
    assert PAYLOAD.hex() not in everything
    assert PAYLOAD.decode() not in everything


def test_bytes_go_with_their_experiment(sql: Sql, experiment: int) -> None:
    file = _upload(sql, experiment)
    sql.as_role("operator").execute("delete from api.experiments where id = %s", (experiment,))
    left = "select count(*) from private.experiment_file_bytes where file_id = %s"
    assert _one(sql, left, file) == 0


def test_no_headers_as_in_psql(sql: Sql) -> None:
    with pytest.raises(psycopg.Error, match="The header Experiment-Id") as refused:
        sql.superuser.execute("select api.upload_experiment_file('x')")
    assert refused.value.sqlstate == "PT400"


def test_too_large_by_whatever_way(sql: Sql, experiment: int) -> None:
    file = _upload(sql, experiment)
    with pytest.raises(psycopg.errors.CheckViolation, match="a file must have at most 20 MiB"):
        sql.superuser.execute(
            "update private.experiment_file_bytes set bytes = convert_to(repeat('x', 20971521), 'UTF8')"
            " where file_id = %s",
            (file,),
        )


@pytest.mark.parametrize(
    ("encoded", "plain"),
    [("a%20b", "a b"), ("%C3%BC", "ü"), ("%c3%bc", "ü"), ("100%", "100%"), ("%2", "%2"), ("%%41", "%A"), ("ü", "ü")],
)
def test_percent_decoding(encoded: str, plain: str, sql: Sql) -> None:
    assert _one(sql, "select private.percent_decoded(%s)", encoded) == plain
    assert _one(sql, "select private.percent_decoded(private.percent_encoded(%s))", plain) == plain


@pytest.mark.parametrize("encoded", ["", "%ff", "%00", "%C3"])
def test_what_is_no_text(encoded: str, sql: Sql) -> None:
    assert _one(sql, "select private.percent_decoded(%s)", encoded) is None
