"""What the subcommands share."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TypeVar

import click

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


def load_or_exit(path: Path, make: Callable[[Settings], T]) -> tuple[Settings, T]:
    """The settings and what is made of them; a mistake in them is one line, and exit code 1."""
    try:
        settings = load(path)
        return settings, make(settings)
    except ConfigError as error:
        raise click.ClickException(str(error)) from None


def run_async(main: Coroutine[object, object, T]) -> T:
    """As asyncio.run; Ctrl-C ends quietly."""
    try:
        return asyncio.run(main)
    except KeyboardInterrupt:
        raise SystemExit(130) from None
