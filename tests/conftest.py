"""What all tests share: servers, a migrated database of their own, people, and clients in their name."""

import os
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.database import Database, cloned_database, drop
from tests.support.people import People
from tests.support.ports import free_port
from tests.support.postgres import Address, shared_server
from tests.support.programs import installed_versions
from tests.support.rest import Api, running_postgrest
from tests.support.run import Run
from tests.support.sql import Sql
from webmacs.accounts import password_process
from webmacs.accounts.password_worker import AT_ONCE
from webmacs.accounts.tokens import Tokens
from webmacs.config import Config, load_config
from webmacs.keys.folder import ensure_key
from webmacs.keys.key import KeySet

RUN = pytest.StashKey[Run]()
# Only these are tried on every PostgreSQL; the rest runs on the reference.
ON_EVERY_VERSION = ("db", "migrate")

# Always the same examples, so that what a change is judged by is not chance: others are looked for at night, with
# `--hypothesis-profile=random`. And however slow the machine is.
SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
settings.register_profile("same", deadline=None, derandomize=True, suppress_health_check=SLOW)
settings.register_profile("random", deadline=None, suppress_health_check=SLOW)
settings.load_profile("same")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--postgres",
        choices=["15", "17", "both"],
        help="versions that the tests of the database run on (default: 17, and 15 where it is installed)",
    )


def pytest_configure(config: pytest.Config) -> None:
    worker_input = getattr(config, "workerinput", None)
    config.stash[RUN] = Run(Path(worker_input["run_folder"])) if worker_input else Run.begin()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node) -> None:  # type: ignore[no-untyped-def] # xdist has no types
    node.workerinput["run_folder"] = str(node.config.stash[RUN].folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and RUN in config.stash:
        config.stash[RUN].end()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("WEBMACS_NO_SKIP") == "1":
        report.outcome = "failed"
    return report


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "postgres" in metafunc.fixturenames:
        on_every = metafunc.definition.path.parent.name in ON_EVERY_VERSION
        versions = _versions(metafunc.config.getoption("--postgres")) if on_every else [17]
        metafunc.parametrize("postgres", versions, indirect=True, scope="session", ids=lambda v: f"pg{v}")


def _versions(chosen: str | None) -> list[int]:
    if chosen is None:
        return installed_versions()
    return [17, 15] if chosen == "both" else [int(chosen)]


@pytest.fixture(scope="session", autouse=True)
def _passwords_at_once() -> Iterator[None]:
    """What hashes passwords steps back behind everything else, and here no processor is idle."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(password_process, "COMMAND", [*password_process.COMMAND, AT_ONCE])
        yield


@pytest.fixture(scope="session")
def run(request: pytest.FixtureRequest) -> Run:
    """The test run, with the folder that all workers share."""
    return request.config.stash[RUN]


@pytest.fixture(scope="session")
def postgres(run: Run, request: pytest.FixtureRequest) -> Address:
    """The PostgreSQL server of the run."""
    return shared_server(run, request.param)


@pytest.fixture(scope="session")
def keys_dir(run: Run) -> Path:
    """Where the key is. A module that changes keys has a folder of its own."""
    return run.folder / "var/keys"


@pytest.fixture(scope="session")
def keys(run: Run) -> KeySet:
    """The key that signs tokens, the same in every worker."""
    with run.lock("keys"):
        return ensure_key(load_config(run.folder / "config.toml", {}))


@pytest.fixture
def memberships(run: Run, postgres: Address) -> Iterator[None]:
    """Which roles are members of which is the whole server's: no other test changes it, or asks for it, meanwhile."""
    with run.lock(f"memberships-{postgres.version}"):
        yield


@pytest.fixture(scope="module")
def database(run: Run, postgres: Address) -> Iterator[Database]:
    """A migrated database of this module's own."""
    made = cloned_database(run, postgres)
    yield made
    drop(made)


@pytest.fixture
def fresh_database(run: Run, postgres: Address) -> Iterator[Database]:
    """A migrated database of this test's own."""
    made = cloned_database(run, postgres)
    yield made
    drop(made)


@pytest.fixture(scope="module")
def config(keys_dir: Path, keys: KeySet, database: Database, tmp_path_factory: pytest.TempPathFactory) -> Config:
    """The configuration of an installation on this module's database, its ports free."""
    return database.config(
        tmp_path_factory.mktemp("installation"),
        WEBMACS_AUTH_KEYS_DIR=str(keys_dir),
        WEBMACS_AUTH_BCRYPT_ROUNDS="4",
        WEBMACS_SERVER_PORT=str(free_port()),
        WEBMACS_POSTGREST_PORT=str(free_port()),
        WEBMACS_POSTGREST_ADMIN_PORT=str(free_port()),
        WEBMACS_POSTGREST_POOL="4",
    )


@pytest.fixture(scope="module")
def people(config: Config, keys: KeySet, database: Database) -> Iterator[People]:
    """Makes accounts and controllers with real tokens: `people.the("viewer")`, `people.user("admin")`."""
    with closing(database.connect()) as superuser:
        yield People(superuser, Tokens(keys, config.auth))


@pytest.fixture(scope="module")
def sql(database: Database, people: People) -> Iterator[Sql]:
    """SQL as somebody: `sql.as_role("viewer")`, `sql.superuser`."""
    with Sql(database, people) as connections:
        yield connections


@pytest.fixture(scope="module")
def postgrest(config: Config, run: Run, people: People) -> Iterator[str]:
    """The address of a real PostgREST on this module's database."""
    with running_postgrest(config, run) as url:
        yield url


@pytest.fixture(scope="module")
def api(postgrest: str, people: People) -> Iterator[Api]:
    """The REST API as somebody: `api.as_role("viewer").get("/events")`."""
    with closing(Api(postgrest, people)) as clients:
        yield clients
