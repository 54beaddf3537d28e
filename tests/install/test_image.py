"""`webmacs install --root`: what it writes, that it may be repeated, that a dry run touches nothing, and back again.

tests/production does the same to a whole Debian.
"""

import re
from pathlib import Path

import pytest

from tests.install.conftest import VERSION, Webmacs, tree
from webmacs.config import load_config
from webmacs.install.machine import Machine
from webmacs.install.plan import LOGINS, Plan
from webmacs.install.services import unit_files

URL = ("--public-url", "https://lab.example.org:8443")
CHANGED = ("changed", "would change")


def results(output: str) -> list[tuple[str, str]]:
    """What came of each step."""
    found = re.findall(r"(?m)^(ok|changed|would change|kept|left out) {2,}(\S+(?: \S+)*) {2,}", output)
    assert found, output
    return found


def test_a_dry_run_touches_nothing_and_the_installation_does_what_it_said(webmacs: Webmacs, image: Path) -> None:
    before = tree(image)
    dry = webmacs("install", *URL, "--dry-run")
    assert dry.exit_code == 0, dry.output
    assert tree(image) == before
    done = webmacs("install", *URL)
    assert done.exit_code == 0, done.output
    said, was = ({step for result, step in results(run.output) if result in CHANGED} for run in (dry, done))
    assert said == was
    assert was == {"program", "command", "accounts", "folders", "configuration", "virtual host", "units", "at boot"}


def test_a_second_time_changes_nothing_and_says_so(webmacs: Webmacs, image: Path) -> None:
    webmacs("install", *URL)
    before = tree(image)
    again = webmacs("install")
    assert again.exit_code == 0, again.output
    assert {result for result, _ in results(again.output)} == {"ok", "left out"}
    assert "Nothing was to do." in again.output
    assert tree(image) == before


def test_what_lies_where_afterwards(webmacs: Webmacs, image: Path) -> None:
    webmacs("install", *URL)
    machine = Machine(image)
    assert str((image / "opt/webmacs/current").readlink()) == f"versions/{VERSION}"
    state = (image / "var/lib/webmacs").stat()
    assert (state.st_uid, state.st_mode & 0o777) == (machine.user("webmacs"), 0o750)
    assert (image / "etc/webmacs/secrets").stat().st_mode & 0o777 == 0o700
    assert "www-data" in machine.members("webmacs-gateway")
    for file in unit_files():
        assert machine.path(file.path).read_text() == file.text
    for wants in ("sockets.target.wants/webmacs-sidecar.socket", "multi-user.target.wants/webmacs.target"):
        assert (image / "etc/systemd/system" / wants).is_symlink()
    site = (image / "etc/apache2/sites-available/webmacs.conf").read_text()
    assert 'Define WEBMACS_AUTHORITY "lab.example.org:8443"' in site
    ports = (image / "etc/apache2/conf-available/webmacs-ports.conf").read_text()
    assert ports == "Listen 8443\n"


def test_what_it_writes_as_configuration_can_be_read_and_holds_no_secret(webmacs: Webmacs, image: Path) -> None:
    webmacs("install", *URL)
    uris = Plan(Machine(image)).uris(5433)
    file = image / "etc/webmacs/config.toml"
    config = load_config(file, {f"WEBMACS_DATABASE_{key.upper()}": uri for key, uri in uris.items()})
    assert config.server.public_url == URL[1]
    assert config.auth.keys_dir == Path("/var/lib/webmacs/keys")
    assert not config.database.embedded
    assert file.stat().st_mode & 0o777 == 0o640
    assert file.stat().st_gid == Machine(image).group("webmacs")
    assert not re.search(r"password|secret =|token", file.read_text())
    assert all("@" not in uri and f"user={LOGINS[key]}" in uri for key, uri in uris.items())


def test_settings_are_the_administrators_own(webmacs: Webmacs, image: Path) -> None:
    webmacs("install", *URL)
    file = image / "etc/webmacs/config.toml"
    file.write_text(file.read_text().replace(":8443", ":9443") + '\n[log]\nlevel = "warning"\n')
    again = webmacs("install")
    assert [step for result, step in results(again.output) if result == "changed"] == ["virtual host"] * 2
    assert 'level = "warning"' in file.read_text()
    refused = webmacs("install", *URL)
    assert refused.exit_code == 1
    assert "[server] public_url = 'https://lab.example.org:9443'" in refused.output


def test_a_unit_that_somebody_changed_is_kept_until_force(webmacs: Webmacs, image: Path) -> None:
    webmacs("install", *URL)
    unit = image / "etc/systemd/system/webmacs-rest.service"
    ours = unit.read_text()
    unit.write_text(ours + "# mine\n")
    again = webmacs("install")
    assert ("kept", "units") in results(again.output)
    assert unit.read_text().endswith("# mine\n")
    assert unit.with_name("webmacs-rest.service.dist").read_text() == ours
    webmacs("install", "--force")
    assert unit.read_text() == ours


def test_uninstalling_leaves_the_data_and_what_is_somebody_elses(webmacs: Webmacs, image: Path) -> None:
    webmacs("install", *URL)
    (image / "etc/systemd/system/other.service").write_text("")
    (image / "var/lib/webmacs/keys/key.pem").write_text("")
    before = tree(image)
    assert webmacs("uninstall", "--dry-run").exit_code == 0
    assert tree(image) == before
    gone = webmacs("uninstall")
    assert gone.exit_code == 0, gone.output
    assert [path.name for path in (image / "etc/systemd/system").rglob("*") if path.is_file()] == ["other.service"]
    assert not (image / "opt/webmacs/current").is_symlink()
    assert not (image / "usr/local/bin/webmacs").exists()
    assert (image / "var/lib/webmacs/keys/key.pem").exists()
    assert (image / "etc/webmacs/config.toml").exists()
    assert webmacs("install").exit_code == 0


def test_uninstalling_with_the_data_asks_first(webmacs: Webmacs, image: Path) -> None:
    webmacs("install", *URL)
    assert webmacs("uninstall", "--data").exit_code == 1  # nobody said yes
    assert (image / "etc/webmacs").exists()
    gone = webmacs("uninstall", "--data", "--yes")
    assert gone.exit_code == 0, gone.output
    assert not (image / "etc/webmacs").exists()
    assert not (image / "var/lib/webmacs").exists()
    assert "webmacs" not in (image / "etc/passwd").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "--public-url https://lab.example.org"),
        (("--public-url", "http://lab.example.org"), "must be such as https://lab.example.org"),
        (("--public-url", "https://lab.example.org/page"), "without anything after it"),
        ((*URL, "--certificate", "/etc/lab.pem"), "belong together"),
        ((*URL, "--certificate", "/none.pem", "--certificate-key", "/none.key"), "there is no /none.pem and no"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(webmacs: Webmacs, arguments: tuple[str, ...], said: str) -> None:
    refused = webmacs("install", *arguments)
    assert refused.exit_code == 1
    assert said in refused.output


def test_another_system_is_refused(webmacs: Webmacs, image: Path) -> None:
    (image / "etc/os-release").write_text('PRETTY_NAME="Fedora 41"\nID=fedora\n')
    refused = webmacs("install", *URL)
    assert refused.exit_code == 1
    assert "This is Fedora 41" in refused.output
