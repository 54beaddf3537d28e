"""`webmacs doctor --security`"""

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.support.database import Database
from tests.support.people import People
from tests.support.sidecar import running_sidecar
from webmacs.config import Config
from webmacs.doctor.lints import LINTS

# The server of the tests trusts everyone on this machine, and its logins have no passwords.
OF_THE_TESTS = {"password needed"}


def problems(webmacs: Command, **environment: str) -> dict[str, str]:
    """What it advises, by part."""
    run = webmacs("doctor", "--security", "--json", **environment)
    results = json.loads(run.stdout)
    assert set(LINTS) < {result["name"] for result in results}
    advice = {result["name"]: result["advice"] for result in results if not result["ok"]}
    assert run.returncode == (1 if advice else 0)
    return {name: said for name, said in advice.items() if name not in OF_THE_TESTS}


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
        ('db-anon-role = "webmacs_anon"', 'db-anon-role = "webmacs_viewer"'),
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


def test_what_breaks_a_rule_of_the_database_is_named(webmacs: Command, database: Database) -> None:
    with database.connect() as connection:
        connection.execute("alter table private.users disable row level security")
        connection.execute("grant execute on function private.revoke(uuid) to public")
        run = webmacs("doctor", "--security")
        connection.execute("alter table private.users enable row level security")
        connection.execute("revoke execute on function private.revoke(uuid) from public")
    assert "problem  every table has row-level security, every partition too users" in run.stdout
    assert "problem  nothing is executable by everyone private.revoke(uuid)" in run.stdout


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
