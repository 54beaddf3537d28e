"""`webmacs setup`"""

import click

from webmacs.cli.options import config_file
from webmacs.setup import set_up


@click.command()
def setup() -> None:
    """Write what is missing: config.toml with fresh passwords, signing keys, postgrest.conf and controller.toml.

    What is there stays, so it may be run again at any time; the lines of postgrest.conf and controller.toml that follow
    from config.toml are brought up to date.
    """
    for made in set_up(config_file()):
        click.echo(f"wrote {made}")
