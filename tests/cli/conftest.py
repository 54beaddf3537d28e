"""The `webmacs` command on this module's database."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.support.database import Database
from webmacs.config import Config

Run = subprocess.CompletedProcess[str]
Command = Callable[..., Run]


@pytest.fixture(scope="module")
def webmacs(config: Config, database: Database) -> Command:
    """Runs it as a program: `webmacs("user", "list", stdin="…")`."""
    environment = {
        "PATH": "/usr/bin:/bin",
        **database.settings(),
        "WEBMACS_AUTH_KEYS_DIR": str(config.auth.keys_dir),
        "WEBMACS_AUTH_BCRYPT_ROUNDS": "4",
        "WEBMACS_SERVER_PORT": str(config.server.port),
        "WEBMACS_POSTGREST_PORT": str(config.postgrest.port),
        "WEBMACS_POSTGREST_ADMIN_PORT": str(config.postgrest.admin_port),
    }

    def run(*arguments: str, stdin: str = "", **more: str) -> Run:
        return subprocess.run(
            [sys.executable, "-m", "webmacs", *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            env=environment | more,
            cwd=config.folder,
            check=False,
        )

    return run


def refused(run: Run) -> str:
    """What one line said; there was a mistake."""
    assert run.returncode != 0, run.stdout
    assert "Traceback" not in run.stderr
    return run.stderr
