"""A machine with people, measured values, and an audit log that is sealed; a backup of it; and another machine."""

import subprocess
import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.db.retention import Past
from tests.support.database import Database
from tests.support.people import People
from tests.support.ports import free_port
from tests.support.run import Run
from webmacs.accounts.passwords import hash_password
from webmacs.accounts.tokens import Tokens
from webmacs.config import Config
from webmacs.keys.folder import ensure_key

Done = subprocess.CompletedProcess[str]
PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Machine:
    """A folder with settings, and the `webmacs` command there. Programs of others that are in PATH do not count."""

    folder: Path
    settings: dict[str, str]

    def webmacs(self, *arguments: str, under: tuple[str, ...] = (), **more: str) -> Done:
        environment = {"PATH": "/usr/bin:/bin", **self.settings, **more}
        return subprocess.run(
            [*under, sys.executable, "-m", "webmacs", *arguments],
            capture_output=True, text=True, env=environment, cwd=self.folder, check=False,
        )  # fmt: skip

    def backup(self, *arguments: str) -> Path:
        """The file that was made."""
        done = self.webmacs("backup", *arguments)
        assert done.returncode == 0, done.stderr
        return Path(done.stdout.strip())


@pytest.fixture(scope="module")
def source(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """The machine that is backed up, with keys of its own."""
    folder = tmp_path_factory.mktemp("source")
    secret = folder / "lab.secret"
    secret.write_text("the secret of a provider")
    secret.chmod(0o600)
    (folder / "config.toml").write_text(
        '[[sso]]\nname = "lab"\nlabel = "Lab"\nissuer = "https://id.example.org"\nclient_id = "webmacs"\n'
        'client_secret_file = "lab.secret"\n'
    )
    return Machine(folder, {**database.settings(), "WEBMACS_AUTH_BCRYPT_ROUNDS": "4"})


@pytest.fixture(scope="module")
def config(source: Machine, database: Database) -> Config:
    """Its settings."""
    return database.config(source.folder, WEBMACS_AUTH_BCRYPT_ROUNDS="4")


@pytest.fixture(scope="module")
def past(source: Machine, config: Config, database: Database) -> Past:
    """Its past: three weeks of values, a person with a password, changes that are sealed."""
    with closing(database.connect()) as superuser:
        people = People(superuser, Tokens(ensure_key(config), config.auth))
        people.user("admin", "ada", hash_password(PASSWORD, 4))
        people.controller("plant")
        superuser.execute("insert into private.log_entries (message) select 'noted' from generate_series(1, 30)")
        superuser.execute("select private.seal_audit()")
    return Past(database, days=21)


@pytest.fixture
def other(run: Run) -> Machine:
    """Another machine: an empty folder, where everything is elsewhere."""
    folder = Path(tempfile.mkdtemp(dir=run.folder, prefix="other-"))
    folder.chmod(0o755)
    settings = {
        "WEBMACS_DATABASE_EMBEDDED": "true",
        "WEBMACS_DATABASE_NAME": "elsewhere",
        "WEBMACS_DATABASE_PORT": str(free_port()),
        "WEBMACS_SERVER_PORT": str(free_port()),
        "WEBMACS_AUTH_BCRYPT_ROUNDS": "4",
    }
    return Machine(folder, settings)
