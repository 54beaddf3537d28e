"""`webmacs-controller run`"""

from pathlib import Path

import click

from webmacs_controller import logs
from webmacs_controller.assembly import make_buffer, make_setup, make_tokens
from webmacs_controller.cli.options import config_option, load_or_exit, run_async, stop_on_signals
from webmacs_controller.clock.clock import Clock
from webmacs_controller.commands.journal import Journal
from webmacs_controller.guard.guard import guarded
from webmacs_controller.guard.pulse import Pulse
from webmacs_controller.service import Setup, serve
from webmacs_controller.settings import Settings


@click.command()
@config_option
def run(path: Path) -> None:
    """Measure and send until SIGTERM or Ctrl-C.

    Then outputs are set to their safe values, and what has been measured is sent, before the command ends. If the
    process dies or stands still meanwhile, another takes its place.
    """
    settings, _ = load_or_exit(path, make_setup)
    logs.to_stderr()
    pulse = guarded()
    run_async(_serve(settings, make_setup(settings), pulse))


async def _serve(settings: Settings, setup: Setup, pulse: Pulse) -> None:
    stop = stop_on_signals()
    buffer, journal = make_buffer(settings, Clock()), Journal(settings.journal_file)
    await serve(settings.server.url, make_tokens(settings), setup, buffer, journal, stop, pulse)
