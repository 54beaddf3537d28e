"""The `webmacs` command. Its subcommands are imported when they are asked for, so that each starts quickly."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import psycopg

from webmacs import __version__
from webmacs.problem import Problem

# Subcommand and the module that has a click command of that name.
COMMANDS = {
    "setup": "webmacs.cli.setup",
    "up": "webmacs.cli.up",
    "serve": "webmacs.cli.serve",
    "apache": "webmacs.cli.apache",
    "migrate": "webmacs.cli.migrate",
    "user": "webmacs.cli.user",
    "token": "webmacs.cli.token",
    "keys": "webmacs.cli.keys",
    "psql": "webmacs.cli.psql",
    "export": "webmacs.cli.export",
    "import": "webmacs.cli.import_",
    "doctor": "webmacs.cli.doctor",
    "database-settings": "webmacs.cli.database_settings",
    "demo": "webmacs.cli.demo",
    "maintain": "webmacs.cli.maintain",
    "backup": "webmacs.cli.backup",
    "verify-backup": "webmacs.cli.backup",
    "restore": "webmacs.cli.backup",
    "update": "webmacs.cli.update",
    "release": "webmacs.cli.release",
    "install": "webmacs.cli.install",
    "uninstall": "webmacs.cli.uninstall",
}
# A module cannot have a command of this name.
KEYWORDS = {"import": "import_", "verify-backup": "verify_backup", "database-settings": "database_settings"}


class Mistake(click.ClickException):
    """A command that cannot be understood."""

    exit_code = 2


@contextmanager
def one_line() -> Iterator[None]:
    """Whatever a person did wrong is said in one line; the exit code is 2 for a wrong command, else 1."""
    try:
        yield
    except click.exceptions.NoArgsIsHelpError:
        raise
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "webmacs"
        raise Mistake(f"{error.format_message()} See `{command} --help`.") from None
    except Problem as problem:
        raise click.ClickException(str(problem)) from None
    except psycopg.Error as error:
        raise click.ClickException(f"The database refused: {' '.join(str(error).split())}") from None


class Commands(click.Group):
    """Finds the subcommands in their modules."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(COMMANDS[cmd_name]), KEYWORDS.get(cmd_name, cmd_name))
        return command

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        with one_line():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> object:
        with one_line():
            return super().invoke(ctx)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.option(
    "--config",
    "config_file",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="WEBMACS_CONFIG",
    help="The settings to use; its folder is the project folder.  [default: ./config.toml]",
)
@click.pass_context
def main(ctx: click.Context, config_file: Path | None) -> None:
    """Monitors sensors, acquires data and automates processes.

    A first start, in the folder that shall hold the settings and the data:

      webmacs setup    writes config.toml with fresh passwords, and keys

      webmacs up       starts everything and tells where it is

    config.default.toml explains every setting.
    """
    ctx.obj = config_file
