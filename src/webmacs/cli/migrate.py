"""`webmacs migrate`"""

import json
from dataclasses import asdict

import click

from webmacs.cli.options import json_option, pass_config
from webmacs.config import Config
from webmacs.migrate import create_database
from webmacs.migrate import migrate as apply
from webmacs.migrate import status as read_status


@click.command()
@click.option("--status", is_flag=True, help="Only say what is applied and what would be.")
@json_option
@pass_config
def migrate(config: Config, status: bool, as_json: bool) -> None:
    """Bring the database to the state of db/: new migrations once, the other files again when one of them changed.

    The server must be running. It connects with [database] admin_uri: a superuser, or a member of webmacs_owner with
    CREATEROLE. `webmacs up` does the same by itself.
    """
    if status:
        _show_status(config, as_json)
        return
    if config.database.embedded:
        create_database(config.database)
    done = apply(config)
    if as_json:
        click.echo(json.dumps({"applied": done}))
    else:
        click.echo("\n".join(f"applied {name}" for name in done) or "Nothing to do: the database is up to date.")


def _show_status(config: Config, as_json: bool) -> None:
    states = read_status(config)
    if as_json:
        click.echo(json.dumps([asdict(state) for state in states]))
    else:
        click.echo("\n".join(f"{state.state:8} {state.name}" for state in states))
