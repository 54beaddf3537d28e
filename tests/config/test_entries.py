"""Sections that may stand there several times, such as [[sso]], and the secrets in files of their own."""

import tomllib
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import pytest

from webmacs.config import Config, ConfigError, load_config
from webmacs.config.entries import keys_in_file
from webmacs.config.loader import entry_types
from webmacs.resources import resource

LAB = """
[[sso]]
name = "lab"
label = "Lab account"
issuer = "https://id.example.org"
client_id = "webmacs"
"""


def load(folder: Path, text: str, environ: dict[str, str] | None = None) -> Config:
    file = folder / "config.toml"
    file.write_text(text)
    return load_config(file, environ or {})


def refusal(folder: Path, text: str, environ: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        load(folder, text, environ)
    return str(caught.value)


def example(section: str) -> dict[str, Any]:
    """The example that the default settings show, as if it were not a comment."""
    lines = resource("config.default.toml").read_text().splitlines()
    start = lines.index(f"# [[{section}]]")
    shown = [line.removeprefix("# ") for line in lines[start : start + len(fields(entry_types()[section])) + 1]]
    entry: dict[str, Any] = tomllib.loads("\n".join(shown))[section][0]
    return entry


@pytest.mark.parametrize("section", entry_types())
def test_the_example_names_every_key_and_its_default(section: str) -> None:
    kind, shown = entry_types()[section], example(section)
    assert list(shown) == keys_in_file(kind)
    for field in fields(kind):
        default = field.default_factory() if field.default_factory is not MISSING else field.default
        if field.name in shown and default is not MISSING:
            assert shown[field.name] == default, field.name


def test_there_is_none_unless_it_is_said(tmp_path: Path) -> None:
    assert load_config(tmp_path / "config.toml", {}).sso == ()


def test_entries_keep_their_order_and_what_is_left_out_has_its_default(tmp_path: Path) -> None:
    config = load(tmp_path, LAB + LAB.replace('"lab"', '"alpha"'))
    assert [provider.name for provider in config.sso] == ["lab", "alpha"]
    assert config.sso[0].scopes == ["openid", "email", "profile"]


def test_the_environment_overrides_an_entry_by_its_name(tmp_path: Path) -> None:
    two = LAB + LAB.replace('"lab"', '"lab_two"')
    environ = {"WEBMACS_SSO_LAB_CLIENT_SECRET": "geheim", "WEBMACS_SSO_LAB_TWO_SCOPES": '["openid"]'}
    lab, other = load(tmp_path, two, environ).sso
    assert (lab.client_secret, other.client_secret) == ("geheim", "")
    assert (len(lab.scopes), other.scopes) == (3, ["openid"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sso = 1\n", "written as [[sso]]"),
        ("[sso]\nname = 'lab'\n", "written as [[sso]]"),
        ("[[sso]]\nlabel = 'a'\n", "needs a name"),
        ("[[sso]]\nname = 'Lab!'\n", "needs a name"),
        ("[[sso]]\nname = 5\n", "needs a name"),
        (LAB + LAB, "[[sso]] lab stands twice"),
        ("[[sso]]\nname = 'lab'\nlabel = 'a'\nclient_id = 'b'\n", "has no issuer"),
        (LAB + "isuer = ''\n", "Unknown key [[sso]] lab: isuer"),
        (LAB + "client_secret = 'geheim'\n", "Unknown key [[sso]] lab: client_secret in"),
        (LAB.replace("https://id.example.org", "http://id.example.org"), "[[sso]] lab: issuer"),
        (LAB.replace("https://id.example.org", "https://a:b@id.example.org"), "https://…"),
        (LAB.replace("https://id.example.org", "https://id.example.org/#x"), "https://…"),
        (LAB + "scopes = ['email']\n", '"openid" among them'),
        (LAB + "scopes = ['openid email']\n", "none with a space"),
        (LAB + "create_users = 1\n", "true or false"),
        (LAB + "default_role = 'admin'\n", '"viewer" or "operator"'),
        (LAB + "role_claim = 'g'\nroles = { a = 'owner' }\n", '"viewer" or "operator" or "admin"'),
        (LAB + "roles = { a = 'viewer' }\n", "role_claim and roles must be given together"),
        (LAB + "role_claim = 'groups'\n", "role_claim and roles must be given together"),
        (LAB + "role_claim = 'g'\nroles = { a = 'admin' }\n", "allow_admin is not true"),
        (LAB + "create_users = true\n", "neither roles nor default_role"),
        (LAB + "client_secret_file = 'missing'\n", "missing cannot be read: No such file"),
    ],
)
def test_a_mistake_names_the_entry_and_what_is_allowed(tmp_path: Path, text: str, said: str) -> None:
    message = refusal(tmp_path, text)
    assert said in message
    assert "geheim" not in message


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        ("WEBMACS_SSO_OTHER_CLIENT_SECRET", "There is no [[sso]] named other"),
        ("WEBMACS_SSO_LAB_SECRET", "Unknown key"),
        ("WEBMACS_SSO_LAB_NAME", "Unknown key"),
        ("WEBMACS_SSO_LAB_CREATE_USERS", "true or false"),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(tmp_path: Path, variable: str, said: str) -> None:
    message = refusal(tmp_path, LAB, {variable: "geheim"})
    assert said in message
    assert variable in message


@pytest.mark.parametrize("address", ["http://127.0.0.1:9000", "http://[::1]:9000", "http://localhost:9000/a"])
def test_an_issuer_on_this_machine_needs_no_tls(tmp_path: Path, address: str) -> None:
    assert load(tmp_path, LAB.replace("https://id.example.org", address)).sso[0].issuer == address


SERVICE = """
[[services]]
name = "historian"
user = "ada"
role = "viewer"
"""
KEY = {"WEBMACS_SERVICES_HISTORIAN_KEY": "k" * 32}


def test_a_service_is_read_and_its_key_is_not_shown(tmp_path: Path) -> None:
    (service,) = load(tmp_path, SERVICE, KEY).services
    assert (service.key, service.seconds, service.read_only) == ("k" * 32, 300, False)
    assert "kkk" not in repr(service)


@pytest.mark.parametrize(
    ("text", "environ", "said"),
    [
        (SERVICE, {}, "has no key, which it needs"),
        (SERVICE, {"WEBMACS_SERVICES_HISTORIAN_KEY": "geheim"}, "at least 32 characters"),
        (SERVICE.replace("viewer", "controller"), KEY, '"viewer" or "operator" or "admin"'),
        (SERVICE.replace('"ada"', '""'), KEY, "not empty"),
        (SERVICE + "seconds = 4000\n", KEY, "from 10 to 3600"),
        (SERVICE + "key = 'geheim'\n", {}, "Unknown key [[services]] historian: key in"),
    ],
)
def test_a_mistake_in_a_service_is_named(tmp_path: Path, text: str, environ: dict[str, str], said: str) -> None:
    message = refusal(tmp_path, text, environ)
    assert said in message
    assert "geheim" not in message


def secret_file(folder: Path, content: bytes, mode: int = 0o600) -> str:
    file = folder / "secret"
    file.write_bytes(content)
    file.chmod(mode)
    return LAB + "client_secret_file = 'secret'\n"


def test_a_secret_is_read_from_its_file_without_the_end_of_the_line(tmp_path: Path) -> None:
    config = load(tmp_path, secret_file(tmp_path, b"geh eim\n"))
    assert config.sso[0].client_secret == "geh eim"
    assert "geh eim" not in repr(config)


def test_the_environment_comes_before_the_file(tmp_path: Path) -> None:
    text = secret_file(tmp_path, b"file")
    assert load(tmp_path, text, {"WEBMACS_SSO_LAB_CLIENT_SECRET": "env"}).sso[0].client_secret == "env"


@pytest.mark.parametrize(
    ("content", "mode", "said"),
    [
        (b"geheim", 0o604, "others may read or write"),
        (b"geheim", 0o602, "others may read or write"),
        (b"\n", 0o600, "must hold 1 to 4096 bytes"),
        (b"geheim" * 1000, 0o600, "must hold 1 to 4096 bytes"),
        (b"geheim\xff", 0o600, "it is no text"),
    ],
)
def test_a_secret_file_that_will_not_do_is_named(tmp_path: Path, content: bytes, mode: int, said: str) -> None:
    message = refusal(tmp_path, secret_file(tmp_path, content, mode))
    assert said in message
    assert str(tmp_path / "secret") in message
    assert "geheim" not in message
