"""`webmacs maintain`"""

import asyncio

import click

from webmacs.cli.options import pass_config
from webmacs.cli.owner import explained
from webmacs.config import Config
from webmacs.gateway import warning
from webmacs.history import maintenance
from webmacs.keys import rotation


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@pass_config
def maintain(config: Config, dry_run: bool) -> None:
    """Do at once what the sidecar does by itself: partitions, rollups, retention, old deliveries, spent keys.

    Besides it writes into the log when the certificate of the page is about to end.

    It may run beside sidecars and measuring. What is just being read is dropped another time. Policies are in
    api.retention (docs/retention.md); a running sidecar acts on a change within a minute. What a change would drop:

    \b
      webmacs psql -c "begin; update api.retention set age_days = 90 where unit = 'raw';
        select * from private.expirable_partitions(); rollback"
    """
    work = maintenance.look if dry_run else maintenance.maintain
    with explained(config):
        asyncio.run(work(config, click.echo))
    if not dry_run:
        rotation.clear(config, click.echo)
        warning.of_certificate(config, click.echo)
