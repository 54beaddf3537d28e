"""`webmacs database-settings`"""

import shutil
from pathlib import Path

import click

from webmacs.embedded.sizing import GB, fragment, memory, settings


@click.command()
@click.option("--memory", "gigabytes", type=click.FloatRange(0.25, 4096), help="Gigabytes.  [default: this machine's]")
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True),
    default=Path("/var/lib"),
    show_default=True,
    help="A folder on the disk of the data.",
)
def database_settings(gigabytes: float | None, data: Path) -> None:
    """Print settings of PostgreSQL that suit a machine of this size (docs/production.md).

    \b
      webmacs database-settings > /etc/postgresql/15/main/conf.d/webmacs.conf
      systemctl restart postgresql

    The embedded server has them from the beginning.
    """
    size = memory() if gigabytes is None else int(gigabytes * GB)
    click.echo(fragment(settings(size, shutil.disk_usage(data).total)), nl=False)
