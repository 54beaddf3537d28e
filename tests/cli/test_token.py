"""`webmacs token`"""

import json
import re

import pytest

from tests.cli.conftest import Command, refused
from tests.support.people import Caller, People
from tests.support.rest import Api
from tests.support.sql import Sql


@pytest.fixture
def ada(people: People) -> Caller:
    return people.user("operator")


def test_a_program_acts_for_a_user_until_revoked(webmacs: Command, ada: Caller, api: Api) -> None:
    token = webmacs("token", "issue", ada.name, "--name", "Grafana export", "--days", "7").stdout.strip()
    assert api.with_token(token).get("/me").json()[0]["name"] == ada.name
    listed = json.loads(webmacs("token", "list", "--json").stdout)
    (jti,) = [row["jti"] for row in listed if row["name"] == "Grafana export" and row["owner"] == ada.name]
    assert webmacs("token", "revoke", jti).returncode == 0
    assert api.with_token(token).get("/me").status_code == 401
    assert jti not in webmacs("token", "list").stdout
    assert jti in webmacs("token", "list", "--all").stdout
    assert "no such token" in refused(webmacs("token", "revoke", jti))


def test_what_it_may_and_when_it_was_used_is_told(webmacs: Command, ada: Caller, sql: Sql) -> None:
    webmacs("token", "issue", ada.name, "--name", "Grafana", "--read-only")
    listed = json.loads(webmacs("token", "list", "--json").stdout)
    (row,) = [row for row in listed if row["name"] == "Grafana"]
    assert (row["read_only"], row["last_used_at"]) == (True, None)
    sql.superuser.execute("update private.credentials set last_used_at = now() where jti = %s", (row["jti"],))
    (line,) = [line for line in webmacs("token", "list").stdout.splitlines() if row["jti"] in line]
    assert re.search(r"Grafana +yes( +\d{4}-\d\d-\d\d \d\d:\d\d){2} +valid", line)


def test_all_of_a_user_end_at_once(webmacs: Command, ada: Caller, people: People, api: Api) -> None:
    other = people.user("admin")
    tokens = [webmacs("token", "issue", who, "--name", "x").stdout.strip() for who in (ada.name, ada.name, other.name)]
    assert "sessions and tokens ended" in webmacs("token", "revoke-all", ada.name).stderr
    assert [api.with_token(token).get("/me").status_code for token in tokens] == [401, 401, 200]
    assert "There is no user nobody" in refused(webmacs("token", "revoke-all", "nobody"))


def test_a_controller_is_made_with_its_token(webmacs: Command, api: Api) -> None:
    token = webmacs("token", "issue", "--controller", "plant-1").stdout.strip()
    (me,) = api.with_token(token).get("/me").json()
    assert (me["name"], me["role"]) == ("plant-1", "controller")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Say for whom"),
        (["ada", "--controller", "x"], "Say for whom"),
        (["nobody", "--name", "x"], "There is no user nobody"),
        (["nobody"], "needs --name"),
        (["nobody", "--name", "x", "--days", "0"], "days"),
        (["--controller", " "], "1 to 255 characters"),
    ],
)
def test_mistakes_are_one_line(webmacs: Command, arguments: list[str], said: str) -> None:
    assert said in refused(webmacs("token", "issue", *arguments))


def test_not_above_the_user(webmacs: Command, ada: Caller) -> None:
    said = refused(webmacs("token", "issue", ada.name, "--name", "x", "--role", "admin"))
    assert "must not be above" in said
