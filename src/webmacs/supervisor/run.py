"""The order of `webmacs up`."""

from collections.abc import Callable
from pathlib import Path

from webmacs.backup.make import back_up
from webmacs.config import Config, load_config
from webmacs.embedded.cluster import await_former_server, ensure_cluster
from webmacs.embedded.place import find_place
from webmacs.embedded.ports import require_free
from webmacs.migrate import create_database, migrate
from webmacs.supervisor import parts
from webmacs.supervisor.crew import Crew
from webmacs.supervisor.first_time import CONTROLLER_NAME, ensure_admin, ensure_controller_token, ensure_demo
from webmacs.supervisor.once import only_run
from webmacs.supervisor.signals import Stopped, stoppable
from webmacs.supervisor.summary import summary
from webmacs.updating import doors
from webmacs.updating.following import follow
from webmacs.updating.installation import make_installation, running
from webmacs.updating.judge import watch
from webmacs.updating.prepare import prepare
from webmacs.updating.room import get_ready

Say = Callable[[str], None]


def run(config_file: Path | None, say: Say) -> None:
    """Start all parts, say where they are, and watch them until a signal to stop.

    Raises Problem if a part cannot be started or ends; all others are stopped before.
    """
    config = load_config(config_file)
    try:
        with only_run(config.folder), stoppable(), Crew() as crew:
            _start(config, crew, say)
            crew.watch()
    except Stopped:
        say("Stopped.")


def _start(config: Config, crew: Crew, say: Say) -> None:
    _require_ports(config)
    rest = parts.postgrest(config)  # a missing program is said before anything is started
    if config.database.embedded:
        _start_postgres(config, crew, say)
    installation = make_installation(config, 0, lambda: get_ready(config, lambda: _back_up(config, say)))
    me = running(installation)
    if installation is not None and me:
        note, done = prepare(config, installation, me)
    else:
        note, done = None, migrate(config)
        doors.say(config, "")
    for name in done:
        say(f"applied {name}")
    crew.start(rest)
    crew.start(parts.sidecar(config))
    if installation is not None and note is not None and not watch(config, installation, note, say):
        crew.watch()  # until the launcher puts the version before in our place
    if installation is not None and me:
        follow(config, installation)
    if config.controller.start:
        ensure_controller_token(config)
        crew.start(parts.controller(config, CONTROLLER_NAME))
        ensure_demo(config)
    say(summary(config, ensure_admin(config)))


def _back_up(config: Config, say: Say) -> None:
    say(f"made {back_up(config, config.backup.dir, config.backup.keep, say)}")


def _require_ports(config: Config) -> None:
    if config.database.embedded:
        require_free("127.0.0.1", config.database.port, "[database] port")
    require_free(config.postgrest.connect_host, config.postgrest.port, "[postgrest] port")
    require_free(config.postgrest.connect_host, config.postgrest.admin_port, "[postgrest] admin_port")
    require_free(config.server.host, config.server.port, "[server] port")


def _start_postgres(config: Config, crew: Crew, say: Say) -> None:
    place = find_place(config)
    if ensure_cluster(place, config.database.admin_password):
        say(f"made a PostgreSQL database in {place.data}, of the account {place.account.name}")
    await_former_server(place)
    crew.start(parts.postgres(config, place))
    create_database(config.database)
