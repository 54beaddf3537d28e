"""`webmacs psql`"""

import os
import shutil

import click

from webmacs.cli.options import pass_config
from webmacs.config import Config
from webmacs.embedded.place import bundled_programs
from webmacs.migrate.connect import for_program
from webmacs.problem import Problem


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@pass_config
def psql(config: Config, arguments: tuple[str, ...]) -> None:
    """Open psql as the administrator of the database; ARGUMENTS go to psql.

    \b
      webmacs psql
      webmacs psql -c 'select * from api.latest'
    """
    address, environment = for_program(config.database.admin_uri)
    program = _program(config)
    os.execve(program, [program, address, *arguments], environment)


def _program(config: Config) -> str:
    """The psql of the embedded server, else the one of PATH."""
    if config.database.embedded:
        return str(bundled_programs() / "psql")
    if found := shutil.which("psql"):
        return found
    raise Problem("There is no psql in PATH; install the client programs of PostgreSQL.")
