"""`webmacs install`"""

import os
from collections.abc import Iterator
from pathlib import Path

import click

from webmacs.install.database import Administrator
from webmacs.install.machine import Machine
from webmacs.install.plan import Plan
from webmacs.install.step import Line, Step, go
from webmacs.install.steps import steps
from webmacs.install.system import require_debian
from webmacs.problem import Problem

FILE = click.Path(path_type=Path, resolve_path=True)
WIDTH = 13


@click.command()
@click.option("--public-url", help="How browsers reach it, such as https://lab.example.org. Needed the first time.")
@click.option("--certificate", type=FILE, help="For TLS, with those between it and the authority.  [default: our own]")
@click.option("--certificate-key", type=FILE, help="Its private key.")
@click.option("--postgrest", type=FILE, help="The program PostgREST, 12 or newer.  [default: that of npm]")
@click.option("--dry-run", is_flag=True, help="Say what each step would change, and change nothing.")
@click.option("--force", is_flag=True, help="Replace files that were changed by hand; they are kept as .old.")
@click.option("--root", type=FILE, default="/", help="An image below this folder; what needs a machine is left out.")
def install(
    public_url: str | None,
    certificate: Path | None,
    certificate_key: Path | None,
    postgrest: Path | None,
    dry_run: bool,
    force: bool,
    root: Path,
) -> None:
    """Make this machine a WebMACS server: Debian 12 or newer, or Raspberry Pi OS; as root (docs/production.md).

    It may be repeated, as after an upgrade: what is as it should be stays, and what was changed by hand is not
    overwritten. Each step tells one of: ok, changed, would change, kept, left out.

    \b
      webmacs install --public-url https://lab.example.org --dry-run
      webmacs install --public-url https://lab.example.org
    """
    machine = Machine(root)
    if os.geteuid() != 0:
        raise Problem("Installing needs root; put `sudo` before it.")
    if (certificate is None) != (certificate_key is None):
        raise Problem("--certificate and --certificate-key belong together.")
    require_debian(machine)
    done: list[Step] = []
    plan = Plan(machine, public_url, certificate, certificate_key, postgrest, force)
    plan.check()
    _end(plan, done, show(go(_noted(plan, done), dry_run)), dry_run)


def show(lines: Iterator[Line]) -> int:
    """As they come. Returns how many changes there are."""
    changed = 0
    for line in lines:
        click.echo(f"{line.result:{WIDTH}} {line.name:15} {line.text}")
        changed += line.result in ("changed", "would change")
    return changed


def _noted(plan: Plan, done: list[Step]) -> Iterator[Step]:
    for step in steps(plan):
        done.append(step)
        yield step


def _end(plan: Plan, done: list[Step], changed: int, dry_run: bool) -> None:
    if dry_run:
        click.echo(f"{changed} changes, of which none was made." if changed else "Nothing would change.")
        return
    click.echo(f"{changed} changes were made." if changed else "Nothing was to do.")
    for step in done:
        if isinstance(step, Administrator) and step.said:
            click.echo(step.said)
    if plan.machine.live:
        click.echo(f"WebMACS is at {plan.config.server.public_url}")
