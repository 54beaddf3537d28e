"""`webmacs-controller new-plugin`: what it writes is installed, tested and checked as its author would."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from webmacs_controller.cli.main import main

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "controller" / "examples" / "webmacs-sics-balance"


def new_plugin(name: str, into: Path) -> Result:
    return CliRunner().invoke(main, ["new-plugin", name, "--into", str(into)])


def run(package: Path, site: Path, *arguments: str) -> str:
    """A module of Python in the package's folder, with what is installed in `site`. Returns what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=package,
        env={**os.environ, "PYTHONPATH": str(site), "MYPYPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def check_package(package: Path, site: Path) -> None:
    """Its own tests pass, and mypy has nothing to say."""
    options = ("--quiet", "--disable-pip-version-check", "--no-index", "--no-deps", "--no-build-isolation")
    run(package, site, "pip", "install", *options, "--target", str(site), ".")
    passed = run(package, site, "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:schemathesis")
    assert "skipped" not in passed
    assert "Success" in run(package, site, "mypy", "--cache-dir", str(ROOT / ".mypy_cache" / "packages"))


def test_what_is_written_keeps_every_rule_and_is_typed(tmp_path: Path) -> None:
    written = new_plugin("lab-balance2", tmp_path)
    assert written.exit_code == 0, written.output
    package = tmp_path / "webmacs-lab-balance2"
    assert f"cd {package}" in written.output
    assert (package / "src" / "webmacs_lab_balance2" / "py.typed").exists()
    assert not [path for path in package.rglob("*") if path.is_file() and "adget" in path.read_text() + path.name]
    check_package(package, tmp_path / "site")


def test_the_example_keeps_every_rule_and_is_typed(tmp_path: Path) -> None:
    check_package(EXAMPLE, tmp_path / "site")


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("Balance", "NAME must be of a-z, 0-9 and single -"),
        ("2nd", "begin with a-z"),
        ("../up", "NAME must be"),
        ("system", "a plugin 'system' is installed already"),
    ],
)
def test_a_name_that_will_not_do_is_refused(tmp_path: Path, name: str, problem: str) -> None:
    result = new_plugin(name, tmp_path)
    assert result.exit_code == 1
    assert problem in result.output
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "webmacs-pump").mkdir()
    result = new_plugin("pump", tmp_path)
    assert (result.exit_code, result.output) == (1, f"Error: {tmp_path}/webmacs-pump is there already\n")
