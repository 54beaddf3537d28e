"""Packages and who is to have them: what is told to controllers, what they report, what is refused."""

import hashlib
from collections.abc import Sequence
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.support.hello import Message, say
from tests.support.packages import store_package
from tests.support.people import Caller, People
from tests.support.sql import Sql

STATES = "select name, state, detail from api.plugin_package_assignments where controller_id = %s order by name"
ASSIGN = "insert into api.plugin_package_assignments (controller_id, package_id) values (%s, %s)"


@pytest.fixture
def controller(people: People) -> Caller:
    return people.controller()


def assign(sql: Sql, controller: Caller, *packages: int) -> None:
    for package in packages:
        sql.as_role("admin").execute(ASSIGN, (controller.id, package))


def welcome(sql: Sql, controller: Caller) -> Message:
    return say(sql, controller, {"config_version": 9})


def told(sql: Sql, controller: Caller) -> list[tuple[str, str]]:
    return [(package["name"], package["version"]) for package in welcome(sql, controller)["packages"]]


def report(sql: Sql, controller: Caller, packages: object) -> None:
    with sql.as_login("webmacs_sidecar") as sidecar:
        sidecar.execute("select private.report_packages(%s, %s)", (controller.id, Jsonb(packages)))


def states(sql: Sql, controller: Caller) -> list[tuple[Any, ...]]:
    return sql.as_role("admin").execute(STATES, (controller.id,)).fetchall()


def test_a_controller_is_told_its_own(sql: Sql, people: People, controller: Caller) -> None:
    assert told(sql, controller) == []
    first, second, other = (store_package(sql.superuser, name) for name in ("own-b", "own-a", "own-c"))
    assign(sql, controller, first, second)
    assign(sql, people.controller(), other)
    assert told(sql, controller) == [("own-a", "1.0"), ("own-b", "1.0")]
    assert welcome(sql, controller)["packages"][0] == {
        "name": "own-a",
        "version": "1.0",
        "file_name": "own_a-1.0-py3-none-any.whl",
        "size": 9,
        "sha256": hashlib.sha256(b"own-a 1.0").hexdigest(),
        "signature": None,
    }


def test_what_is_assigned_raises_the_version_of_whom_it_concerns(sql: Sql, people: People, controller: Caller) -> None:
    other = people.controller()
    old, new = (store_package(sql.superuser, "raised", version) for version in ("1.0", "2.0"))
    versions = []

    def note(statement: str, *values: object) -> None:
        sql.as_role("admin").execute(statement.encode(), values)
        versions.append((welcome(sql, controller)["config_version"], welcome(sql, other)["config_version"]))

    note("select")
    note(ASSIGN, controller.id, old)
    of_both = "controller_id in (%s, %s)"
    note(f"update api.plugin_package_assignments set package_id = %s where {of_both}", new, controller.id, other.id)
    note(f"update api.plugin_package_assignments set package_id = %s where {of_both}", new, controller.id, other.id)
    note(
        "update api.plugin_package_assignments set controller_id = %s where controller_id = %s", other.id, controller.id
    )
    report(sql, other, [{"name": "raised", "version": "2.0", "state": "installed"}])
    note(f"delete from api.plugin_package_assignments where {of_both}", controller.id, other.id)
    assert versions == [(1, 1), (2, 1), (3, 1), (3, 1), (4, 2), (4, 3)]


def test_a_signature_that_comes_later_is_told(sql: Sql, people: People, controller: Caller) -> None:
    package = _wheel("signed-later")
    number = _store(sql, people.the("admin"), package)
    assign(sql, controller, number[0])
    before = welcome(sql, controller)
    assert _store(sql, people.the("admin"), package) == (number[0], True)  # its pieces never came
    assert welcome(sql, controller) == before
    _store(sql, people.the("admin"), package | {"signature": "text", "signed_by": "KEY"})
    _store(sql, people.the("admin"), package)
    after = welcome(sql, controller)
    assert after["config_version"] == before["config_version"] + 1
    assert after["packages"][0]["signature"] == "text"


@pytest.mark.parametrize("state", ["pending", "installing", "installed", "failed"])
def test_what_has_become_of_it(state: str, sql: Sql, controller: Caller) -> None:
    names = [f"became-{state}-{letter}" for letter in "ab"]
    assign(sql, controller, *(store_package(sql.superuser, name) for name in names))
    said = [{"name": names[0], "version": "1.0", "state": state, "detail": "x" * 2000}]
    stranger = {"name": "stranger", "version": "1.0", "state": "failed"}
    older = {"name": names[1], "version": "0.9", "state": "failed"}
    report(sql, controller, [*said, stranger, older])
    assert states(sql, controller) == [(names[0], state, "x" * 1000), (names[1], "pending", None)]


def test_of_another_version_nothing_is_known_yet(sql: Sql, controller: Caller) -> None:
    old, new = (store_package(sql.superuser, "anew", version) for version in ("1.0", "2.0"))
    assign(sql, controller, old)
    report(sql, controller, [{"name": "anew", "version": "1.0", "state": "failed", "detail": "no"}])
    sql.as_role("admin").execute(
        "update api.plugin_package_assignments set package_id = %s where package_id = %s", (new, old)
    )
    assert states(sql, controller) == [("anew", "pending", None)]


@pytest.mark.parametrize("packages", [7, {}, [7], ["x"]])
def test_a_report_that_makes_no_sense(packages: object, sql: Sql, controller: Caller) -> None:
    with pytest.raises(psycopg.Error, match="packages must be a list of objects"):
        report(sql, controller, packages)


def test_a_state_that_is_none(sql: Sql, controller: Caller) -> None:
    assign(sql, controller, store_package(sql.superuser, "lost"))
    with pytest.raises(psycopg.errors.CheckViolation, match="state must be pending, installing, installed or failed"):
        report(sql, controller, [{"name": "lost", "version": "1.0", "state": "lost"}])


def test_one_version_for_each_controller(sql: Sql, controller: Caller) -> None:
    old, new = (store_package(sql.superuser, "twice", version) for version in ("1.0", "2.0"))
    assign(sql, controller, old)
    with pytest.raises(psycopg.errors.UniqueViolation, match="a controller has one version of a package"):
        assign(sql, controller, new)


def test_a_package_that_is_not_there(sql: Sql, controller: Caller) -> None:
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="package_id: there is no package 999999"):
        assign(sql, controller, 999999)


def test_what_is_assigned_is_not_deleted(sql: Sql, controller: Caller) -> None:
    package = store_package(sql.superuser, "assigned")
    assign(sql, controller, package)
    delete = f"delete from api.plugin_packages where id = {package}"
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="the package is assigned to a controller"):
        sql.as_role("admin").execute(delete.encode())
    sql.superuser.execute("delete from private.controllers where id = %s", (controller.id,))
    sql.as_role("admin").execute(delete.encode())
    left = "select count(*) from private.plugin_package_pieces where package_id = %s"
    assert sql.superuser.execute(left, (package,)).fetchone() == (0,)


def test_bytes_are_for_whom_they_are_assigned_to(sql: Sql, people: People, controller: Caller) -> None:
    content = b"PK content of a wheel"
    assign(sql, controller, store_package(sql.superuser, "secret", content=content))
    digest = hashlib.sha256(content).hexdigest()
    assert _fetch(sql, controller, digest) == [(len(content), content)]
    for stranger in (people.controller(), people.the("admin")):
        assert _fetch(sql, stranger, digest) == [(None, None)]


@pytest.mark.parametrize("role", ["viewer", "operator", "controller"])
def test_who_may_not_upload(role: str, sql: Sql, people: People) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="Only administrators upload packages"):
        _store(sql, people.the(role), _wheel("not-by-me"))


def test_a_version_keeps_its_bytes(sql: Sql, people: People) -> None:
    package = _wheel("for-ever")
    _store(sql, people.the("admin"), package)
    with pytest.raises(psycopg.Error, match=r"for-ever 1\.0 is stored with other bytes") as refused:
        _store(sql, people.the("admin"), package | {"sha256": "0" * 64})
    assert refused.value.sqlstate == "PT409"


def test_who_uploads_and_assigns_is_audited(sql: Sql, people: People, controller: Caller) -> None:
    admin = people.the("admin")
    number, _ = _store(sql, admin, _wheel("audited"))
    assign(sql, controller, number)
    report(sql, controller, [{"name": "audited", "version": "1.0", "state": "installed"}])
    audited = """
        select actor, table_name, operation, new ->> 'sha256' from private.audit_log
        where table_name like 'plugin\\_package%%' and new ->> 'name' = 'audited' order by id
    """
    assert sql.superuser.execute(audited).fetchall() == [
        (admin.name, "plugin_packages", "insert", _wheel("audited")["sha256"]),
        (admin.name, "plugin_package_assignments", "insert", None),
    ]


def _wheel(name: str) -> Message:
    return {
        "name": name,
        "version": "1.0",
        "file_name": f"{name}-1.0-py3-none-any.whl",
        "size": 5,
        "sha256": hashlib.sha256(name.encode()).hexdigest(),
        "summary": "",
        "requires_python": ">=3.11",
        "requires": [],
        "plugins": ["p"],
        "signature": None,
        "signed_by": None,
    }


def _store(sql: Sql, caller: Caller, package: Message) -> tuple[int, bool]:
    (row,) = _as_sidecar(sql, caller, "select * from private.store_plugin_package(%s)", Jsonb(package))
    return row[0], row[1]


def _fetch(sql: Sql, caller: Caller, digest: str) -> Sequence[tuple[Any, ...]]:
    statement = "select (private.package_for_me(%s)).size, private.plugin_package_piece(%s, 0)"
    return _as_sidecar(sql, caller, statement, digest, digest)


def _as_sidecar(sql: Sql, caller: Caller, statement: str, *values: object) -> Sequence[tuple[Any, ...]]:
    with sql.as_caller(caller, "webmacs_sidecar") as sidecar:
        sidecar.execute("reset role")
        return sidecar.execute(statement.encode(), values).fetchall()
