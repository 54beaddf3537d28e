"""The command `webmacs-controller`."""

import click

from webmacs_controller import __version__
from webmacs_controller.cli.buffer import buffer
from webmacs_controller.cli.check import check
from webmacs_controller.cli.new_plugin import new_plugin
from webmacs_controller.cli.read import read
from webmacs_controller.cli.run import run
from webmacs_controller.cli.update import update
from webmacs_controller.cli.write import write


@click.group()
@click.version_option(__version__)
def main() -> None:
    """Measures with plugins and sends the values to WebMACS.

    What it measures, and where it sends the values, is in controller.toml; controller.default.toml explains it.
    """


main.add_command(run)
main.add_command(read)
main.add_command(check)
main.add_command(write)
main.add_command(buffer)
main.add_command(new_plugin)
main.add_command(update)
