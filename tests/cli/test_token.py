"""`webmacs token`"""

import json

import pytest

from tests.cli.conftest import Command, refused
from tests.support.people import Caller, People
from tests.support.rest import Api


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
