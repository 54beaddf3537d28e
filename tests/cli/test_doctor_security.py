"""`webmacs doctor --security`"""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command
from tests.support.database import Database
from tests.support.people import People
from tests.support.ports import free_port
from tests.support.rest import running_postgrest
from tests.support.run import Run
from tests.support.sidecar import running_sidecar
from webmacs.config import Config
from webmacs.doctor.lints import LINTS

# The server of the tests trusts everyone on this machine, and its logins have no passwords.
OF_THE_TESTS = {"password needed"}


def results(webmacs: Command, **environment: str) -> list[dict[str, Any]]:
    """What it finds."""
    run = webmacs("doctor", "--security", "--json", **environment)
    found: list[dict[str, Any]] = json.loads(run.stdout)
    assert set(LINTS) < {result["name"] for result in found}
    assert run.returncode == (0 if all(result["ok"] for result in found) else 1)
    return found


def problems(webmacs: Command, **environment: str) -> dict[str, str]:
    """What it advises, by part."""
    advice = {result["name"]: result["advice"] for result in results(webmacs, **environment) if not result["ok"]}
    return {name: said for name, said in advice.items() if name not in OF_THE_TESTS}


@pytest.mark.usefixtures("memberships")
def test_a_running_installation_lets_nobody_in(
    webmacs: Command, config: Config, people: People, database: Database, postgrest: str
) -> None:
    people.the("admin")
    with running_sidecar(config):
        assert problems(webmacs) == {}
        lines = webmacs("doctor", "--security").stdout.splitlines()
    assert next(line for line in lines if not line.startswith("ok")).startswith("problem  password needed")
    with database.connect() as connection:
        left = connection.execute("select count(*) from private.credentials where name = 'webmacs doctor'").fetchone()
    assert left == (0,)


def test_parts_that_are_away_are_problems(webmacs: Command) -> None:
    assert {"REST API", "sidecar"} <= set(problems(webmacs, WEBMACS_POSTGREST_PORT="1", WEBMACS_SERVER_PORT="1"))


@pytest.mark.parametrize("url", ["https://lab.example.org", "http://127.0.0.1:8000", "http://[::1]:8000"])
def test_addresses_that_hide_passwords(url: str, webmacs: Command) -> None:
    assert "public address" not in problems(webmacs, WEBMACS_SERVER_PUBLIC_URL=url)


@pytest.mark.parametrize("url", ["http://lab.example.org", "http://192.168.1.2:8000", "http://127.0.0.1.example.org"])
def test_addresses_that_show_them(url: str, webmacs: Command) -> None:
    assert "TLS" in problems(webmacs, WEBMACS_SERVER_PUBLIC_URL=url)["public address"]


def test_who_listens_to_the_network_without_tls(webmacs: Command) -> None:
    wide = {"WEBMACS_POSTGREST_HOST": "192.0.2.7"}
    assert "127.0.0.1" in problems(webmacs, **wide)["listening"]
    assert "listening" not in problems(webmacs, **wide, WEBMACS_SERVER_PUBLIC_URL="https://lab.example.org")


def test_a_gateway_that_nobody_named_and_one_that_is_everybody(webmacs: Command) -> None:
    outside = {"WEBMACS_SERVER_PUBLIC_URL": "https://lab.example.org"}
    assert "127.0.0.1/32" in problems(webmacs, **outside)["gateway"]
    assert "gateway" not in problems(webmacs, WEBMACS_SERVER_TRUSTED_PROXIES='["127.0.0.1/32"]', **outside)
    assert "own address" in problems(webmacs, WEBMACS_SERVER_TRUSTED_PROXIES='["10.0.0.0/8", "::/0"]')["gateway"]


def test_a_short_password_is_named_but_not_shown(webmacs: Command) -> None:
    run = webmacs("doctor", "--security", WEBMACS_DATABASE_READER_PASSWORD="grafana")
    assert "[database] reader_password: the password is short" in run.stdout
    assert "grafana" not in run.stdout


@pytest.mark.parametrize(
    ("line", "changed"),
    [
        ('db-pre-request = "access.check_request"', ""),
        ('db-pre-request = "access.check_request"', '# db-pre-request = "access.check_request"'),
        ('db-schemas = "api"', 'db-schemas = "api, private"'),
    ],
)
def test_postgrest_that_shows_more(line: str, changed: str, webmacs: Command, config: Config, postgrest: str) -> None:
    file = config.folder / "postgrest.conf"
    before = file.read_text()
    file.write_text(before.replace(line, changed))
    try:
        assert line in problems(webmacs)["postgrest.conf"]
    finally:
        file.write_text(before)


def test_postgrest_that_lets_strangers_ask(webmacs: Command, config: Config, postgrest: str) -> None:
    file = config.folder / "postgrest.conf"
    before = file.read_text()
    file.write_text(before + 'db-anon-role = "webmacs_anon"\n')
    try:
        assert "Remove db-anon-role" in problems(webmacs)["postgrest.conf"]
    finally:
        file.write_text(before)


def test_the_file_of_a_retired_key(webmacs: Command, people: People, database: Database) -> None:
    with database.connect() as connection:
        connection.execute("update private.signing_keys set retired_at = now() where kid = %s", [people.kid])
        assert people.kid in problems(webmacs)["retired keys"]
        connection.execute("update private.signing_keys set retired_at = null")


def test_a_key_that_others_can_read(webmacs: Command, config: Config, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    shutil.copytree(config.auth.keys_dir, keys)
    (key,) = keys.glob("*.pem")
    key.chmod(0o644)
    assert str(key) in problems(webmacs, WEBMACS_AUTH_KEYS_DIR=str(keys))["keys"]


def test_a_file_with_passwords_that_others_can_read(webmacs: Command, config: Config, postgrest: str) -> None:
    file = config.folder / "postgrest.conf"
    file.chmod(0o644)
    try:
        assert problems(webmacs)["settings"] == f"chmod 600 {file}"
    finally:
        file.chmod(0o600)


def test_what_it_says_of_people_and_programs(webmacs: Command, people: People, database: Database) -> None:
    ada = people.user("admin")
    people.api_token(ada.name, "admin")
    with database.connect() as connection:
        connection.execute("select private.note_login_failure(%s, null, null, 'wrong_password')", [ada.id])
        connection.execute("insert into private.login_limits values ('account', 'user 0', 20, now())")
        found = {result["name"]: result["found"] for result in results(webmacs)}
        connection.execute("delete from private.login_limits")
    assert re.search(r"[1-9]\d* tokens of programs, [1-9]\d* of them administrators'", found["tokens"])
    assert found["attempts"] == "1 logins failed in a day; 1 accounts or addresses have to wait now"


def test_an_audit_log_that_was_changed(webmacs: Command, people: People, database: Database) -> None:
    with database.connect() as connection:
        connection.execute("select private.seal_audit()")
        connection.execute("update private.audit_log set actor = actor || '!' where id = 1")
        said = problems(webmacs)["audit log"]
        connection.execute("update private.audit_log set actor = trim('!' from actor) where id = 1")
    assert "system journal" in said


def test_a_clock_that_is_behind(webmacs: Command, database: Database) -> None:
    with database.connect() as connection:
        connection.execute("select private.note_time(now() + interval '5 days')")
        said = problems(webmacs)["clock"]
        connection.execute("select private.trust_clock()")
    assert "NTP" in said


def test_what_breaks_a_rule_of_the_database_is_named(webmacs: Command, database: Database) -> None:
    with database.connect() as connection:
        connection.execute("alter table private.users disable row level security")
        connection.execute("grant execute on function private.revoke(uuid) to public")
        run = webmacs("doctor", "--security")
        connection.execute("alter table private.users enable row level security")
        connection.execute("revoke execute on function private.revoke(uuid) from public")
    assert "problem  every table has row-level security, every partition too users" in run.stdout
    assert "problem  nothing is executable by everyone private.revoke(uuid)" in run.stdout


def test_a_postgrest_that_answers_strangers_shows(
    webmacs: Command, config: Config, people: People, database: Database, run: Run, tmp_path: Path
) -> None:
    """By a setting in the database, which counts more than its file."""
    people.the("admin")
    rest = replace(config.postgrest, port=free_port(), admin_port=free_port())
    change = f"alter role webmacs_authenticator in database {database.name} {{}}"
    with database.connect() as connection:
        connection.execute(change.format("set pgrst.db_anon_role = 'webmacs_anon'").encode())
        with running_postgrest(replace(config, file=tmp_path / "config.toml", postgrest=rest), run):
            found = problems(webmacs, WEBMACS_POSTGREST_PORT=str(rest.port))
        connection.execute(change.format("reset pgrst.db_anon_role").encode())
    assert "PostgREST is set up by its file alone" in found
    assert "take it from the network" in found["REST API"]


def test_a_check_before_requests_that_is_gone_shows(
    webmacs: Command, config: Config, people: People, database: Database, postgrest: str
) -> None:
    people.the("admin")
    with database.connect() as connection:
        definition = connection.execute("select pg_get_functiondef('access.check_request'::regproc)").fetchone()
        assert definition is not None
        connection.execute(
            "create or replace function access.check_request() returns void language sql security definer"
            " set search_path = '' as ''"
        )
        run = webmacs("doctor", "--security")
        connection.execute(definition[0])
    assert "/me takes a token that was revoked" in run.stdout


def test_a_database_that_is_away(webmacs: Command) -> None:
    run = webmacs("doctor", "--security", WEBMACS_DATABASE_ADMIN_URI="postgresql://postgres:secretsecret@127.0.0.1:1/x")
    assert run.returncode == 1
    assert "The rules of the database were not examined" in run.stdout
    assert "secretsecret" not in run.stdout + run.stderr
    assert "Traceback" not in run.stderr
