"""Dashboards: what of their widgets is refused, and in which words; what goes with its owner."""

from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.api.world import WIDGET
from tests.support.people import People
from tests.support.sql import Sql

REFUSED: list[tuple[Any, str]] = [
    ({}, "widgets must be a list."),
    (None, "widgets must be a list."),
    ([WIDGET] * 61, "widgets must have at most 60 entries."),
    ([1], "widgets[0] must be an object."),
    ([WIDGET, None], "widgets[1] must be an object."),
    ([{"id": "a"}], "widgets[0] must have id, type, x, y, w, h and options, and nothing else."),
    ([{**WIDGET, "z": 1}], "widgets[0] must have id, type, x, y, w, h and options, and nothing else."),
    ([WIDGET, WIDGET], "widgets have the id a more than once."),
    ([{**WIDGET, "id": ""}], "widgets[0].id must be a text of 1 to 40 letters, digits, - or _."),
    ([{**WIDGET, "id": 1}], "widgets[0].id must be a text of 1 to 40 letters, digits, - or _."),
    ([{**WIDGET, "type": "Curve"}], "widgets[0].type must be a text of 1 to 40 small letters, digits or -."),
    ([{**WIDGET, "w": 0}], "widgets[0].w must be a whole number from 1 to 24."),
    ([{**WIDGET, "w": 25}], "widgets[0].w must be a whole number from 1 to 24."),
    ([{**WIDGET, "w": 1.5}], "widgets[0].w must be a whole number from 1 to 24."),
    ([{**WIDGET, "w": "6"}], "widgets[0].w must be a whole number from 1 to 24."),
    ([{**WIDGET, "h": 51}], "widgets[0].h must be a whole number from 1 to 50."),
    ([{**WIDGET, "h": 10**400}], "widgets[0].h must be a whole number from 1 to 50."),
    ([{**WIDGET, "x": -1}], "widgets[0].x must be a whole number from 0, and x + w at most 24."),
    ([{**WIDGET, "x": 19}], "widgets[0].x must be a whole number from 0, and x + w at most 24."),
    ([{**WIDGET, "y": 1000}], "widgets[0].y must be a whole number from 0 to 999."),
    ([{**WIDGET, "options": []}], "widgets[0].options must be an object."),
    ([{**WIDGET, "options": {"text": "x" * 10_000}}], "widgets[0].options must have at most 10000 characters."),
    ([{**WIDGET, "options": {"x": 10**309}}], "widgets[0].options must have no number beyond 1e308."),
]


def _make(sql: Sql, widgets: Any, name: str = "board") -> int:
    row = sql.superuser.execute(
        "insert into private.dashboards (name, widgets) values (%s, %s) returning id", (name, Jsonb(widgets))
    ).fetchone()
    assert row is not None
    number: int = row[0]
    return number


@pytest.mark.parametrize(("widgets", "message"), REFUSED, ids=lambda it: it if isinstance(it, str) else "")
def test_what_has_no_place_in_the_grid_is_refused_with_the_reason(widgets: Any, message: str, sql: Sql) -> None:
    with pytest.raises(psycopg.errors.CheckViolation) as refusal:
        _make(sql, widgets)
    assert refusal.value.diag.message_primary == message


def test_options_are_not_nested_without_end(sql: Sql) -> None:
    options: dict[str, Any] = {}
    for _ in range(10):
        options = {"x": options}
    with pytest.raises(psycopg.errors.CheckViolation, match="options must have at most 10 levels"):
        _make(sql, [{**WIDGET, "options": options}])


def test_all_together_have_a_bound(sql: Sql) -> None:
    large = {"text": "x" * 9900}
    with pytest.raises(psycopg.errors.CheckViolation, match="widgets must have at most 200000 characters"):
        _make(sql, [{**WIDGET, "id": str(n), "options": large} for n in range(21)])


def test_a_type_that_nobody_knows_yet_is_kept(sql: Sql) -> None:
    made = _make(sql, [{**WIDGET, "type": "hologram-3d", "x": 18}], "of tomorrow")
    kept = sql.superuser.execute("select widgets from private.dashboards where id = %s", (made,)).fetchone()
    assert kept == ([{**WIDGET, "type": "hologram-3d", "x": 18}],)


def test_with_its_owner_goes_what_nobody_else_saw(sql: Sql, people: People) -> None:
    owner = people.user("operator", "leaves-soon")
    own, shared = _make(sql, [], "own"), _make(sql, [], "shared")
    sql.superuser.execute("update private.dashboards set user_id = %s where id in (%s, %s)", (owner.id, own, shared))
    sql.superuser.execute("update private.dashboards set shared = true, version = 1 where id = %s", (shared,))
    sql.superuser.execute("delete from private.users where id = %s", (owner.id,))
    left = sql.superuser.execute("select id, user_id from private.dashboards where id in (%s, %s)", (own, shared))
    assert left.fetchall() == [(shared, None)]


def test_an_owner_has_a_limited_number(sql: Sql, people: People) -> None:
    owner = people.user("viewer", "collector")
    sql.superuser.execute(
        "insert into private.dashboards (name) select 'of a collector ' || n from generate_series(1, 200) n"
    )
    sql.superuser.execute("update private.dashboards set user_id = %s where name like 'of a collector %%'", (owner.id,))
    with sql.as_caller(owner) as connection, pytest.raises(psycopg.Error) as refusal:
        connection.execute("insert into api.dashboards (name) values ('one more')")
    assert refusal.value.sqlstate == "PT409"
