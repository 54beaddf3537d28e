"""`webmacs user`"""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command, refused
from tests.support.database import Database
from tests.support.ports import free_port
from webmacs.accounts.passwords import matches

PASSWORD = "correct horse battery"


def stored_hash(database: Database, name: str) -> str:
    with database.connect() as connection:
        row = connection.execute("select password_hash from private.users where username = %s", [name]).fetchone()
    assert row is not None
    return str(row[0])


def users(webmacs: Command) -> dict[str, dict[str, str]]:
    return {user["username"]: user for user in json.loads(webmacs("user", "list", "--json").stdout)}


def test_add_with_a_password_from_standard_input(webmacs: Command, database: Database) -> None:
    run = webmacs(
        "user", "add", "ada", "--role", "admin", "--email", "a@b.c", "--password-stdin", stdin=f"{PASSWORD}\n"
    )
    assert run.returncode == 0, run.stderr
    assert PASSWORD not in run.stdout + run.stderr
    assert matches(PASSWORD, stored_hash(database, "ada"))
    ada = users(webmacs)["ada"]
    assert (ada["role"], ada["email"], ada["state"]) == ("admin", "a@b.c", "active")


def test_add_with_a_generated_password(webmacs: Command, database: Database) -> None:
    password = webmacs("user", "add", "grace", "--generate").stdout.strip()
    assert len(password) >= 20
    assert matches(password, stored_hash(database, "grace"))
    assert users(webmacs)["grace"]["role"] == "viewer"


def test_the_table_is_for_people(webmacs: Command) -> None:
    webmacs("user", "add", "tabea", "--generate")
    assert "username" in webmacs("user", "list").stdout
    assert "tabea" in webmacs("user", "list").stdout


def test_disable_enable_role_passwd(webmacs: Command, database: Database) -> None:
    webmacs("user", "add", "joan", "--generate", "--email", "joan@example.org")
    assert webmacs("user", "disable", "JOAN").returncode == 0
    assert users(webmacs)["joan"]["state"] == "disabled"
    assert webmacs("user", "enable", "joan@example.org").returncode == 0
    assert users(webmacs)["joan"]["state"] == "active"
    assert webmacs("user", "role", "joan", "operator").returncode == 0
    assert users(webmacs)["joan"]["role"] == "operator"
    assert webmacs("user", "passwd", "joan", "--password-stdin", stdin=PASSWORD).returncode == 0
    assert matches(PASSWORD, stored_hash(database, "joan"))


def test_a_new_password_is_not_the_e_mail_address_either(webmacs: Command) -> None:
    named = ("tu", "--email", "tu.youyou@artemisin.example")
    assert webmacs("user", "add", *named, "--password-stdin", stdin=PASSWORD).returncode == 0
    run = webmacs("user", "passwd", "tu", "--password-stdin", stdin="tu.youyou@artemisin.example")
    assert "too easy to guess" in refused(run)


@pytest.mark.parametrize(
    ("arguments", "stdin", "said"),
    [
        (["add", "x", "--generate"], "", "2 to 50 letters"),
        (["add", "fine", "--generate", "--email", "none"], "", "must be an address"),
        (["add", "fine", "--password-stdin"], "short\n", "at least 15 characters"),
        (["add", "fine", "--password-stdin"], "x" * 1001, "at most 1000 characters"),
        (["add", "fine", "--password-stdin"], "passwordpassword\n", "too easy to guess"),
        (["add", "charles.babbage", "--password-stdin"], "charles.babbage1\n", "too easy to guess"),
        (["add", "fine"], "", "--password-stdin or --generate"),
        (["add", "fine", "--generate", "--password-stdin"], "", "Choose one"),
        (["add", "fine", "--role", "owner", "--generate"], "", "owner"),
        (["disable", "nobody"], "", "There is no user nobody"),
        (["role", "nobody", "admin"], "", "There is no user nobody"),
        (["reset", "nobody"], "", "There is no user nobody"),
        (["reset", "nobody", "--hours", "169"], "", "168"),
        (["invite", "x"], "", "2 to 50 letters"),
        (["passwd", "nobody", "--generate"], "", "There is no user nobody"),
    ],
)
def test_mistakes_are_one_line(webmacs: Command, arguments: list[str], stdin: str, said: str) -> None:
    assert said in refused(webmacs("user", *arguments, stdin=stdin))


def test_a_name_that_is_taken(webmacs: Command) -> None:
    webmacs("user", "add", "once", "--generate")
    assert "Username is taken." in refused(webmacs("user", "add", "ONCE", "--generate"))


def test_the_last_administrator_stays(webmacs: Command) -> None:
    webmacs("user", "add", "last", "--role", "admin", "--generate")
    for name, user in users(webmacs).items():
        if user["role"] == "admin" and name != "last":
            webmacs("user", "role", name, "viewer")
    assert "At least one active administrator" in refused(webmacs("user", "disable", "last"))
    assert users(webmacs)["last"]["state"] == "active"


def test_a_database_that_is_away(webmacs: Command) -> None:
    uri = {"WEBMACS_DATABASE_ADMIN_URI": "postgresql://postgres:secret@127.0.0.1:1/x"}
    said = refused(webmacs("user", "list", **uri))
    assert "cannot be reached" in said
    assert "secret" not in said


def test_a_database_that_is_not_migrated(webmacs: Command, database: Database) -> None:
    uri = {"WEBMACS_DATABASE_ADMIN_URI": database.server.uri()}
    assert "webmacs migrate" in refused(webmacs("user", "list", **uri))


EMBEDDED = {"WEBMACS_DATABASE_EMBEDDED": "true", "WEBMACS_DATABASE_ADMIN_URI": ""}


def test_a_folder_without_an_installation_is_said(webmacs: Command, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    said = refused(webmacs("--config", str(file), "user", "list", **EMBEDDED))
    assert f"There is no {file}" in said


def test_a_server_that_does_not_run_is_said(webmacs: Command, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.touch()
    port = str(free_port())
    said = refused(webmacs("--config", str(file), "user", "list", **EMBEDDED, WEBMACS_DATABASE_PORT=port))
    assert f"PostgreSQL does not answer on port {port}; start it: `webmacs up`" in said


def test_an_invitation_and_a_reset_print_an_address(webmacs: Command, database: Database) -> None:
    invited = webmacs("user", "invite", "mary", "--role", "operator", "--email", "mary@example.org", "--hours", "1")
    reset = webmacs("user", "reset", "mary@example.org")
    secrets = [run.stdout.strip().partition("/reset#")[2] for run in (invited, reset)]
    assert "within 1 hour," in invited.stderr
    assert users(webmacs)["mary"]["role"] == "operator"
    with database.connect() as connection:
        owners = [
            connection.execute(
                "select username from private.password_reset(sha256(convert_to(%s, 'UTF8')))", [secret]
            ).fetchone()
            for secret in secrets
        ]
    assert owners == [(None,), ("mary",)]
