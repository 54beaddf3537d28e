"""What the subcommands share."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec

import click

from webmacs.config import Config, load_config
from webmacs.problem import Problem

P = ParamSpec("P")

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")


def config_file() -> Path | None:
    """What `webmacs --config` was given."""
    chosen: Path | None = click.get_current_context().find_root().obj
    return chosen


def pass_config(command: Callable[Concatenate[Config, P], None]) -> Callable[P, None]:
    """Give the command the settings as its first argument."""

    @wraps(command)
    def with_config(*args: P.args, **kwargs: P.kwargs) -> None:
        chosen = config_file()
        if chosen and not chosen.exists():
            raise Problem(f"There is no {chosen}; `webmacs --config {chosen} setup` writes it.")
        command(load_config(chosen), *args, **kwargs)

    return with_config
