"""`webmacs-controller buffer`"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import click

from webmacs_controller.assembly import first_configuration
from webmacs_controller.cli.columns import align
from webmacs_controller.cli.options import config_option
from webmacs_controller.sdk import ConfigError
from webmacs_controller.settings import load
from webmacs_controller.storage.contents import Contents, read_contents
from webmacs_controller.storage.errors import StoreError

HEADINGS = ("instance", "points", "oldest", "newest", "")
POINTS = HEADINGS.index("points")


@click.command()
@config_option
def buffer(path: Path) -> None:
    """Show what waits on disk for the server.

    Also of a controller that runs; what is younger than buffer.flush_seconds is in its memory alone. A question mark:
    the clock was not set, times are what the system clock showed.
    """
    try:
        settings = load(path)
        file = settings.buffer_file
        if file.exists():
            names = {instance.key: instance.name for instance in first_configuration(settings).instances}
            click.echo(_render(file, read_contents(file), names))
        else:
            click.echo(f"{file} is not there: nothing has ever waited for longer than buffer.flush_seconds")
    except (ConfigError, StoreError) as error:
        raise click.ClickException(str(error)) from None


def _render(file: Path, contents: Contents, names: Mapping[str, str]) -> str:
    rows = [
        (
            names.get(key, key),
            f"{waiting.points}",
            _time(waiting.oldest),
            _time(waiting.newest),
            "?" if waiting.uncertain else "",
        )
        for key, waiting in sorted(contents.instances.items(), key=lambda item: names.get(item[0], item[0]))
    ]
    table = align([HEADINGS, *rows], POINTS) if rows else ["nothing waits"]
    total = f"{contents.points} points in {contents.rows} rows; the file takes {contents.bytes / 1e6:.1f} MB"
    return "\n".join([f"{file}: {total}", *table])


def _time(time: datetime) -> str:
    return time.isoformat(" ", "seconds")
