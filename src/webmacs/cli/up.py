"""`webmacs up`"""

import click

from webmacs.cli.options import config_file
from webmacs.setup import set_up
from webmacs.supervisor.run import run


@click.command()
def up() -> None:
    """Start PostgreSQL, PostgREST, the sidecar and the controller, and stop them in order on Ctrl-C or SIGTERM.

    The database is created and migrated first. On the very first start there is a first administrator, whose password
    is printed once. If one of the parts ends, all others are stopped and the exit code is 1. What each part says is in
    var/log.
    """
    set_up(config_file())
    run(config_file(), click.echo)
