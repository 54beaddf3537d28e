"""`webmacs setup` writes what is missing and leaves what is there."""

import stat
from pathlib import Path

import pytest

from webmacs.config import load_config
from webmacs.setup import set_up


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def test_everything_is_made_readable_by_us_alone(file: Path) -> None:
    made = set_up(file)
    assert {path.name for path in made} == {"config.toml", "postgrest.conf", "controller.toml"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in made} == {0o600}
    assert (file.parent / "var/keys/jwks.json").exists()


def test_passwords_are_fresh_and_differ(file: Path) -> None:
    set_up(file)
    database = load_config(file, {}).database
    passwords = {
        database.sidecar_password,
        database.authenticator_password,
        database.admin_password,
        database.reader_password,
    }
    assert len(passwords) == 4
    assert min(map(len, passwords)) >= 24


def test_a_second_time_changes_nothing(file: Path) -> None:
    set_up(file)
    before = {path: path.read_bytes() for path in file.parent.rglob("*") if path.is_file()}
    assert set_up(file) == []
    assert {path: path.read_bytes() for path in file.parent.rglob("*") if path.is_file()} == before


def test_passwords_go_into_a_config_that_is_there(file: Path) -> None:
    file.write_text("[database] # ours\nport = 9999\n\n[server]\nport = 8888\n")
    set_up(file)
    config = load_config(file, {})
    assert (config.database.port, config.server.port) == (9999, 8888)
    assert config.database.admin_password


def test_another_server_needs_no_passwords(file: Path) -> None:
    uris = "".join(f'{key} = "postgresql://x@y/z"\n' for key in ("uri", "authenticator_uri", "admin_uri"))
    file.write_text(f"[database]\nembedded = false\n{uris}")
    before = file.read_text()
    set_up(file)
    assert file.read_text() == before


def test_postgrest_conf_follows_config_toml_and_keeps_other_lines(file: Path) -> None:
    set_up(file)
    conf = file.parent / "postgrest.conf"
    conf.write_text(conf.read_text().replace('log-level = "error"', 'log-level = "info"') + "db-tx-end = commit\n")
    file.write_text(file.read_text() + "\n[postgrest]\nport = 3333\n")
    set_up(file)
    lines = conf.read_text().splitlines()
    assert "server-port = 3333" in lines
    assert 'log-level = "info"' in lines
    assert "db-tx-end = commit" in lines


def test_postgrest_takes_only_our_origins(file: Path) -> None:
    public = 'public_url = "http://127.0.0.1:8000/page"'  # an origin has no path
    file.write_text(f'[server]\n{public}\ncors_origins = ["https://lab.example.org"]\n')
    set_up(file)
    origins = "http://127.0.0.1:8000,http://localhost:8000,https://lab.example.org"
    assert f'server-cors-allowed-origins = "{origins}"' in (file.parent / "postgrest.conf").read_text()


def test_the_controller_follows_the_port_of_the_sidecar(file: Path) -> None:
    set_up(file)
    file.write_text(file.read_text() + "\n[server]\nport = 8888\n")
    set_up(file)
    assert 'url = "ws://127.0.0.1:8888/ws/controller/telemetry"' in (file.parent / "controller.toml").read_text()
