"""`webmacs-controller run`"""

import faulthandler
import sys
from dataclasses import replace
from pathlib import Path

import click

from webmacs_controller import logs
from webmacs_controller.assembly import (
    activate_packages,
    leave_out_packages,
    make_buffer,
    make_packages,
    make_setup,
    make_tokens,
    make_updates,
    make_watch,
)
from webmacs_controller.cli.options import config_option, load_or_exit, run_async, stop_on_signals
from webmacs_controller.clock.clock import Clock
from webmacs_controller.commands.journal import Journal
from webmacs_controller.guard.guard import ANEW, guarded
from webmacs_controller.guard.pulse import Pulse
from webmacs_controller.safety.troubles import MOST_FALLS
from webmacs_controller.service import Setup, serve
from webmacs_controller.settings import Settings

LEFT_OUT = "The process died {} times in a row; packages are left out until they are changed, or it is started again."


@click.command()
@config_option
@click.option("--debug", is_flag=True, help="Log everything, to this console.")
def run(path: Path, debug: bool) -> None:
    """Measure and send until SIGTERM or Ctrl-C.

    Then outputs are set to their safe values, and what has been measured is sent, before the command ends. If the
    process dies or stands still meanwhile, another takes its place; so it does when packages have been replaced.
    """
    settings, _ = load_or_exit(path, make_setup)
    logs.begin(settings.log_plan(debug))
    pulse = guarded()
    faulthandler.enable()  # a driver in C that kills the process is found in the log
    if pulse.falls < MOST_FALLS:
        activate_packages(settings)  # again: there may be more of them than when the guard began
    else:
        leave_out_packages(settings)
    if run_async(_serve(settings, make_setup(settings), pulse)):
        sys.exit(ANEW)


async def _serve(settings: Settings, setup: Setup, pulse: Pulse) -> bool:
    stop = stop_on_signals()
    buffer, journal = make_buffer(settings, Clock()), Journal(settings.journal_file)
    tokens = make_tokens(settings)
    left_out = LEFT_OUT.format(pulse.falls) if pulse.falls >= MOST_FALLS else ""
    setup = replace(
        setup,
        packages=make_packages(settings, tokens, left_out),
        watch=make_watch(settings),
        updates=make_updates(settings, tokens),
    )
    return await serve(settings.server.url, tokens, setup, buffer, journal, stop, pulse)
