"""Settings come from three places, and every mistake is named."""

import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from webmacs.config import ConfigError, load_config
from webmacs.config.loader import section_types
from webmacs.resources import resource


def write(folder: Path, text: str) -> Path:
    file = folder / "config.toml"
    file.write_text(text)
    return file


def refusal(file: Path, environ: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        load_config(file, environ or {})
    return str(caught.value)


def test_defaults_name_every_setting_and_no_other() -> None:
    defaults = tomllib.loads(resource("config.default.toml").read_text())
    known = {name: {field.name for field in fields(kind)} for name, kind in section_types().items()}
    assert {name: set(keys) for name, keys in defaults.items()} == known


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    config = load_config(tmp_path / "config.toml", {})
    assert (config.server.port, config.auth.registration, config.server.cors_origins) == (8000, False, [])


def test_what_is_for_another_account_is_said_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is for everybody but root, who calls `webmacs` on a server."""

    def closed(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    file, secrets = write(tmp_path, ""), tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "database.uri").write_bytes(b"\xff")
    assert "cannot be read" in refusal(file, {"CREDENTIALS_DIRECTORY": str(secrets)})
    assert "cannot be read" in refusal(file, {"CREDENTIALS_DIRECTORY": str(tmp_path / "none")})
    with monkeypatch.context() as patch:
        patch.setattr(Path, "iterdir", closed)
        assert "put `sudo` before" in refusal(file, {"CREDENTIALS_DIRECTORY": str(secrets)})
    monkeypatch.setattr(Path, "read_text", closed)
    assert "put `sudo` before" in refusal(file)


def test_the_file_overrides_the_defaults_and_the_environment_both(tmp_path: Path) -> None:
    file = write(tmp_path, "[server]\nport = 1111\nhost = 'a'\n")
    config = load_config(file, {"WEBMACS_SERVER_PORT": "2222"})
    assert (config.server.port, config.server.host) == (2222, "a")


def test_the_environment_names_the_file(tmp_path: Path) -> None:
    file = write(tmp_path, "[server]\nport = 1111\n")
    config = load_config(None, {"WEBMACS_CONFIG": str(file)})
    assert (config.server.port, config.folder) == (1111, tmp_path)


@pytest.mark.parametrize(
    ("server", "url"),
    [
        ({"PORT": "8100"}, "http://127.0.0.1:8100"),
        ({"HOST": "0.0.0.0", "PORT": "8100"}, "http://127.0.0.1:8100"),  # noqa: S104
        ({"HOST": "::1"}, "http://[::1]:8000"),
        ({"PORT": "8100", "PUBLIC_URL": "https://lab.example.org"}, "https://lab.example.org"),
    ],
)
def test_the_page_is_where_the_sidecar_listens_unless_it_is_said(
    tmp_path: Path, server: dict[str, str], url: str
) -> None:
    environ = {f"WEBMACS_SERVER_{key}": value for key, value in server.items()}
    assert load_config(tmp_path / "config.toml", environ).server.public_url == url


@pytest.mark.parametrize(
    ("variable", "text", "section", "key", "value"),
    [
        ("WEBMACS_AUTH_REGISTRATION", "true", "auth", "registration", True),
        ("WEBMACS_SERVER_CORS_ORIGINS", '["http://a", "http://b"]', "server", "cors_origins", ["http://a", "http://b"]),
        ("WEBMACS_LOG_LEVEL", "debug", "log", "level", "debug"),
        ("WEBMACS_AUTH_ISSUER", "5", "auth", "issuer", "5"),
        ("WEBMACS_DATABASE_SIDECAR_PASSWORD", 'a"b=[', "database", "sidecar_password", 'a"b=['),
    ],
)
def test_environment_values_take_the_type_of_the_setting(
    tmp_path: Path, variable: str, text: str, section: str, key: str, value: object
) -> None:
    config = load_config(tmp_path / "config.toml", {variable: text})
    assert getattr(getattr(config, section), key) == value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[server]\nprot = 1\n", "Unknown key [server] prot"),
        ("[sever]\nport = 1\n", "Unknown section [sever]"),
        ("port = 1\n", "outside a section"),
        ("[server]\nport = '1'\n", "[server] port"),
        ("[server]\nport = true\n", "a whole number"),
        ("[server]\nport = 70000\n", "from 1 to 65535"),
        ("[server]\nhost = ''\n", "not empty"),
        ("[server]\npublic_url = 'http://a/'\n", "without a slash"),
        ("[server]\ncors_origins = [1]\n", "a list of texts"),
        ("[server]\ncors_origins = ['a']\n", "http://…"),
        ("[server]\ncors_origins = ['https://a/path']\n", "nothing after host and port"),
        ("[server]\npublic_url = 'http://'\n", "http://…"),
        ("[server]\npublic_url = 'http://a:99999'\n", "http://…"),
        ("[server]\npublic_url = 'http://a b'\n", "http://…"),
        ("[webhooks]\nallow_networks = ['10.0.0.1/8']\n", "private, loopback or a range such as 10.1.0.0/16"),
        ("[webhooks]\nallow_networks = ['lan']\n", "private, loopback or a range"),
        ("[webhooks]\nallow_networks = [1]\n", "a list of texts"),
        ("[webhooks]\nconcurrency = 0\n", "from 1 to 1000"),
        ("[webhooks]\ntimeout_seconds = 301\n", "from 1 to 300"),
        ("[database]\nadmin_uri = 'host=a password=geheim'\n", "postgresql://"),
        ("[auth]\nregistration = 1\n", "true or false"),
        ("[database]\ndata_dir = 1\n", "a path"),
        ("[log]\nlevel = 'loud'\n", '"debug" or "info" or "warning" or "error"'),
        ("[server\n", "line 1"),
    ],
)
def test_a_mistake_in_the_file_names_the_file_and_what_is_allowed(tmp_path: Path, text: str, said: str) -> None:
    file = write(tmp_path, text)
    message = refusal(file)
    assert said in message
    assert str(file) in message


@pytest.mark.parametrize(
    ("variable", "text", "said"),
    [
        ("WEBMACS_SERVER_PORT", "many", "a whole number"),
        ("WEBMACS_SERVER_PROT", "1", "Unknown key [server] prot"),
        ("WEBMACS_NONSENSE", "1", "Unknown section [nonsense]"),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(tmp_path: Path, variable: str, text: str, said: str) -> None:
    message = refusal(tmp_path / "config.toml", {variable: text})
    assert said in message
    assert variable in message


def test_a_file_that_is_no_text_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b"\xff\xfe")
    assert "cannot be read" in refusal(file)


def test_paths_start_at_the_folder_of_the_file(tmp_path: Path) -> None:
    config = load_config(tmp_path / "config.toml", {"WEBMACS_AUTH_KEYS_DIR": "/elsewhere"})
    assert config.database.data_dir == tmp_path / "var/postgres"
    assert config.auth.keys_dir == Path("/elsewhere")


def test_the_uris_of_the_embedded_server_follow_from_its_passwords(tmp_path: Path) -> None:
    config = load_config(tmp_path / "config.toml", {"WEBMACS_DATABASE_SIDECAR_PASSWORD": "a/b@c"})
    assert config.database.uri == "postgresql://webmacs_sidecar:a%2Fb%40c@127.0.0.1:5433/webmacs"


@pytest.mark.parametrize("key", ["uri", "authenticator_uri", "admin_uri"])
def test_another_server_needs_each_of_its_uris(tmp_path: Path, key: str) -> None:
    environ = {f"WEBMACS_DATABASE_{name}": "postgresql://x" for name in ("URI", "AUTHENTICATOR_URI", "ADMIN_URI")}
    del environ[f"WEBMACS_DATABASE_{key.upper()}"]
    message = refusal(tmp_path / "config.toml", environ | {"WEBMACS_DATABASE_EMBEDDED": "false"})
    assert f"[database] {key} is empty" in message


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    config = load_config(tmp_path / "config.toml", {"WEBMACS_DATABASE_SIDECAR_PASSWORD": "hunter2"})
    assert "hunter2" not in repr(config)
    file = write(tmp_path, "[database]\nadmin_password = ['hunter2']\n")
    assert "hunter2" not in refusal(file)


def test_credentials_of_systemd_are_over_the_file_and_under_the_environment(tmp_path: Path) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "auth.issuer").write_text("of the credential\n")
    (credentials / "server.port").write_text("2222\n")
    (credentials / "of_another_program").write_text("x")
    (tmp_path / "config.toml").write_text('[auth]\nissuer = "of the file"\n[server]\nport = 1111\n')
    environ = {"CREDENTIALS_DIRECTORY": str(credentials), "WEBMACS_SERVER_PORT": "3333"}
    config = load_config(tmp_path / "config.toml", environ)
    assert (config.auth.issuer, config.server.port) == ("of the credential", 3333)


def test_a_credential_that_is_no_setting_is_named(tmp_path: Path) -> None:
    (tmp_path / "database.url").write_text("postgresql://ada:secret@host/db")
    with pytest.raises(ConfigError, match=r"database.*url of the credential database\.url") as caught:
        load_config(tmp_path / "config.toml", {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert "secret" not in str(caught.value)


def test_secrets_of_entries_are_credentials_too(tmp_path: Path) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "sso.lab.client_secret").write_text("of the credential\n")
    entry = '[[sso]]\nname = "lab"\nlabel = "Lab"\nissuer = "https://id.example.org"\nclient_id = "webmacs"\n'
    (tmp_path / "config.toml").write_text(entry)
    config = load_config(tmp_path / "config.toml", {"CREDENTIALS_DIRECTORY": str(credentials)})
    assert config.sso[0].client_secret == "of the credential"
