"""`webmacs update …`"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from webmacs_controller.updates import launcher
from webmacs_controller.updates.errors import BundleError
from webmacs_controller.updates.status import lines
from webmacs_controller.updates.status import status as read_status

from webmacs.backup.make import back_up
from webmacs.cli.options import json_option, pass_config
from webmacs.cli.owner import explained
from webmacs.cli.update_check import check
from webmacs.config import Config
from webmacs.problem import Problem
from webmacs.updating.conduct import conduct
from webmacs.updating.installation import require_installation
from webmacs.updating.room import copying_seconds, get_ready
from webmacs.updating.tables import new_migrations
from webmacs.updating.units import Units

SOURCE = click.Path(exists=True, path_type=Path)


@click.group()
def update() -> None:
    """New versions of this server, from a bundle: code and database go forward together, and back together.

    \b
      webmacs update check                                            whether there is a newer one ([ota] source)
      webmacs update begin webmacs-server-….update --root root.json   once, on a new machine
      webmacs update install /media/usb                               the newest that fits
      webmacs update status
      webmacs update rollback

    docs/updates.md tells the whole way. [ota] folder in config.toml says where the versions lie.
    """


update.add_command(check)


@update.command()
@click.argument("bundle", type=SOURCE)
@click.option("--root", required=True, type=SOURCE, help="The list of keys that this machine is to believe.")
@pass_config
def begin(config: Config, bundle: Path, root: Path) -> None:
    """Install the first version, and the launcher that the system is to start."""
    with _in_words(config):
        installation = require_installation(config)
        name = installation.begin(bundle, root)
    _say(f"{name} is installed. Let the system start: python3 {installation.folder / 'launcher.py'} …")
    _say("  … update run, by webmacs-server.service, where systemd runs the services; or … up, elsewhere")


@update.command()
@click.argument("source", type=SOURCE)
@click.option("--backup/--no-backup", "first", default=True, help="Make a backup before, into [backup] dir.")
@pass_config
def install(config: Config, source: Path, first: bool) -> None:
    """Install a bundle; of a folder, the newest one in it that is for this machine.

    The launcher ends this version, copies the database, and starts the new one, which lets nobody in before it has
    proved itself; controllers keep their values meanwhile. Otherwise this version and its database come back.
    """

    def make_backup() -> None:
        if first:
            _say(f"backup: {back_up(config, config.backup.dir, config.backup.keep, _say)}")

    with _in_words(config):
        seconds = copying_seconds(config)
        installation = require_installation(config, seconds, lambda: get_ready(config, make_backup))
        name = installation.install(installation.newest(source) if source.is_dir() else source)
    _say(f"{name} is installed, and has to prove itself: webmacs update status")


@update.command()
@click.option("--force", is_flag=True, help="Also where this version has changed the tables.")
@pass_config
def rollback(config: Config, force: bool) -> None:
    """Go back to the version before this one.

    As long as this one has not proved itself, its database comes back as well, and nothing is lost: nobody has got in.
    Afterwards the database stays, so this is refused if this version has changed its tables. Then a backup has to be
    restored with the version before, and what came since is lost: docs/updates.md.
    """
    with _in_words(config):
        installation = require_installation(config)
        if launcher.probation(installation.folder) is None and not force:
            new = new_migrations(installation.folder)
            if new:
                raise Problem(
                    f"This version has changed the tables ({new[0]}), and the one before does not know them. To go back"
                    " nevertheless, a backup has to be restored: docs/updates.md."
                )
        name = installation.go_back()
    click.echo(f"{name} runs next")


@update.command()
@json_option
@pass_config
def status(config: Config, as_json: bool) -> None:
    """What runs, what is kept, and what became of the last update."""
    said = read_status(require_installation(config).folder)
    click.echo(json.dumps(said) if as_json else "\n".join(lines(said)))


@update.command()
@pass_config
def run(config: Config) -> None:
    """For the launcher, where systemd runs the services: start them, and stop them on SIGTERM."""
    with _in_words(config):
        conduct(config, Units())


@contextmanager
def _in_words(config: Config) -> Iterator[None]:
    os.umask(0o022)  # versions are for the accounts of the services, too
    try:
        with explained(config):
            yield
    except BundleError as error:
        raise Problem(str(error)) from None
    except OSError as error:
        raise Problem(f"{error.filename}: {error.strerror}") from None


def _say(text: str) -> None:
    click.echo(text, err=True)
