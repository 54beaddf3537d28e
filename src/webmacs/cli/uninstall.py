"""`webmacs uninstall`"""

import os
from pathlib import Path

import click

from webmacs.cli.install import FILE, show
from webmacs.install.machine import Machine
from webmacs.install.plan import DATABASE, SETTINGS, STATE, Plan
from webmacs.install.removal import steps
from webmacs.install.step import go
from webmacs.problem import Problem


@click.command()
@click.option("--data", is_flag=True, help="Also the database, settings, keys and accounts: all that was measured.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Say what would be removed, and remove nothing.")
@click.option("--root", type=FILE, default="/", help="An image below this folder.")
def uninstall(data: bool, yes: bool, dry_run: bool, root: Path) -> None:
    """Take from this machine what `webmacs install` has put there. Data stay, unless --data is said.

    Packages of Debian stay as well; others may need them.

    \b
      webmacs uninstall --dry-run
      webmacs uninstall                # data stay: `webmacs install` finds them again
      webmacs uninstall --data         # asks first
    """
    if os.geteuid() != 0:
        raise Problem("Uninstalling needs root; put `sudo` before it.")
    if data and not (yes or dry_run):
        click.confirm("All that was ever measured on this machine is removed. Is that wanted?", abort=True)
    plan = Plan(Machine(root))
    changed = show(go(steps(plan, data), dry_run))
    if dry_run:
        click.echo(f"{changed} changes, of which none was made.")
    elif not data:
        click.echo(f"{STATE}, {SETTINGS} and the database {DATABASE} are left; --data removes them.")
