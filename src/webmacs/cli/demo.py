"""`webmacs demo`"""

import click

from webmacs.cli.options import pass_config
from webmacs.cli.owner import owner
from webmacs.config import Config
from webmacs.demo import prepare
from webmacs.problem import Problem


@click.command()
@click.option("--days", type=click.IntRange(1, 3650), default=30, show_default=True, help="How far back.")
@pass_config
def demo(config: Config, days: int) -> None:
    """Give the demo controller's channels a past: values every 30 seconds, and experiments.

    The values end where real ones begin. May be repeated: what is there stays, what is missing is added.

    \b
      webmacs demo --days 30
    """
    if days > config.ingest.past_days:
        raise Problem(f"[ingest] past_days allows values of the last {config.ingest.past_days} days, not of {days}.")
    with owner(config) as connection:
        connection.commit()
        connection.autocommit = True
        filling = prepare(connection, days)
        added = 0
        with click.progressbar(filling.write(connection), length=len(filling.days()), label="days") as progress:
            for points in progress:
                added += points
        filling.campaigns(connection)
    click.echo(f"Added {added} values from {filling.begin:%Y-%m-%d} to {filling.end:%Y-%m-%d %H:%M} UTC.")
