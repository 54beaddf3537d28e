"""The documentation that PostgREST shows: a sentence for every view, column and function."""

import re
from typing import Any

import pytest

from tests.support.rest import Api
from tests.support.sql import Sql


@pytest.fixture(scope="module")
def document(api: Api) -> dict[str, Any]:
    """The OpenAPI document as an administrator sees it."""
    answer = api.as_role("admin").get("/")
    assert answer.status_code == 200
    content: dict[str, Any] = answer.json()
    return content


def _words(text: str | None) -> str:
    """The comment, without the notes on keys that PostgREST adds."""
    return re.sub(r"Note:.*", "", text or "", flags=re.DOTALL).strip()


def test_every_view_and_column_is_explained(document: dict[str, Any]) -> None:
    silent = [
        name if column is None else f"{name}.{column}"
        for name, view in document["definitions"].items()
        for column, text in [(None, view.get("description")), *_columns(view)]
        if not _words(text)
    ]
    assert silent == []


def _columns(view: dict[str, Any]) -> list[tuple[str | None, str | None]]:
    return [(name, column.get("description")) for name, column in view["properties"].items()]


def test_every_function_is_explained(document: dict[str, Any]) -> None:
    functions = {path: item["post"] for path, item in document["paths"].items() if path.startswith("/rpc/")}
    assert functions
    assert [path for path, post in functions.items() if not _words(post.get("summary"))] == []


def test_all_of_the_api_is_there(document: dict[str, Any], sql: Sql) -> None:
    views = sql.superuser.execute(
        "select relname from pg_class where relnamespace = 'api'::regnamespace and relkind = 'v'"
    )
    assert set(document["definitions"]) == {name for (name,) in views}


def test_each_caller_sees_what_it_may_use(api: Api) -> None:
    nothing = api.nobody.get("/").json()
    assert [path for path in nothing["paths"] if path != "/"] == []
    assert nothing.get("definitions", {}) == {}
    assert "/audit_log" not in api.as_role("viewer").get("/").json()["paths"]


def test_tokens_are_described(document: dict[str, Any]) -> None:
    assert document["securityDefinitions"]["JWT"]["in"] == "header"
