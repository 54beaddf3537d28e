"""`webmacs backup`, `verify-backup` and `restore`"""

from contextlib import suppress
from pathlib import Path

import click

from webmacs.backup import archive, files
from webmacs.backup.make import back_up, listed
from webmacs.backup.restore import check_known, restore_database, verify
from webmacs.backup.server import alone, answering
from webmacs.cli.options import config_file, pass_config
from webmacs.cli.owner import explained, owner
from webmacs.config import Config, load_config
from webmacs.problem import Problem
from webmacs.setup import set_up

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--keep", type=click.IntRange(min=0), help="How many stay there, the newest; 0: all.  [default: [backup] keep]"
)
@pass_config
def backup(config: Config, folder: Path | None, keep: int | None) -> None:
    """Write all that this machine needs to come back into one file, while everything goes on.

    Into FOLDER, else into [backup] dir. It holds keys, passwords and secrets: only its owner can read it, and where it
    is copied to that must be so, too. docs/backup.md tells what is in it.
    """
    try:
        with explained(config):
            path = back_up(config, folder or config.backup.dir, config.backup.keep if keep is None else keep, _say)
    except Problem as problem:
        _tell_people(config, problem)
        raise
    click.echo(path)


@click.command("verify-backup")
@click.argument("file", required=False, type=FILE)
@pass_config
def verify_backup(config: Config, file: Path | None) -> None:
    """Prove that a backup can be restored: FILE, else the newest in [backup] dir.

    Its digests are checked, and it is restored into a database of its own on the server of here, compared row by row
    with what was backed up, migrated to this version, and dropped. Nothing else is touched.
    """
    path = file or _newest(config.backup.dir)
    with archive.opened(path) as opened:
        opened.check()
        with explained(config), answering(config):
            verify(config, opened, _say)
    click.echo(f"{path} can be restored.")


@click.command()
@click.argument("file", type=FILE)
@click.option("--replace", is_flag=True, help="Also where the database is not empty; what is in it is lost.")
def restore(file: Path, replace: bool) -> None:
    """Bring back what is in the backup FILE, on this machine or on another one.

    All services have to be stopped. config.toml is written where there is none; one that is there stays, and says where
    database and keys lie here. Keys that are here are put aside. The version of here must be that of the backup, or a
    newer one.
    """
    with archive.opened(file) as opened:
        opened.check()
        check_known(opened.manifest)
        settings = load_config(config_file()).file
        files.put_settings(opened, settings, _say)
        if load_config(settings).database.embedded:
            set_up(settings)
        config = load_config(settings)
        with explained(config), alone(config):
            restore_database(config, opened, replace, _say)
            files.put_keys(opened, config, _say)
    click.echo(f"{file} of {opened.manifest.created:%Y-%m-%d %H:%M} UTC is restored. Start the services again.")


def _tell_people(config: Config, problem: Problem) -> None:
    """In the log on the page, for nobody reads each morning what a timer has said."""
    with suppress(Problem), owner(config) as connection:
        connection.execute("select private.write_log('error', %s, 'backup')", [f"No backup was made. {problem}"])


def _newest(folder: Path) -> Path:
    found = listed(folder)
    if not found:
        raise Problem(f"There is no backup in {folder}.")
    return max(found)


def _say(text: str) -> None:
    click.echo(text, err=True)
