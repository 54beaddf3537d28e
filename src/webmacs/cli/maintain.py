"""`webmacs maintain`"""

import asyncio

import click

from webmacs.cli.options import pass_config
from webmacs.cli.owner import explained
from webmacs.config import Config
from webmacs.history import maintenance


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@pass_config
def maintain(config: Config, dry_run: bool) -> None:
    """Do at once what the sidecar does by itself: partitions, rollups, retention, old deliveries.

    It may run beside sidecars and measuring. What is just being read is dropped another time. Policies are in
    api.retention.

    \b
      webmacs psql -c "update api.retention set age_days = 90 where unit = 'raw'"
      webmacs maintain --dry-run
    """
    work = maintenance.look if dry_run else maintenance.maintain
    with explained(config):
        asyncio.run(work(config, click.echo))
