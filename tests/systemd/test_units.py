"""The unit files: that systemd takes them, what they keep from their services, and what they depend on."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.units import UNITS, Unit

SERVICES = sorted(file.name for file in UNITS.glob("*.service"))
GUARDED = [name for name in SERVICES if name != "webmacs-rest-reload.service"]
AT_NIGHT = ("webmacs-maintenance.service", "webmacs-backup.service")
# Its watchdog is systemd itself, for it does nothing that could stand still for long, and may take its time.
LAUNCHER = "webmacs-server.service"
# What systemd makes of it: 0 is locked up, 10 is free. The controller drives devices.
EXPOSURE = {"webmacs-controller.service": 3.0}
LARGEST_EXPOSURE = 2.0


@pytest.fixture(scope="module")
def analyze() -> str:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is missing; install: apt-get install systemd")
    return program


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All units, with a program that is there in the place of ours."""
    folder = tmp_path_factory.mktemp("units")
    for file in UNITS.iterdir():
        text = re.sub(r"/opt/webmacs[\w/-]*/bin/[\w-]+", "/bin/true", file.read_text())
        (folder / file.name).write_text(text)
    return folder


def test_systemd_has_nothing_to_say_against_them(analyze: str, installed: Path) -> None:
    files = [str(file) for file in installed.iterdir() if file.suffix != ".sysusers"]
    said = subprocess.run([analyze, "verify", "--man=no", *files], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr) == (0, "")


@pytest.mark.parametrize("name", GUARDED)
def test_services_are_locked_up(name: str, analyze: str, installed: Path) -> None:
    command = [analyze, "security", "--offline=true", "--no-pager", str(installed / name)]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    level = re.search(r"exposure level for \S+: ([0-9.]+)", said)
    assert level is not None, said
    assert float(level[1]) <= EXPOSURE.get(name, LARGEST_EXPOSURE), said


@pytest.mark.parametrize("name", GUARDED)
def test_no_service_is_root_or_gets_secrets_otherwise(name: str) -> None:
    unit = Unit.read(name.replace("@", "@1"))
    if name == LAUNCHER:  # starts and stops the others, and has no capability that root has
        assert (unit.all("User"), unit.all("CapabilityBoundingSet")) == ([], [""])
    else:
        assert unit.one("User") not in ("root", "0")
    assert not any("password" in value.lower() or "token" in value.lower() for value in unit.all("Environment"))
    for line in unit.all("LoadCredential"):
        credential, _, source = line.partition(":")
        assert source == f"/etc/webmacs/secrets/{credential}"


def test_sidecars_may_ask_postgrest_by_its_socket() -> None:
    """Only its group gets into the folder that it lies in."""
    rest = Unit.read("webmacs-rest.service")
    assert rest.one("RuntimeDirectoryMode") == "0750"
    assert rest.one("Group") in Unit.read("webmacs-sidecar@1.service").one("SupplementaryGroups").split()


def test_postgrest_gets_no_secret_but_its_own() -> None:
    credentials = [line.partition(":")[0] for line in Unit.read("webmacs-rest.service").all("LoadCredential")]
    assert credentials == ["database.authenticator_uri"]


@pytest.mark.parametrize("name", [name for name in GUARDED if name not in (*AT_NIGHT, LAUNCHER)])
def test_what_stands_still_or_dies_is_started_again_for_ever(name: str) -> None:
    unit = Unit.read(name.replace("@", "@1"))
    assert unit.one("Type") == "notify"
    assert unit.one("Restart") == "always"
    assert unit.one("StartLimitIntervalSec", "Unit") == "0"
    assert float(unit.one("RestartSec")) >= 1  # never in a tight circle
    assert int(unit.one("WatchdogSec")) >= 30


def test_every_account_that_a_unit_names_is_made() -> None:
    lines = [line.split() for line in (UNITS / "webmacs.sysusers").read_text().splitlines() if line[:1] in "ugm"]
    made = {line[1] for line in lines if line and line[0] in "ug"}
    for name in SERVICES:
        unit = Unit.read(name.replace("@", "@1"))
        assert {*unit.all("User"), *unit.all("Group")} <= made, name
    for name in ("webmacs-sidecar.socket", "webmacs-local.socket"):
        assert {Unit.read(name).one("SocketUser", "Socket"), Unit.read(name).one("SocketGroup", "Socket")} <= made
    assert ["m", "www-data", "webmacs-gateway"] in lines


def test_the_target_starts_everything_that_is_wanted_by_it() -> None:
    wanted = " ".join(Unit.read("webmacs.target").all("Wants", "Unit")).split()
    assert wanted == [
        "webmacs-rest.service",
        "webmacs-sidecar@1.service",
        "webmacs-sidecar@2.service",
        "webmacs-maintenance.timer",
        "webmacs-rest-reload.timer",
        "webmacs-backup.timer",
        "webmacs-server.service",
    ]
    for name in wanted:
        assert (UNITS / re.sub(r"@\d", "@", name)).exists()
