"""What the subcommands share."""

import asyncio
import signal
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TypeVar

import click

from webmacs_controller.assembly import activate_packages, first_configuration, make_instance
from webmacs_controller.measuring.instance import Instance
from webmacs_controller.sdk import ConfigError
from webmacs_controller.settings import Settings, load

T = TypeVar("T")

SETTLE_SECONDS = 0.3
"""Between connecting and a first reading, so that rates have something to be measured over."""

config_option = click.option(
    "--config",
    "path",
    type=click.Path(path_type=Path),
    default=Path("controller.toml"),
    show_default=True,
    help="The controller's settings.",
)

instances_argument = click.argument("names", metavar="[INSTANCE]...", nargs=-1)


def load_or_exit(path: Path, make: Callable[[Settings], T]) -> tuple[Settings, T]:
    """The settings and what is made of them, with the plugins of packages; a mistake is one line, and exit code 1."""
    try:
        settings = load(path)
        activate_packages(settings)
        return settings, make(settings)
    except ConfigError as error:
        raise click.ClickException(str(error)) from None


def instances_or_exit(path: Path, names: Sequence[str]) -> tuple[Settings, list[Instance]]:
    """The settings, and the instances with these names or else all that are at work; mistakes as above. What is wrong
    with another instance does not matter."""
    settings, configuration = load_or_exit(path, first_configuration)
    known = {entry.name: (entry, number) for number, entry in enumerate(configuration.instances, 1)}
    for name in names:
        if name not in known:
            raise click.ClickException(f"there is no instance {name!r}; there are {', '.join(known)}")
    chosen = [known[name] for name in names] or [pair for pair in known.values() if pair[0].enabled]
    try:
        return settings, [make_instance(entry, f"instances[{number}]") for entry, number in chosen]
    except ConfigError as error:
        raise click.ClickException(str(error)) from None


def stop_on_signals() -> asyncio.Event:
    """Set by SIGTERM and Ctrl-C, from now on until the event loop ends."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def run_async(main: Coroutine[object, object, T]) -> T:
    """As asyncio.run; Ctrl-C ends quietly."""
    try:
        return asyncio.run(main)
    except KeyboardInterrupt:
        raise SystemExit(130) from None
