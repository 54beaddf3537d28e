"""The life of an update: who asks, who approves, what controllers are told and report, and what is impossible."""

import hashlib
import itertools
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.support.bundles import store_bundle
from tests.support.hello import say
from tests.support.people import Caller, People
from tests.support.sql import Sql

STATES = ("pending", "downloading", "verified", "installing", "probation", "completed", "failed", "rolled_back")
ACTIVE = STATES[:5]
ALLOWED = {
    *itertools.pairwise(STATES[:6]),
    *((state, "failed") for state in ACTIVE),
    ("probation", "rolled_back"),
    ("completed", "rolled_back"),
}
ASK = "insert into api.updates (controller_id, bundle_id) values (%s, %s) returning id"


@pytest.fixture
def controller(people: People) -> Caller:
    return people.controller()


@pytest.fixture
def bundle(sql: Sql) -> int:
    return store_bundle(sql.superuser)


@pytest.fixture
def two_persons(sql: Sql) -> Iterator[None]:
    """Another administrator has to approve."""
    configure = "select private.configure(%s)"
    sql.superuser.execute(configure, (Jsonb({"ota_second_person": True}),))
    yield
    sql.superuser.execute(configure, (Jsonb({"ota_second_person": False}),))


def ask(sql: Sql, controller: Caller, bundle: int) -> int:
    """An administrator wants it there; the number of the update."""
    row = sql.as_role("admin").execute(ASK, (controller.id, bundle)).fetchone()
    assert row is not None
    return int(row[0])


def get(sql: Sql, update: int, *columns: str) -> Any:
    row = sql.superuser.execute(
        f"select {', '.join(columns)} from private.updates where id = %s".encode(), (update,)
    ).fetchone()
    assert row is not None
    return row[0] if len(columns) == 1 else row


def put(sql: Sql, update: int, state: str) -> None:
    """Lead it there by steps that are allowed."""
    ways = sql.superuser.execute("select private.steps_to('pending', %s)", (state,)).fetchone()
    assert ways is not None
    for step in ways[0]:
        sql.superuser.execute("update private.updates set state = %s where id = %s", (step, update))


def report(sql: Sql, controller: Caller, said: object) -> None:
    with sql.as_login("webmacs_sidecar") as sidecar:
        sidecar.execute("select private.report_update(%s, %s)", (controller.id, Jsonb(said)))


def act(sql: Sql, who: Caller, function: str, update: int) -> dict[str, Any]:
    """rpc/FUNCTION, as this person; the row that it answers."""
    with sql.as_caller(who) as connection:
        row = connection.execute(f"select to_json(u) from api.{function}(%s) u".encode(), (update,)).fetchone()
    assert row is not None
    answer: dict[str, Any] = row[0]
    return answer


def steps(sql: Sql, update: int) -> list[str]:
    statement = "select state from api.update_steps where update_id = %s order by id"
    return [state for (state,) in sql.as_role("admin").execute(statement, (update,)).fetchall()]


def version(sql: Sql, controller: Caller) -> int:
    return int(say(sql, controller, {"config_version": 9})["config_version"])


def told(sql: Sql, controller: Caller) -> dict[str, Any] | None:
    update: dict[str, Any] | None = say(sql, controller, {"config_version": 9})["update"]
    return update


@pytest.mark.parametrize("to", STATES)
@pytest.mark.parametrize("state", STATES)
def test_only_steps_of_its_life(state: str, to: str, sql: Sql, controller: Caller, bundle: int) -> None:
    update = ask(sql, controller, bundle)
    put(sql, update, state)
    change = ("update private.updates set state = %s where id = %s", (to, update))
    if state == to or (state, to) in ALLOWED:
        sql.superuser.execute(*change)
        assert get(sql, update, "state") == to
    else:
        with pytest.raises(psycopg.Error, match=f"An update that is {state} cannot become {to}"):
            sql.superuser.execute(*change)
        assert get(sql, update, "state") == state
    is_over = get(sql, update, "state") in ("completed", "failed", "rolled_back")
    assert (get(sql, update, "finished_at") is not None) == is_over


def test_one_cannot_begin_in_the_middle(sql: Sql, controller: Caller, bundle: int) -> None:
    with pytest.raises(psycopg.Error, match="A new update is pending"):
        sql.superuser.execute(
            "insert into private.updates (controller_id, bundle_id, state) values (%s, %s, 'completed')",
            (controller.id, bundle),
        )


def test_what_it_installs_cannot_change(sql: Sql, people: People, controller: Caller, bundle: int) -> None:
    update = ask(sql, controller, bundle)
    for change in (f"bundle_id = {store_bundle(sql.superuser)}", f"controller_id = {people.controller().id}"):
        with pytest.raises(psycopg.Error, match="What an update installs, and where, cannot change"):
            sql.superuser.execute(f"update private.updates set {change} where id = {update}".encode())


def test_one_at_a_time(sql: Sql, controller: Caller, bundle: int) -> None:
    first = ask(sql, controller, bundle)
    with pytest.raises(psycopg.errors.UniqueViolation, match="controller_id has another update under way"):
        ask(sql, controller, bundle)
    put(sql, first, "completed")
    ask(sql, controller, bundle)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("product = 'webmacs-server'", "bundle_id: it is of webmacs-server"),
        ("expires_at = now() - interval '1 hour'", "bundle_id: its time was over"),
    ],
)
def test_bundles_that_no_controller_would_take(change: str, words: str, sql: Sql, controller: Caller) -> None:
    bundle = store_bundle(sql.superuser)
    sql.superuser.execute(f"update private.update_bundles set {change} where id = {bundle}".encode())
    with pytest.raises(psycopg.Error, match=words):
        ask(sql, controller, bundle)


def test_a_bundle_that_is_not_there(sql: Sql, controller: Caller) -> None:
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="bundle_id: there is no bundle 99999"):
        ask(sql, controller, 99999)
    with pytest.raises(psycopg.errors.NotNullViolation, match='null value in column "bundle_id"'):
        sql.as_role("admin").execute("insert into api.updates (controller_id) values (%s)", (controller.id,))


def test_a_controller_that_is_not_there(sql: Sql, bundle: int) -> None:
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="controller_id: there is no controller 99999"):
        sql.as_role("admin").execute(ASK, (99999, bundle))


def test_what_was_given_to_a_controller_is_not_deleted(sql: Sql, controller: Caller, bundle: int) -> None:
    free = store_bundle(sql.superuser)
    update = ask(sql, controller, bundle)
    put(sql, update, "failed")
    given = "select id, given from api.update_bundles where id in (%s, %s)"
    assert dict(sql.as_role("admin").execute(given, (free, bundle))) == {free: False, bundle: True}
    delete = "delete from api.update_bundles where id = %s"
    sql.as_role("admin").execute(delete, (free,))
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="was given to a machine, and stays"):
        sql.as_role("admin").execute(delete, (bundle,))


# approval ------------------------------------------------------------------------


def test_one_person_is_enough_unless_two_are_demanded(
    sql: Sql, people: People, controller: Caller, bundle: int
) -> None:
    update = ask(sql, controller, bundle)
    admin = people.the("admin")
    assert get(sql, update, "author", "approved_by", "user_id", "approver_id") == (
        admin.name,
        admin.name,
        admin.id,
        admin.id,
    )
    with pytest.raises(psycopg.Error, match="does not wait for an approval"):
        act(sql, people.user("admin"), "approve_update", update)


@pytest.mark.usefixtures("two_persons")
def test_another_one_has_to_approve(sql: Sql, people: People, controller: Caller, bundle: int) -> None:
    before = version(sql, controller)
    update, admin = ask(sql, controller, bundle), people.the("admin")
    assert get(sql, update, "approved_at") is None
    assert (told(sql, controller), version(sql, controller)) == (None, before)
    for token in (admin, people.session(admin.name), people.api_token(admin.name, "admin")):
        with pytest.raises(psycopg.Error, match="Another administrator has to approve it") as caught:
            act(sql, token, "approve_update", update)
        assert caught.value.sqlstate == "PT403"
    other = people.user("admin")
    assert act(sql, other, "approve_update", update)["approved_by"] == other.name
    assert version(sql, controller) == before + 1
    assert (told(sql, controller) or {})["id"] == update
    with pytest.raises(psycopg.Error, match="does not wait"):
        act(sql, people.user("admin"), "approve_update", update)


@pytest.mark.usefixtures("two_persons")
def test_a_new_name_makes_no_second_person(sql: Sql, people: People, controller: Caller, bundle: int) -> None:
    person = people.user("admin")
    with sql.as_caller(person) as connection:
        (update,) = connection.execute(ASK, (controller.id, bundle)).fetchone() or (0,)
    sql.superuser.execute("update private.users set username = 'renamed' where id = %s", (person.id,))
    with pytest.raises(psycopg.Error, match="Another administrator"):
        act(sql, person, "approve_update", update)


@pytest.mark.usefixtures("two_persons")
def test_without_an_approval_nothing_goes_on(sql: Sql, controller: Caller, bundle: int) -> None:
    update = ask(sql, controller, bundle)
    report(sql, controller, {"id": update, "state": "completed"})
    assert get(sql, update, "state") == "pending"
    with pytest.raises(psycopg.errors.CheckViolation, match="an update that has begun is approved"):
        sql.superuser.execute("update private.updates set state = 'downloading' where id = %s", (update,))


# what controllers are told -------------------------------------------------------


@pytest.mark.parametrize("state", STATES)
def test_a_controller_is_told_what_is_under_way(state: str, sql: Sql, controller: Caller, bundle: int) -> None:
    update = ask(sql, controller, bundle)
    put(sql, update, state)
    wanted = told(sql, controller)
    if state in ACTIVE:
        assert wanted is not None
        assert (wanted["id"], wanted["roll_back"]) == (update, False)
        assert wanted.keys() == {"id", "version", "counter", "file_name", "size", "sha256", "roll_back"}
    else:
        assert wanted is None


@pytest.mark.parametrize("state", STATES)
def test_withdrawing(state: str, sql: Sql, people: People, controller: Caller, bundle: int) -> None:
    update, admin = ask(sql, controller, bundle), people.the("admin")
    put(sql, update, state)
    before = version(sql, controller)
    if state in STATES[:3]:
        row = act(sql, admin, "withdraw_update", update)
        assert (row["state"], row["withdrawn_by"]) == ("failed", admin.name)
        assert row["detail"] == f"withdrawn by {admin.name}"
        assert (told(sql, controller), version(sql, controller)) == (None, before + 1)
    else:
        with pytest.raises(psycopg.Error, match=f"An update that is {state.replace('_', ' ')} cannot be withdrawn"):
            act(sql, admin, "withdraw_update", update)


def test_rolling_back(sql: Sql, people: People, controller: Caller, bundle: int) -> None:
    older, newer, admin = ask(sql, controller, bundle), 0, people.the("admin")
    with pytest.raises(psycopg.Error, match="Only an update that is completed"):
        act(sql, admin, "roll_back_update", older)
    put(sql, older, "completed")
    newer = ask(sql, controller, store_bundle(sql.superuser))
    with pytest.raises(psycopg.Error, match="There is a later update of this controller"):
        act(sql, admin, "roll_back_update", older)
    put(sql, newer, "completed")
    assert act(sql, admin, "roll_back_update", newer)["roll_back_by"] == admin.name
    wanted = told(sql, controller)
    assert wanted is not None
    assert (wanted["id"], wanted["roll_back"]) == (newer, True)
    with pytest.raises(psycopg.Error, match="not rolled back yet"):
        act(sql, admin, "roll_back_update", newer)
    report(sql, controller, {"id": newer, "state": "rolled_back", "detail": "wanted"})
    assert told(sql, controller) is None
    assert act(sql, admin, "roll_back_update", older)["state"] == "completed"


@pytest.mark.parametrize("function", ["approve_update", "withdraw_update", "roll_back_update"])
def test_one_that_is_not_there(function: str, sql: Sql, people: People) -> None:
    with pytest.raises(psycopg.Error, match="update_id: there is no update 999999") as caught:
        act(sql, people.the("admin"), function, 999999)
    assert caught.value.sqlstate == "PT404"


# what they report ----------------------------------------------------------------


@pytest.mark.parametrize("to", STATES)
@pytest.mark.parametrize("state", STATES)
def test_reports(state: str, to: str, sql: Sql, controller: Caller, bundle: int) -> None:
    """Steps between are taken, the rest changes nothing: a report never makes the others of its message fail."""
    update = ask(sql, controller, bundle)
    put(sql, update, state)
    before = steps(sql, update)
    report(sql, controller, {"id": update, "state": to, "detail": "x" * 2000, "received": 7})
    way = sql.superuser.execute("select private.steps_to(%s, %s)", (state, to)).fetchone()
    assert way is not None
    taken = way[0] or []
    assert steps(sql, update) == before + taken
    assert get(sql, update, "state") == (to if way[0] is not None else state)
    assert get(sql, update, "received") == (0 if way[0] is None else 7)
    if taken:
        assert get(sql, update, "detail") == "x" * 1000


def test_steps_whose_reports_were_lost(sql: Sql, controller: Caller, bundle: int) -> None:
    update = ask(sql, controller, bundle)
    report(sql, controller, {"id": update, "state": "rolled_back", "detail": "it said nothing"})
    assert steps(sql, update) == ["pending", "downloading", "verified", "installing", "probation", "rolled_back"]


def test_why_it_takes_so_long(sql: Sql, controller: Caller, bundle: int) -> None:
    """That the server cannot be reached, for example; it is no step, and forgotten when it goes on."""
    update = ask(sql, controller, bundle)
    put(sql, update, "downloading")
    before = steps(sql, update)
    for detail, known in (("no connection", "no connection"), ("", None)):
        report(sql, controller, {"id": update, "state": "downloading", "detail": detail})
        assert get(sql, update, "state", "detail") == ("downloading", known)
    assert steps(sql, update) == before


def test_of_others_a_controller_says_nothing(sql: Sql, people: People, controller: Caller, bundle: int) -> None:
    update = ask(sql, controller, bundle)
    report(sql, people.controller(), {"id": update, "state": "completed"})
    report(sql, controller, {"id": 999999, "state": "completed"})
    report(sql, controller, None)
    assert get(sql, update, "state") == "pending"


@pytest.mark.parametrize("said", [7, [], "x", {"id": "x"}, {"id": -1}, {}])
def test_reports_that_make_no_sense(said: object, sql: Sql, controller: Caller) -> None:
    if said == {}:
        report(sql, controller, said)
    else:
        with pytest.raises(psycopg.Error, match="update must be an object with id") as caught:
            report(sql, controller, said)
        assert caught.value.sqlstate == "PT400"


@pytest.mark.parametrize("state", ["", "nonsense", None, 7])
def test_states_that_are_none(state: object, sql: Sql, controller: Caller, bundle: int) -> None:
    update = ask(sql, controller, bundle)
    report(sql, controller, {"id": update, "state": state, "received": "x"})
    assert get(sql, update, "state", "received") == ("pending", 0)


# bytes and audit -----------------------------------------------------------------


def test_the_bytes_are_for_whom_they_are_meant(sql: Sql, people: People, controller: Caller) -> None:
    content = b"abc" * 500_000
    bundle = store_bundle(sql.superuser, content=content)
    digest = hashlib.sha256(content).hexdigest()

    def piece(who: Caller, number: int) -> bytes | None:
        with sql.as_caller(who, "webmacs_sidecar") as connection:
            connection.execute("set role webmacs_sidecar")
            row = connection.execute("select private.update_bundle_piece(%s, %s)", (digest, number)).fetchone()
        return bytes(row[0]) if row and row[0] is not None else None

    assert piece(controller, 0) is None
    update = ask(sql, controller, bundle)
    assert (piece(controller, 0) or b"") + (piece(controller, 1) or b"") == content
    assert piece(controller, 2) is None
    assert piece(people.controller(), 0) is None
    assert piece(people.the("admin"), 0) is None
    put(sql, update, "completed")
    assert piece(controller, 0) is None


def test_everything_is_in_the_audit_log(sql: Sql, people: People, controller: Caller, bundle: int) -> None:
    update, admin = ask(sql, controller, bundle), people.the("admin")
    report(sql, controller, {"id": update, "state": "downloading", "received": 5})
    act(sql, admin, "withdraw_update", update)
    rows = sql.superuser.execute(
        "select actor, operation, new ->> 'state' from private.audit_log"
        " where table_name = 'updates' and row_id = %s order by id",
        (str(update),),
    ).fetchall()
    assert rows == [
        (admin.name, "insert", "pending"),
        ("webmacs_sidecar", "update", "downloading"),
        (admin.name, "update", "failed"),
    ]


def test_one_without_a_controller_is_of_the_server(sql: Sql, bundle: int, controller: Caller) -> None:
    """Only where that is set up, and of its product; the server goes back by hand alone."""
    admin, ours = sql.as_role("admin"), store_bundle(sql.superuser, product="webmacs-server")
    want = "insert into api.updates (bundle_id) values (%s) returning id, controller_id"
    with pytest.raises(psycopg.Error, match="controller_id: this server is not set up to be updated by a bundle"):
        admin.execute(want, (ours,))
    sql.superuser.execute("update private.settings set server_version = '1-1.0.0-x'")
    with pytest.raises(psycopg.Error, match="it is of webmacs-controller, not of the server"):
        admin.execute(want, (bundle,))
    with pytest.raises(psycopg.Error, match="it is of webmacs-server, not of a controller"):
        admin.execute(ASK, (controller.id, ours))
    row = admin.execute(want, (ours,)).fetchone()
    assert row is not None
    update, of = row
    assert of is None
    with pytest.raises(psycopg.errors.UniqueViolation, match="controller_id has another update under way"):
        admin.execute(want, (ours,))
    sql.superuser.execute("select private.report_update(null, %s)", (Jsonb({"id": update, "state": "completed"}),))
    assert get(sql, update, "state") == "completed"
    with pytest.raises(psycopg.Error, match="The server goes back by `webmacs update rollback` alone"):
        admin.execute("select * from api.roll_back_update(%s)", (update,))
    sql.superuser.execute("update private.settings set server_version = null")
