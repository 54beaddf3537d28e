"""`webmacs doctor`"""

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.support.database import Database
from tests.support.people import People
from tests.support.sidecar import running_sidecar
from webmacs.config import Config


def problems(webmacs: Command, **environment: str) -> dict[str, str]:
    """What it advises, by part."""
    run = webmacs("doctor", "--json", **environment)
    advice = {result["name"]: result["advice"] for result in json.loads(run.stdout) if not result["ok"]}
    assert run.returncode == (1 if advice else 0)
    return advice


def test_a_running_installation_is_well(
    webmacs: Command, config: Config, people: People, database: Database, postgrest: str
) -> None:
    people.the("admin")
    with running_sidecar(config):
        assert problems(webmacs) == {}
        assert all(line.startswith("ok") for line in webmacs("doctor").stdout.splitlines())
    with database.connect() as connection:
        left = connection.execute("select count(*) from private.credentials where name = 'webmacs doctor'").fetchone()
    assert left == (0,)


def test_each_part_that_is_away_is_named(webmacs: Command) -> None:
    found = problems(webmacs, WEBMACS_POSTGREST_PORT="1", WEBMACS_SERVER_PORT="1")
    assert {"REST API", "sidecar"} <= set(found)


def test_a_database_that_is_away_does_not_end_the_report(webmacs: Command) -> None:
    found = problems(webmacs, WEBMACS_DATABASE_ADMIN_URI="postgresql://postgres:secret@127.0.0.1:1/x")
    assert "migrations, roles, sidecar login, partitions, clock, signing keys, audit log, REST API" in found.pop(
        "database"
    )
    assert set(found) == {"sidecar"}
    assert "secret" not in str(found)


def test_a_database_that_is_away_is_said_once(webmacs: Command) -> None:
    run = webmacs("doctor", WEBMACS_DATABASE_ADMIN_URI="postgresql://postgres:secret@127.0.0.1:1/x")
    assert run.stdout.count("port 1 failed") == 1


def test_another_program_at_the_port_of_the_sidecar(webmacs: Command, postgrest: str) -> None:
    run = webmacs("doctor", WEBMACS_SERVER_PORT=postgrest.rsplit(":", 1)[1])
    assert "is answered by another program" in run.stdout


def test_a_key_that_others_can_read(webmacs: Command, config: Config, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    shutil.copytree(config.auth.keys_dir, keys)
    (key,) = keys.glob("*.pem")
    key.chmod(0o644)
    assert problems(webmacs, WEBMACS_AUTH_KEYS_DIR=str(keys))["keys"].startswith(f"chmod go= {key};")


def test_keys_that_are_missing(webmacs: Command, tmp_path: Path) -> None:
    assert problems(webmacs, WEBMACS_AUTH_KEYS_DIR=str(tmp_path))["keys"] == "webmacs setup"


@pytest.mark.parametrize("content", [None, "half a {"])
def test_a_set_of_keys_that_is_broken(content: str | None, webmacs: Command, config: Config, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    shutil.copytree(config.auth.keys_dir, keys)
    (keys / "jwks.json").write_text(content) if content else (keys / "jwks.json").unlink()
    assert problems(webmacs, WEBMACS_AUTH_KEYS_DIR=str(keys))["keys"] == "webmacs setup, then restart"


def test_an_edited_function(webmacs: Command, database: Database) -> None:
    with database.connect() as connection:
        connection.execute("update private.migrations set sha256 = 'x' where name = 'access.sql'")
        assert problems(webmacs)["migrations"] == "webmacs migrate"


def test_no_partitions_ahead(webmacs: Command, database: Database) -> None:
    with database.connect() as connection:
        connection.execute("update private.settings set covered_to = now()")
        assert "keep_partitions" in problems(webmacs)["partitions"]
        connection.execute("select private.keep_partitions()")
